"""The data folder of the embedded servers: its files, its locks, and the short path of its sockets."""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from config.embedded import service_user
from config.embedded.errors import EmbeddedServerError

#: A socket's path ends at 107 bytes (Linux; 103 on macOS), far below what a data folder's may have, so the sockets
#: live in a folder of their own under the temporary one, unless that one is long too.
_LONGEST_TEMPORARY_DIR = 50


#: Bytes of a server's log beyond which the next start begins a new one.
LONGEST_LOG = 10 * 2**20


def make_private(path: Path) -> None:
    """Make the data folder, for its owner alone; close one to others that was made open."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = path.stat().st_mode
    if mode & stat.S_ISVTX:
        raise EmbeddedServerError(f"{path} is a folder of everybody's: DATA_DIR must be one of its own")
    if mode & 0o077:
        path.chmod(0o700)


def keep_short(log: Path) -> None:
    """Put a log aside that has grown long, in place of the one that was put aside before; its server is not running."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > LONGEST_LOG:
            log.rename(log.with_name(f"{log.name}.1"))


class Folder:
    """Name the files of one data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.users_lock = self.path / "users.lock"
        self.start_lock = self.path / "start.lock"
        self.closer_lock = self.path / "closer.lock"
        self.closer_log = self.path / "closer.log"
        self.postgres = self.path / "postgres"
        self.postgres_log = self.path / "postgres.log"
        self.redis = self.path / "redis"
        self._sockets = self.path / "sockets"

    def lock_as_user(self) -> int:
        """Take the users' shared lock and return its descriptor, which holds it until closed; create the folder."""
        make_private(self.path)
        descriptor = os.open(self.users_lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def socket_dir(self) -> Path:
        """Return the folder of the sockets, made for this owner alone when there is none yet.

        Its name is random and kept in the data folder, together with the data folder's own path: a copied or moved
        data folder gets sockets of its own.
        """
        with suppress(FileNotFoundError):
            kept, owner = self._sockets.read_text().split("\n", 1)
            if owner == str(self.path) and Path(kept).stat().st_uid == os.geteuid():
                return Path(kept)
        temporary = tempfile.gettempdir()
        if len(temporary.encode()) > _LONGEST_TEMPORARY_DIR:
            temporary = "/tmp"  # nosec B108  # a folder of our own is made in it, by mkdtemp
        made = Path(tempfile.mkdtemp(prefix="fleet-", dir=temporary))
        service_user.let_in(made)
        self._sockets.write_text(f"{made}\n{self.path}")
        return made

    def postgres_sockets(self) -> Path:
        """Return the folder in which PostgreSQL makes its socket: its own, and so none of the other sockets' folder."""
        path = self.socket_dir() / "postgres"
        if not path.exists():
            path.mkdir(mode=0o700)
            service_user.give(path)
        return path


def try_lock(path: Path) -> FileIO | None:
    """Return an open file holding the exclusive lock on ``path``, or None when another process has it."""
    file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the exclusive lock on ``path``; wait for it when another process has it."""
    with FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
