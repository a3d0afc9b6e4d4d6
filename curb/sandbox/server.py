"""The sandbox's HTTP server: small, on this machine only, and able to drop a connection, which a real one is not."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

from curb.errors import PortTaken
from curb.sandbox.service import Answer, Sandbox

HOST = "127.0.0.1"
MAX_HEADERS = 100
MAX_BODY = 4 * 1024 * 1024


async def serve(sandbox: Sandbox, *, port: int = 0, started: Callable[[str], None], stop: asyncio.Event) -> None:
    """Serve until ``stop`` is set; ``started`` is called with the address. Port 0 means any free one.

    :raises PortTaken: something else listens there
    """

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            await _answer_one(sandbox, reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    try:
        server = await asyncio.start_server(handle, HOST, port)
    except OSError as failure:
        raise PortTaken(f"Port {port} can't be used: {failure.strerror}.", port=port) from None
    async with server:
        started(f"http://{HOST}:{server.sockets[0].getsockname()[1]}/")
        await stop.wait()


@contextmanager
def run_in_thread(sandbox: Sandbox) -> Iterator[str]:
    """Serve on a free port while the block runs, and give its address."""
    address: list[str] = []
    stops: list[Callable[[], object]] = []
    is_up = threading.Event()

    def note(url: str) -> None:
        address.append(url)
        is_up.set()

    async def serve_until_stopped() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        await serve(sandbox, started=note, stop=stop)

    thread = threading.Thread(target=lambda: asyncio.run(serve_until_stopped()), name="curb-sandbox")
    thread.start()
    try:
        if not is_up.wait(timeout=10):
            raise RuntimeError("The sandbox did not start.")
        yield address[0]
    finally:
        stops[0]()
        thread.join()


async def _answer_one(sandbox: Sandbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request, one answer, and the connection is closed: the least of HTTP/1.1 that every client understands."""
    request_line = (await reader.readline()).decode("latin-1").split()
    if len(request_line) != 3:
        return
    length = 0
    async for name, value in _read_headers(reader):
        if name == "content-length":
            length = int(value)
    if length > MAX_BODY:
        return
    body = await reader.readexactly(length)
    answer = await sandbox.answer(request_line[1].partition("?")[0], request_line[0], body)
    if answer.body is None:
        writer.transport.abort()
        return
    writer.write(_build_head(answer, len(answer.body)))
    if answer.is_cut:
        writer.write(answer.body[: len(answer.body) // 2])
        return
    writer.write(answer.body)
    await writer.drain()


async def _read_headers(reader: asyncio.StreamReader) -> AsyncIterator[tuple[str, str]]:
    for _ in range(MAX_HEADERS):
        line = (await reader.readline()).decode("latin-1").strip()
        if not line:
            return
        name, _, value = line.partition(":")
        yield name.strip().lower(), value.strip()


def _build_head(answer: Answer, length: int) -> bytes:
    return (
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\nContent-Type: {answer.content_type}\r\n"
        f"Content-Length: {length}\r\nConnection: close\r\n\r\n"
    ).encode("latin-1")
