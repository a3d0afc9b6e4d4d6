"""How much a request may bring: bounded before anything of it is kept, whatever its address.

Django keeps a whole body on disk before it asks who sends it, so the door is here. Whoever shows neither a session nor
a token brings no more than a login does.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from core.api.uploads import ROOM_FOR_THE_FORM
from tickets.importers.tables import MAX_BYTES as LARGEST_FILE

MOST_BYTES = LARGEST_FILE + ROOM_FOR_THE_FORM
MOST_BYTES_OF_STRANGERS = 2**20
_LET_COME_SECONDS = 10

#: An ASGI application, and a WSGI one.
Asgi = Callable[[Any, Any, Any], Any]
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class _TooLong(Exception):
    pass


def bound_asgi(application: Asgi) -> Asgi:
    """Answer 413 for the application where a body is too long, by its own word or when it has come that far."""

    async def bounded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        most = _most_bytes(is_known=b"cookie" in headers or b"authorization" in headers)
        came = 0

        async def receive_some() -> Any:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise _TooLong
            return message

        try:
            if _is_longer(headers.get(b"content-length", b"").decode("latin-1"), most):
                raise _TooLong
            await application(scope, receive_some, send)
        except _TooLong:
            body, content_type = _say_too_long(scope["path"], most)
            # Nothing else can come over this connection, since the rest of the body may be in the way.
            told = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 413, "headers": told})
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await _let_come(receive)
            await send({"type": "http.response.body", "body": b""})

    return bounded


async def _let_come(receive: Any) -> None:
    """Throw away what still comes, for a while: closed at once, a connection is reset, and a proxy loses the answer."""
    came = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_LET_COME_SECONDS):
            while came < MOST_BYTES and (message := await receive()).get("more_body"):
                came += len(message["body"])


def bound_wsgi(application: Wsgi) -> Wsgi:
    """Do the same for a WSGI server, which reads no further than a body says it goes."""

    def bounded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        most = _most_bytes(is_known="HTTP_COOKIE" in environ or "HTTP_AUTHORIZATION" in environ)
        if not _is_longer(environ.get("CONTENT_LENGTH", ""), most):
            return application(environ, start_response)
        body, content_type = _say_too_long(environ.get("PATH_INFO", ""), most)
        start_response("413 Content Too Large", [("Content-Type", content_type.decode()), ("Connection", "close")])
        return [body]

    return bounded


def _most_bytes(*, is_known: bool) -> int:
    return MOST_BYTES if is_known else MOST_BYTES_OF_STRANGERS


def _is_longer(length: str, most: int) -> bool:
    return length.isdecimal() and (len(length) > 15 or int(length) > most)


def _say_too_long(path: str, most: int) -> tuple[bytes, bytes]:
    sentence = f"A request has at most {most // 2**20} MB."
    if not path.startswith("/api/"):
        return sentence.encode(), b"text/plain; charset=utf-8"
    code = "body_too_large"
    problem = {"type": f"urn:fleet:problem:{code}", "title": "Body too large", "status": 413, "detail": sentence}
    return json.dumps({**problem, "code": code}).encode(), b"application/problem+json"
