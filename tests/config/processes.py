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
    return is_named(process, "postgres") and "-D" in list_words(process)


def is_named(process: psutil.Process, name: str) -> bool:
    """Whether a process has that name; one that ended meanwhile, as backends do, has none."""
    try:
        return bool(process.name() == name)
    except psutil.NoSuchProcess:
        return False


def list_words(process: psutil.Process) -> list[str]:
    """Return what a process was called with; nothing where it ended meanwhile."""
    try:
        return list(process.cmdline())
    except psutil.NoSuchProcess:
        return []


def assert_stopped(path: Path) -> None:
    """Wait until no server is left below ``path``."""
    deadline = time.monotonic() + 90
    while left := servers_under(path):
        assert time.monotonic() < deadline, f"left without a user: {left}"
        time.sleep(0.05)
