"""How much memory the processes of something take at most, looked at while they work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bench.import_tolls import peak_megabytes

_EVERY_SECONDS = 0.1


class Watched:
    """The most megabytes that one process held: this one, or any that it started."""

    def __init__(self) -> None:
        self.megabytes = 0.0

    def look(self) -> None:
        for process in psutil.Process().children(recursive=True):
            try:
                self.megabytes = max(self.megabytes, _peak_of(process))
            except (psutil.Error, OSError):
                continue  # it has ended since


@contextmanager
def watching_memory() -> Iterator[Watched]:
    """Look at the processes that this one starts until the end of the block; what the looking costs is CPU of ours.

    What this process held before is not counted, where the system can forget it.
    """
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    watched, over = Watched(), threading.Event()

    def look() -> None:
        while not over.wait(_EVERY_SECONDS):
            watched.look()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watched
    finally:
        over.set()
        thread.join()
        watched.megabytes = max(watched.megabytes, peak_megabytes())


def _peak_of(process: psutil.Process) -> float:
    """The most megabytes that it has held so far, where the system keeps count; what it holds now elsewhere."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 2**10
    return float(process.memory_info().rss) / 2**20
