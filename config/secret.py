"""The secret key of a person's own machine, so that none is kept in the repository."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.embedded.folder import make_private


def local_key(data_dir: Path, *, local: bool) -> str:
    """Return the key kept in ``data_dir``, made there the first time; refuse on a server.

    :raises ImproperlyConfigured: a server must be given its SECRET_KEY
    """
    if not local:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set on a server (DATABASE_URL is set and DEBUG is off): a long random text."
        )
    path = data_dir / "secret_key"
    with suppress(FileNotFoundError):
        return path.read_text()
    make_private(data_dir)
    # Several processes may start at once: each writes its own file, one link wins, and all read the winner.
    draft = data_dir / f"secret_key.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50))
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
    return path.read_text()
