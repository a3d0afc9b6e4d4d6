"""The threads in which requests are answered: kept for the next, and never one that still works for somebody gone.

A few are worked on at once, and what takes long is in nobody's way.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from config.places import PLACES

pytestmark = pytest.mark.django_db  # whoever imports the application has it look at the database


class Site:
    """The application, whose answer is the thread it was made in, and its clients."""

    def __init__(self, work: Callable[[HttpRequest], object] = lambda request: None) -> None:
        from config.asgi import OneThreadHandler

        self.handler = OneThreadHandler()
        #: Kept, so that none that comes later is taken for one of them.
        self.threads: list[threading.Thread] = []

        def answer(request: HttpRequest) -> HttpResponse:
            work(request)
            self.threads.append(threading.current_thread())
            return HttpResponse(str(id(self.threads[-1])))

        self.handler.get_response = answer  # type: ignore[method-assign]

    async def ask(
        self, path: str = "/", *, leaves: asyncio.Event | None = None, comes: asyncio.Event | None = None
    ) -> str:
        """Return the thread that answered, or nothing for a client who went away before."""
        bodies: list[bytes] = []
        scope = {
            "type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "http_version": "1.1",
            "client": ("127.0.0.1", 1), "server": ("localhost", 80), "scheme": "http",
        }  # fmt: skip
        is_sent = False

        async def receive() -> dict[str, Any]:
            nonlocal is_sent
            if not is_sent:
                if comes:
                    await comes.wait()
                is_sent = True
                return {"type": "http.request"}
            await (leaves or asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            bodies.append(message.get("body", b""))

        await self.handler(scope, receive, send)
        return b"".join(bodies).decode()


def test_the_next_request_has_the_thread_of_the_last() -> None:
    site = Site()

    async def visit() -> set[str]:
        return {await site.ask() for _ in range(3)}

    assert len(asyncio.run(visit())) == 1


def test_requests_at_once_have_a_thread_each() -> None:
    together = threading.Barrier(3, timeout=30)
    site = Site(lambda request: together.wait())

    async def visit() -> list[str]:
        return list(await asyncio.gather(*(site.ask() for _ in range(3))))

    first = asyncio.run(visit())
    assert len(set(first)) == 3
    assert set(asyncio.run(visit())) == set(first)


def test_nobody_waits_for_what_a_client_who_left_had_asked_for() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def work(request: HttpRequest) -> None:
        if request.path == "/slow/":
            begun.set()
            assert may_end.wait(30)

    site = Site(work)

    async def visit() -> tuple[str, str]:
        leaves = asyncio.Event()
        gone = asyncio.create_task(site.ask("/slow/", leaves=leaves))
        await asyncio.to_thread(begun.wait, 30)
        leaves.set()
        try:
            return await asyncio.wait_for(site.ask(), 30), await asyncio.wait_for(site.ask(), 30)
        finally:
            may_end.set()
            await gone

    served, again = asyncio.run(visit())
    assert served == again


def test_no_more_threads_are_kept_than_are_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    from config import asgi

    monkeypatch.setattr(asgi, "MOST_IDLE", 1)
    together = threading.Barrier(2, timeout=30)
    site = Site(lambda request: together.wait())

    async def visit() -> list[str]:
        return list(await asyncio.gather(site.ask(), site.ask()))

    first = set(asyncio.run(visit()))
    assert len(first & set(asyncio.run(visit()))) <= 1


def test_what_takes_long_is_in_nobodys_way() -> None:
    may_end = threading.Event()

    def work(request: HttpRequest) -> None:
        if request.path == "/slow/":
            assert may_end.wait(30)

    site = Site(work)

    async def visit() -> None:
        slow = [asyncio.create_task(site.ask("/slow/")) for _ in range(PLACES)]
        try:
            await asyncio.wait_for(site.ask(), 30)
        finally:
            may_end.set()
            await asyncio.gather(*slow)

    asyncio.run(visit())


def test_a_few_are_worked_on_at_once() -> None:
    guard, at_work, most = threading.Lock(), 0, 0

    def work(request: HttpRequest) -> None:
        nonlocal at_work, most
        with guard:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.02)
        with guard:
            at_work -= 1

    site = Site(work)
    site.handler._places.seconds = 30

    async def visit() -> None:
        await asyncio.gather(*(site.ask() for _ in range(3 * PLACES)))

    asyncio.run(visit())
    assert most == PLACES


def test_who_has_not_come_whole_holds_no_place() -> None:
    site = Site()
    site.handler._places.seconds = 30

    async def visit() -> None:
        slow = [asyncio.create_task(site.ask(comes=asyncio.Event())) for _ in range(PLACES)]
        await asyncio.sleep(0)
        await asyncio.wait_for(site.ask(), 30)
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    asyncio.run(visit())


class TestStreams:
    """What is made while it is sent."""

    @pytest.fixture
    def over(self) -> list[str]:
        """Of each request that was told to be over, the thread in which."""
        return []

    @pytest.fixture
    def site(self, over: list[str]) -> Iterator[Site]:
        def note(**told: Any) -> None:
            over.append(threading.current_thread().name)

        request_finished.connect(note)
        yield Site()
        request_finished.disconnect(note)

    @staticmethod
    def answer_with(site: Site, parts: Callable[[], AsyncIterator[bytes]]) -> None:
        def answer(request: HttpRequest) -> HttpResponseBase:
            return StreamingHttpResponse(parts())

        site.handler.get_response = answer  # type: ignore[method-assign]

    def test_is_sent_whole_and_over_then(self, site: Site, over: list[str]) -> None:
        async def make() -> AsyncIterator[bytes]:
            for part in (b"one ", b"two ", b"three"):
                yield part

        self.answer_with(site, make)

        assert asyncio.run(site.ask()) == "one two three"
        assert len(over) == 1

    def test_ends_where_its_client_leaves(self, site: Site, over: list[str]) -> None:
        ended: list[int] = []

        async def visit() -> None:
            leaves = asyncio.Event()

            async def make() -> AsyncIterator[bytes]:
                try:
                    for count in range(10**9):
                        yield b"more "
                        if count == 3:
                            leaves.set()
                        await asyncio.sleep(0)
                finally:
                    ended.append(count)

            self.answer_with(site, make)
            told = await asyncio.wait_for(site.ask(leaves=leaves), 30)
            assert told.startswith("more more more more ")

        asyncio.run(visit())
        assert (len(ended), len(over)) == (1, 1)

    def test_that_fails_is_broken_off(self, site: Site, over: list[str]) -> None:
        async def make() -> AsyncIterator[bytes]:
            yield b"half"
            raise ZeroDivisionError

        self.answer_with(site, make)

        with pytest.raises(ZeroDivisionError):
            asyncio.run(site.ask())
        assert len(over) == 1

    def test_another_request_is_over_once_too_in_its_own_thread(self, site: Site, over: list[str]) -> None:
        asyncio.run(site.ask())

        assert over == [site.threads[0].name]
