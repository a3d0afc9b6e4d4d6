"""Long streams in lots: few rows are in memory at once, and the next are read while these are stored."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")


def split(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Cut a stream into lists of at most ``size``."""
    stream = iter(items)
    while lot := list(islice(stream, size)):
        yield lot


def read_ahead(lots: Iterator[list[_Item]]) -> Iterator[list[_Item]]:
    """Yield these lots, each of which is read by a thread of its own while the one before is worked off.

    For what reads and asks no database: while the server stores a lot, Python waits, and may read the next. What
    reading raises is raised here, in its turn.
    """
    nothing: list[_Item] = []
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, lots, nothing)
        while lot := coming.result():
            coming = reader.submit(next, lots, nothing)
            yield lot
