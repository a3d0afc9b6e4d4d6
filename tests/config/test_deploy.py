"""The settings on a server: strict, and loud about what is missing."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "DATABASE_URL": "postgresql://fleet:secret@db.invalid/fleet",
    "REDIS_URL": "redis://redis.invalid/0",
    "SECRET_KEY": "k3!" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "ALLOWED_HOSTS": "fleet.example.com",
}


def manage(*arguments: str, data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with none of our own variables but those given."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={**inherited, "DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_deploy_check_is_clean_with_production_variables(tmp_path):
    done = manage("check", "--deploy", "--fail-level=WARNING", data_dir=tmp_path / "data", **PRODUCTION)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert not (tmp_path / "data").exists()  # nothing of our own was started or kept


def test_a_server_without_a_secret_key_is_refused(tmp_path):
    without = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}

    done = manage("check", data_dir=tmp_path / "data", **without)

    assert done.returncode != 0
    assert "SECRET_KEY must be set" in done.stderr


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
