"""How long the product takes to start: on a data folder that has been used, and with the demo loaded into a new one.

Beside the start stands what it can't do without: the embedded PostgreSQL and Redis alone.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Row, measured
from bench.registry import Asked

ROUNDS = 2
_WAIT_SECONDS = 300


class NotReady(Exception):
    """It did not answer in time."""


def run(asked: Asked) -> Iterator[Row]:
    """Start on a folder of its own, several times; in the full bench load the demo besides."""
    with tempfile.TemporaryDirectory(prefix="fleet-bench-", ignore_cleanup_errors=True) as folder:
        environment = _environment(Path(folder))
        yield measured("config.serve in a new folder, until /readyz", "s", [_time_serving(environment)])
        rounds = [(_time_serving(environment), _time_servers(environment)) for _ in range(ROUNDS)]
        yield measured(
            "config.serve on a used folder, until /readyz", "s", [ours for ours, _ in rounds],
            yardstick=[servers for _, servers in rounds], beside="PostgreSQL and Redis alone",
        )  # fmt: skip
        if asked.is_full:
            migrated = _time_command(environment, "migrate", "--verbosity=0")
            loaded = _time_command(environment, "load_demo")
            yield measured(
                "the data of make demo", "s", [loaded], yardstick=[migrated], beside="migrate with nothing to do",
                aim="≤ 40 s",
            )  # fmt: skip


def _environment(folder: Path) -> dict[str, str]:
    """As for a person's own machine: the servers are embedded, the port is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    own.pop("DATABASE_POOL", None)  # the bench's own processes do without
    own.pop("MIGRATE_DATABASE_URL", None)
    return {**own, "DATA_DIR": str(folder), "PORT": str(port)}


def _time_serving(environment: dict[str, str]) -> float:
    with _process(environment, "-m", "config.serve") as process:
        began = time.perf_counter()
        _wait_until_ready(process, f"http://127.0.0.1:{environment['PORT']}/readyz")
        return time.perf_counter() - began


def _time_servers(environment: dict[str, str]) -> float:
    """How long until the embedded servers answer a process that wants nothing else."""
    hold = (
        "import os; from pathlib import Path; from config import embedded; embedded.hold(Path(os.environ['DATA_DIR']))"
    )
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", hold], env=environment, check=True)
    took = time.perf_counter() - began
    _wait_until_stopped(Path(environment["DATA_DIR"]))
    return took


def _time_command(environment: dict[str, str], *words: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "manage.py", *words], env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


@contextmanager
def _process(environment: dict[str, str], *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, *words], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        _wait_until_stopped(Path(environment["DATA_DIR"]))


def _wait_until_ready(process: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotReady(f"It ended with {process.returncode}; what it said is above.")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise NotReady(f"{address} was not ready after {_WAIT_SECONDS} seconds.")


def _wait_until_stopped(folder: Path) -> None:
    """The embedded servers stop behind their last user: the next start is to find them gone."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while (folder / "postgres" / "postmaster.pid").exists():
        if time.monotonic() > deadline:
            raise NotReady(f"The servers of {folder} did not stop.")
        time.sleep(0.05)
