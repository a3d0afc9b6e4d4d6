"""How much memory the processes of something take at most, looked at while they work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from bench.import_tolls import peak_megabytes

_EVERY_SECONDS = 0.05


class Watched:
    """The most megabytes that one process held: this one, or any that it started."""

    def __init__(self) -> None:
        self.megabytes = 0.0

    def look(self) -> None:
        for process in psutil.Process().children(recursive=True):
            try:
                self.megabytes = max(self.megabytes, process.memory_info().rss / 2**20)
            except psutil.Error:
                continue  # it has ended since


@contextmanager
def watching_memory() -> Iterator[Watched]:
    """Look at the processes that this one starts until the end of the block; what the looking costs is CPU of ours."""
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
