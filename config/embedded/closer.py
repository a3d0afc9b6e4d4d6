"""The process that stops the embedded servers when their last user is gone.

Started by `config.embedded.hold`, one per data folder, with the data folder, the sockets' folder and its own lock.
"""

import fcntl
import os
import shutil
import sys
from pathlib import Path

from config.embedded import postgres, redis
from config.embedded.folder import Folder


def main(data_dir: str, sockets: str, closer_lock: str) -> None:
    """Wait until nobody uses the servers, stop them, and go."""
    folder = Folder(Path(data_dir))
    users = os.open(folder.users_lock, os.O_RDWR)
    fcntl.flock(users, fcntl.LOCK_EX)
    # From here until we exit, a new user waits for its lock, and then finds the servers stopped and no closer.
    # The data folder itself may have been deleted meanwhile: the servers are found without it.
    redis.stop(folder)
    postgres.stop(folder)
    shutil.rmtree(sockets, ignore_errors=True)
    os.close(int(closer_lock))
    os.close(users)


if __name__ == "__main__":
    main(*sys.argv[1:])
