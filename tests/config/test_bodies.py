"""A body is bounded at the door, before the application or the disk has any of it."""

import asyncio
import json
from typing import Any

import pytest

from config import bodies

SESSION, TOKEN = (b"cookie", b"sessionid=x"), (b"authorization", b"Bearer x")


def ask(
    *headers: tuple[bytes, bytes], pieces: tuple[int, ...] = (), path: str = "/admin/login/"
) -> tuple[int, int, bytes]:
    """Send pieces of so many bytes to an application that reads them all: status, bytes it was given, body."""
    given, sent = 0, []
    coming = iter([*({"type": "http.request", "body": b"x" * piece, "more_body": True} for piece in pieces), {}])

    async def application(scope: Any, receive: Any, send: Any) -> None:
        nonlocal given
        while (message := await receive()).get("more_body"):
            given += len(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return next(coming)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": list(headers)}
    asyncio.run(bodies.bound_asgi(application)(scope, receive, send))
    start, *bodies_sent = sent
    return start["status"], given, b"".join(message["body"] for message in bodies_sent)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES_OF_STRANGERS", 100)
    monkeypatch.setattr(bodies, "MOST_BYTES", 1_000)


@pytest.mark.parametrize(
    ("headers", "pieces", "status", "given"),
    [
        ([], (60, 40), 200, 100),
        ([], (60, 41), 413, 60),
        ([SESSION], (600, 400), 200, 1_000),
        ([TOKEN], (600, 401), 413, 600),
        # What it says of itself is enough to refuse it, and not to let it in.
        ([(b"content-length", b"101")], (), 413, 0),
        ([TOKEN, (b"content-length", b"9" * 5_000)], (), 413, 0),
        ([(b"content-length", b"5")], (60, 41), 413, 60),
        ([(b"content-length", b"-1")], (60, 41), 413, 60),
    ],
)
def test_whatever_comes_is_bounded(headers: Any, pieces: Any, status: int, given: int) -> None:
    assert ask(*headers, pieces=pieces)[:2] == (status, given)


def test_the_answer_is_whole_before_the_rest_is_let_come_and_thrown_away() -> None:
    order: list[Any] = []

    async def receive() -> Any:
        order.append("came")
        return {"type": "http.request", "body": b"x" * 400, "more_body": True}

    async def send(message: Any) -> None:
        order.append(message)

    async def not_asked(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nothing of it goes further than the door")

    scope = {"type": "http", "path": "/", "headers": [TOKEN, (b"content-length", b"5000")]}
    asyncio.run(bodies.bound_asgi(not_asked)(scope, receive, send))

    start, body, *came, last = order
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    assert (body["more_body"], last.get("more_body"), last["body"]) == (True, None, b"")
    assert came == ["came"] * 3  # and not for ever: 1,000 bytes and no more


def test_a_program_is_told_by_a_problem() -> None:
    status, _, body = ask(TOKEN, pieces=(1_001,), path="/api/tickets/imports")
    assert (status, json.loads(body)["code"], json.loads(body)["status"]) == (413, "body_too_large", 413)


def test_a_wsgi_server_is_told_the_same() -> None:
    told: list[str] = []
    application = bodies.bound_wsgi(lambda environ, start: [b"let in"])

    def answer(**environ: str) -> bytes:
        return b"".join(application(environ, lambda status, headers: told.append(status)))

    assert answer(CONTENT_LENGTH="100") == answer(CONTENT_LENGTH="1000", HTTP_COOKIE="x") == answer() == b"let in"
    assert answer(CONTENT_LENGTH="101") == answer(CONTENT_LENGTH="101", PATH_INFO="/") == b"A request has at most 0 MB."
    assert told == ["413 Content Too Large"] * 2
