"""Long streams in lots: few rows are in memory at once, and the next are read while these are stored."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")


def split(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Cut a stream into lists of at most ``size``."""
    stream = iter(items)
    while lot := list(islice(stream, size)):
        yield lot


class ReadAhead(Iterator[list[_Item]]):
    """Lots, of which the next is read by a thread of its own while the one before is stored.

    For what reads and asks no database: while the server stores a lot, Python waits, and may read. Before, the two
    would only take turns, so :meth:`begin_next` is called when a lot is about to be sent. What reading raises is raised
    here, in its turn. Close it: a lot that is being read is read to its end first.
    """

    def __init__(self, lots: Iterator[list[_Item]]) -> None:
        self._lots = lots
        self._reader = ThreadPoolExecutor(max_workers=1)
        self._coming: Future[list[_Item]] | None = None

    def begin_next(self) -> None:
        """Have the next lot read meanwhile, if it is not being read already."""
        if self._coming is None:
            self._coming = self._reader.submit(next, self._lots, [])

    def __next__(self) -> list[_Item]:
        self.begin_next()
        assert self._coming is not None
        lot, self._coming = self._coming.result(), None
        if not lot:
            raise StopIteration
        return lot

    def close(self) -> None:
        self._reader.shutdown()
