"""The process that stops the embedded servers when their last user is gone.

Started by `config.embedded.hold`, one per data folder, and given the data folder, the sockets' folder, and the
descriptors of its own lock (taken) and of the users' lock (not taken).
"""

import fcntl
import os
import shutil
import sys
from pathlib import Path

from config.embedded import postgres, redis
from config.embedded.folder import Folder


def main(data_dir: str, sockets: str, closer_lock: str, users_lock: str) -> None:
    """Wait until nobody uses the servers, stop them, and go."""
    fcntl.flock(int(users_lock), fcntl.LOCK_EX)
    # From here until we exit, a new user waits for its lock, and then finds the servers stopped and no closer.
    # The data folder may have been deleted meanwhile: nothing below needs it.
    folder = Folder(Path(data_dir))
    redis.stop(folder, Path(sockets))
    postgres.stop(folder)
    shutil.rmtree(sockets, ignore_errors=True)
    os.close(int(closer_lock))
    os.close(int(users_lock))


if __name__ == "__main__":
    main(*sys.argv[1:])
