"""Files kept of a driver: stored under the digest of their bytes, and known by these alone."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User

from core.checks import check_text
from core.transactions import bounded_transaction
from leases.errors import FileAddedBefore, FileInvalid
from leases.models import DriverFile
from leases.selectors import get_file_path
from leases.services.records import lock_driver_row

MAX_BYTES = 10 * 1024 * 1024
_BEGINNINGS = {
    b"%PDF-": DriverFile.Kind.PDF,
    b"\xff\xd8\xff": DriverFile.Kind.JPEG,
    b"\x89PNG\r\n\x1a\n": DriverFile.Kind.PNG,
}


@bounded_transaction
def add_file(*, driver_id: int, name: str, content: bytes, actor: User | None) -> DriverFile:
    """Keep a file of a driver. What it is its first bytes say, whatever it is called.

    :raises FileInvalid: neither a PDF nor a picture (JPEG, PNG); empty, or of more than 10 MB
    :raises core.errors.ValueInvalid: a name of more than 120 characters, or with some that can't be seen
    :raises ledger.services.DriverNotFound: no driver has this number
    :raises FileAddedBefore: the driver has these very bytes already
    """
    name = check_text(name, field="file", longest=120)
    kind = next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)
    if kind is None:
        raise FileInvalid("This is neither a PDF nor a picture (JPEG or PNG).")
    if len(content) > MAX_BYTES:
        raise FileInvalid("A file has at most 10 MB.")
    digest = hashlib.sha256(content).hexdigest()
    lock_driver_row(driver_id)
    there = DriverFile.objects.filter(driver_id=driver_id, sha256=digest).first()
    if there is not None:
        raise FileAddedBefore(f"This file is there already, as {there.name}.")
    # Before its row: a file without a row is nobody's, a row without its file would be a promise that is broken.
    _store(digest, content)
    kept = DriverFile.objects.create(
        driver_id=driver_id, name=name, sha256=digest, content_type=kind, size=len(content), added_by=actor
    )
    kept.refresh_from_db()
    return kept


def _store(digest: str, content: bytes) -> None:
    path = get_file_path(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Under its name only once it is whole.
    handle, unfinished = tempfile.mkstemp(dir=settings.MEDIA_ROOT)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
