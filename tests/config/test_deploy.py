"""The settings on a server: strict, and loud about what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery.signals import worker_init

from config.celery import app
from config.surroundings import refuse_half_a_server

PROJECT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "DATABASE_URL": "postgresql://fleet:secret@db.invalid/fleet",
    "REDIS_URL": "redis://redis.invalid/0",
    "SECRET_KEY": "k3!" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "ALLOWED_HOSTS": "fleet.example.com",
}


def manage(*arguments: str, data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", *arguments, data_dir=data_dir, **environment)


def run(*arguments: str, data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program with none of our own variables but those given."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**inherited, "DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_deploy_check_is_clean_with_production_variables(tmp_path):
    mail = {
        "EMAIL_URL": "submission://u:p@mail.invalid",
        "DEFAULT_FROM_EMAIL": "a@b.example",
        "ADMIN_EMAILS": "c@d.example",
    }

    done = manage("check", "--deploy", "--fail-level=INFO", data_dir=tmp_path / "data", **PRODUCTION, **mail)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert not (tmp_path / "data").exists()  # nothing of our own was started or kept


def test_the_collector_waits_for_the_code_and_looks_again(tmp_path):
    told = "import gc; print(gc.isenabled(), gc.get_freeze_count() > 100_000)"

    done = manage("shell", "--no-imports", "-c", told, data_dir=tmp_path / "data", **PRODUCTION)

    assert done.stdout == "True True\n", done.stderr


def test_a_server_without_a_secret_key_is_refused(tmp_path):
    without = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}

    done = manage("check", data_dir=tmp_path / "data", **without)

    assert done.returncode != 0
    assert "SECRET_KEY must be set" in done.stderr


def test_half_a_server_is_refused_in_one_sentence(tmp_path):
    misspelt = {"DATABSE_URL" if name == "DATABASE_URL" else name: value for name, value in PRODUCTION.items()}

    done = manage("check", data_dir=tmp_path / "data", **misspelt)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(
        "REDIS_URL and SECRET_KEY and ALLOWED_HOSTS mean a server, but DATABASE_URL is not set"
    )
    assert not (tmp_path / "data").exists()  # no empty database in the fleet's place


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "BEHIND_PROXY"])
def test_whatever_says_server_asks_for_both_stores(name):
    with pytest.raises(SystemExit, match=f"^{name} means a server, but .* not set .*FLEET_LOCAL=1"):
        refuse_half_a_server({name: "1"})


def test_ones_own_machine_is_not_asked():
    refuse_half_a_server({"PORT": "8001", "DATA_DIR": "/tmp/fleet", "SECRET_KEY": "", "BEHIND_PROXY": "0"})
    refuse_half_a_server(PRODUCTION)


@pytest.mark.parametrize("program", ["config.asgi", "config.wsgi"])
def test_a_running_server_refuses_a_key_that_is_guessed(program, tmp_path):
    done = run("-c", f"import {program}", data_dir=tmp_path / "data", **PRODUCTION | {"SECRET_KEY": "x"})

    assert done.returncode == 1
    assert "SECRET_KEY must be a long random text" in done.stderr


def test_the_worker_and_beat_refuse_it_too(monkeypatch, settings):
    settings.SECRET_KEY = "x" * 60
    with pytest.raises(SystemExit, match="SECRET_KEY must be a long random text"):
        worker_init.send(sender=None)
    with pytest.raises(SystemExit, match="SECRET_KEY must be a long random text"):
        app.Beat().start_scheduler()


def test_keys_of_before_are_still_read(tmp_path):
    old = "old!" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2
    told = "from django.conf import settings; print(settings.SECRET_KEY_FALLBACKS)"

    done = manage("shell", "-v0", "-c", told, data_dir=tmp_path / "data", **PRODUCTION, SECRET_KEY_FALLBACKS=old)

    assert done.stdout.strip() == str([old])


def test_help_starts_no_server(tmp_path):
    done = manage("help", data_dir=tmp_path / "data")

    assert done.returncode == 0
    assert not (tmp_path / "data" / "postgres").exists()


def test_the_local_key_is_made_once_and_kept_private(tmp_path):
    from config.secret import local_key

    first = local_key(tmp_path, local=True)

    assert local_key(tmp_path, local=True) == first
    assert len(first) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
