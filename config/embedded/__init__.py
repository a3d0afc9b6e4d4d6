"""PostgreSQL and Redis from the installed wheels, for a machine where neither is configured.

Everything lives in one data folder. Each process that uses the servers holds a *shared* lock on it for as long as it
lives. A small process apart, the closer, waits for the *exclusive* lock: it gets it when no user is left, however the
last one went (the kernel drops a lock with its process, kill -9 included), and then stops the servers. So nobody
counts, nothing has to be done at exit, and no signal has to be caught.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from config.embedded import postgres, redis
from config.embedded.errors import EmbeddedServerError as EmbeddedServerError
from config.embedded.folder import Folder, keep_short, locked, try_lock

_PROJECT = Path(__file__).resolve().parents[2]

#: The user locks of this process, by data folder; never closed, so they end with the process and its forks.
_held: dict[Path, int] = {}


@dataclass(frozen=True)
class Address:
    """Where the embedded servers of a data folder answer."""

    postgres_host: str
    postgres_owner: str
    postgres_role: str
    postgres_name: str
    redis_url: str


#: For commands that import the settings but never connect.
NOT_STARTED = Address("", postgres.OWNER, postgres.ROLE, postgres.DATABASE, "unix://not-started")


def hold(data_dir: Path, *, needs_postgres: bool = True, needs_redis: bool = True) -> Address:
    """Have the servers run for as long as this process lives; start those that do not run yet."""
    folder = Folder(data_dir)
    if folder.path not in _held:
        # Waits while the closer, which holds it exclusively, is stopping the servers behind an earlier user.
        _held[folder.path] = folder.lock_as_user()
    with locked(folder.start_lock):
        sockets = folder.socket_dir()
        _ensure_closer(folder, sockets)
        if needs_postgres:
            postgres.ensure_running(folder)
        if needs_redis:
            redis.ensure_running(folder)
    return Address(
        postgres_host=str(folder.postgres_sockets()),
        postgres_owner=postgres.OWNER,
        postgres_role=postgres.ROLE,
        postgres_name=postgres.DATABASE,
        redis_url=f"unix://{sockets / redis.SOCKET}",
    )


def list_dead(data_dir: Path, *, needs_postgres: bool = True, needs_redis: bool = True) -> list[str]:
    """Return the names of the servers that this process holds and that do not run: they were killed. It starts none.

    A closer that was killed is one of them.
    """
    folder = Folder(data_dir)
    asked = {
        "PostgreSQL": (needs_postgres, postgres.is_running),
        "Redis": (needs_redis, redis.is_running),
        "Their closer": (needs_postgres or needs_redis, _has_closer),
    }
    return [name for name, (is_needed, is_running) in asked.items() if is_needed and not is_running(folder)]


def _has_closer(folder: Folder) -> bool:
    # Under the start lock, or another process that looks at this moment would take us for a closer.
    with locked(folder.start_lock):
        lock = try_lock(folder.closer_lock)
        if lock is None:
            return True
        lock.close()
        return False


def _ensure_closer(folder: Folder, sockets: Path) -> None:
    """Start the closer unless one lives; it inherits its lock already taken, so there are never two or none."""
    lock = try_lock(folder.closer_lock)
    if lock is None:
        return
    keep_short(folder.closer_log)
    # The closer is given its files open, so that it works even if the folder is deleted before it has started.
    with lock, folder.users_lock.open("rb") as users, folder.closer_log.open("ab") as log:
        descriptors = [lock.fileno(), users.fileno()]
        subprocess.Popen(  # nosec B603  # our own module, no shell
            [sys.executable, "-m", "config.embedded.closer", folder.path, sockets, *map(str, descriptors)],
            cwd=_PROJECT,
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is for the users
        )
