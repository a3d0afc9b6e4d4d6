"""The process that stops the embedded servers when their last user is gone.

Started by `config.embedded.hold`, one per data folder: `python -m config.embedded.closer <data folder> <lock>`.
"""

import fcntl
import os
import sys
from pathlib import Path

from config.embedded import postgres, redis
from config.embedded.folder import Folder


def main(data_dir: str, closer_lock: str) -> None:
    """Wait until nobody uses the servers, stop them, and go."""
    users = os.open(Path(data_dir) / "users.lock", os.O_RDWR)
    fcntl.flock(users, fcntl.LOCK_EX)
    # From here until we exit, a new user waits for its lock, and then finds the servers stopped and no closer.
    if Path(data_dir).is_dir():
        folder = Folder(Path(data_dir))
        redis.stop(folder)
        postgres.stop(folder)
        folder.forget_socket_dir()
    os.close(int(closer_lock))
    os.close(users)


if __name__ == "__main__":
    main(*sys.argv[1:])
