"""The site as it is served: uvicorn and the ASGI application in a thread, and requests no client library would send."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


@contextmanager
def served() -> Iterator[int]:
    """Serve on a free port, with the test's own database; the test needs one that commits."""
    from config.asgi import application  # which looks at the database: there is one now

    server = uvicorn.Server(
        uvicorn.Config(application, port=0, lifespan="off", proxy_headers=False, access_log=False, log_config=None)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "uvicorn did not start"
        time.sleep(0.01)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(30)


def send_raw(port: int, head: bytes, body: bytes = b"") -> bytes:
    """Send the request line and headers as they are; return all that comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n" + body)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer
