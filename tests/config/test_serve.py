"""`make run` and `make demo`: everything from one command, and nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import psutil
import pytest

from config import supervisor
from config.supervisor import CannotServe, Child, Children, pause_after
from tests.config.processes import assert_stopped, is_named, is_postmaster, list_words, servers_under

PROJECT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def list_children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return what the runner started; the closer is not of them, since it outlives everybody by its nature."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "config.embedded.closer" not in list_words(child)]


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


def is_well(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@dataclass
class Served:
    process: subprocess.Popen[str]
    port: int
    data_dir: Path
    started: list[psutil.Process]
    #: What it says from then on; it must be read, or whoever writes it waits.
    said: list[str]
    reader: threading.Thread


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
        told: list[str] = []
        reader = threading.Thread(target=told.extend, args=[process.stdout])
        reader.start()
        yield Served(process, port, data_dir, list_children(process), told, reader)
    finally:
        process.kill()
        process.wait()
        assert_stopped(data_dir)


def test_serves_refuses_a_second_and_stops_everything(served, tmp_path):
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/healthz", timeout=10) as answer:
        told = json.load(answer)
    parts = ("database", "schema", "static", "redis", "worker", "beat", "disk")
    none_yet = dict.fromkeys(("close", "audit", "backup"), "none")
    assert {**told, "seals": None} == {**dict.fromkeys(parts, "ok"), **none_yet, "seals": None}

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


def test_what_is_killed_is_started_again(served):
    def find() -> dict[str, psutil.Process]:
        """The main process of each child, by name."""
        children = psutil.Process(served.process.pid).children()
        # (Of one that ended, a zombie too, there are no words.)
        return {
            name: child for name in ("uvicorn", "worker", "beat") for child in children if name in list_words(child)
        }

    def wait_until_well(*, without: set[int]) -> None:
        deadline = time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline, "it does not come up again"
            now = {child.pid for child in find().values()}
            if len(now) == 3 and not now & without and is_well(served.port):
                return
            time.sleep(0.1)

    killed = set()
    for child in find().values():
        child.kill()
        killed.add(child.pid)
    wait_until_well(without=killed)
    servers = [
        server for server in servers_under(served.data_dir) if is_named(server, "redis-server") or is_postmaster(server)
    ]
    assert len(servers) == 2
    for server in servers:
        server.kill()
    psutil.wait_procs(servers, timeout=10)
    wait_until_well(without=set())

    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(30) == 0
    served.reader.join()
    said = "".join(served.said)
    for name in ("web server", "Celery worker", "beat scheduler"):
        assert said.count(f"The {name} ended (killed by SIGKILL); it is started again in 1 s.") == 1
    assert "PostgreSQL" in said
    assert "Redis" in said


class TestChildren:
    """With children that do nothing, and no pauses."""

    @pytest.fixture
    def stores(self, monkeypatch, tmp_path) -> Any:
        monkeypatch.setattr(supervisor, "_FIRST_PAUSE", 0.0)
        return SimpleNamespace(find_silent=lambda: "")

    def keep(self, children: Children, stores: Any, *, times: int = 1000) -> None:
        for _ in range(times):
            children.keep(stores)
            time.sleep(0.01)

    def test_what_can_not_start_ends_it_all(self, stores, capfd):
        children = Children()
        children.start("web server", "-c", "print('started', flush=True); raise SystemExit(3)")

        with pytest.raises(CannotServe, match=r"web server ended 5 times in a row within 10 seconds .*exit code 3"):
            self.keep(children, stores)

        said = capfd.readouterr().out
        assert (said.count("started\n"), said.count("it is started again")) == (5, 4)

    def test_what_ends_for_want_of_a_store_waits_for_it(self, stores, capfd):
        silent = ["Redis"] * 20
        stores.find_silent = lambda: silent.pop() if silent else ""
        children = Children()
        child = children.start("beat scheduler", "-c", "raise SystemExit(1)")
        child.process.wait()

        self.keep(children, stores, times=10)

        assert (child.failed_starts, child.ends) == (0, 1)
        assert "(exit code 1); it is started again when Redis answers." in capfd.readouterr().out
        assert len(silent) > 0
        children.stop()

    def test_stopping_needs_nobody_alive(self, stores):
        children = Children()
        children.start("web server", "-c", "import time; time.sleep(60)")
        ended = children.start("beat scheduler", "-c", "raise SystemExit(0)")
        ended.process.wait()

        children.stop()

        assert [child.process.poll() for child in children.kept.values()] == [-signal.SIGTERM, 0]


def test_pauses_double_up_to_half_a_minute():
    assert [pause_after(ends) for ends in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_good_life_is_followed_by_a_short_pause():
    child = Child("web server", (), signal.SIGTERM, {}, Mock(), started_at=100.0, ends=4, failed_starts=4)

    child.note_end(161.0, is_counted=True)

    assert (child.ends, child.failed_starts, child.again_at) == (1, 0, 162.0)


def test_only_the_migration_is_told_how_to_be_the_owner(monkeypatch, capfd):
    monkeypatch.setenv("MIGRATE_DATABASE_URL", "postgresql://owner@db/fleet")
    children, tell = Children(), "import os; print(os.environ.get('MIGRATE_DATABASE_URL'))"

    children.run("web server", "-c", tell)
    children.run("migration", "-c", tell, as_owner=True)

    assert capfd.readouterr().out.split() == ["None", "postgresql://owner@db/fleet"]
