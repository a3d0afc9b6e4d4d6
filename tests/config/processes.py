"""Finding the servers that belong to a data folder."""

import time
from pathlib import Path

import psutil


def servers_under(path: Path) -> list[psutil.Process]:
    """Return the servers and closers at work in a folder below ``path``."""
    found = []
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
            named = process.name() in {"postgres", "redis-server"} or "config.embedded.closer" in command
            if named and (str(path) in " ".join(command) or process.cwd().startswith(str(path))):
                found.append(process)
        except psutil.Error:
            continue
    return found


def count_postmasters(path: Path) -> int:
    return sum(is_postmaster(process) for process in servers_under(path))


def is_postmaster(process: psutil.Process) -> bool:
    try:
        return process.name() == "postgres" and "-D" in process.cmdline()
    except psutil.NoSuchProcess:
        return False  # a backend that has just ended


def assert_stopped(path: Path) -> None:
    """Wait until no server is left below ``path``."""
    deadline = time.monotonic() + 90
    while left := servers_under(path):
        assert time.monotonic() < deadline, f"left without a user: {left}"
        time.sleep(0.05)
