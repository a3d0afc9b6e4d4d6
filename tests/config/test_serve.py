"""`make run` and `make demo`: everything from one command, and nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from config.serve import Children
from tests.config.processes import assert_stopped

PROJECT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def list_children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return what the runner started; the closer is not of them, since it outlives everybody by its nature."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "config.embedded.closer" not in child.cmdline()]


def assert_ended(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def refusal_of(process: subprocess.Popen[str]) -> str:
    """Return the one line with which ``process`` refuses to serve."""
    try:
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, said.count("\n")) == (1, 1), said
    return said


def start_serving(*, port: int, data_dir: Path) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO")}
    return subprocess.Popen(
        [sys.executable, "-m", "config.serve"],
        cwd=PROJECT,
        env={**inherited, "PORT": str(port), "DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@dataclass
class Served:
    process: subprocess.Popen[str]
    port: int
    data_dir: Path
    started: list[psutil.Process]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all: its database is made once, as an operator's is."""
    return tmp_path_factory.mktemp("served") / "data"


@pytest.fixture
def served(data_dir: Path) -> Iterator[Served]:
    port = free_port()
    process = start_serving(port=port, data_dir=data_dir)
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        assert f"http://127.0.0.1:{port}" in said, said
        yield Served(process, port, data_dir, list_children(process))
    finally:
        process.kill()
        process.wait()
        assert_stopped(data_dir)


def test_serves_refuses_a_second_and_stops_everything(served, tmp_path):
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/healthz", timeout=10) as answer:
        told = json.load(answer)
    parts = ("database", "schema", "static", "redis", "worker", "beat", "disk")
    assert {**told, "seals": None} == {**dict.fromkeys(parts, "ok"), "close": "none", "audit": "none", "seals": None}

    same_folder = start_serving(port=free_port(), data_dir=served.data_dir)
    assert "already being served" in refusal_of(same_folder)
    same_port = start_serving(port=served.port, data_dir=tmp_path / "other")
    assert f"Port {served.port} cannot be used" in refusal_of(same_port)

    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(30) == 0
    assert_ended(served.started)


def test_killed_outright_leaves_nothing(served):
    served.process.kill()

    assert_ended(served.started)


def test_the_end_of_one_ends_all(served):
    worker = next(child for child in served.started if "worker" in child.cmdline())

    worker.kill()

    assert served.process.wait(30) == 1
    assert "Celery worker ended by itself" in served.process.stdout.read()
    assert_ended(served.started)


def test_only_the_migration_is_told_how_to_be_the_owner(monkeypatch, capfd):
    monkeypatch.setenv("MIGRATE_DATABASE_URL", "postgresql://owner@db/fleet")
    children, tell = Children(), "import os; print(os.environ.get('MIGRATE_DATABASE_URL'))"

    children.run("web server", "-c", tell)
    children.run("migration", "-c", tell, as_owner=True)

    assert capfd.readouterr().out.split() == ["None", "postgresql://owner@db/fleet"]
