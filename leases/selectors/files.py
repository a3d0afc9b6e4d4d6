"""Which files are kept of whom, and their bytes."""

import hashlib
import logging
from collections.abc import Collection

from django.core.files.storage import default_storage
from django.db.models import Count

from leases.models import KeptFile

logger = logging.getLogger(__name__)


def get_file_name(digest: str) -> str:
    """Return the name that the bytes of that digest have in the storage."""
    return f"files/{digest[:2]}/{digest}"


def find_file_content(file: KeptFile) -> bytes | None:
    """Return the bytes that were kept; None where they are gone, or others stand in their place (which is logged)."""
    try:
        with default_storage.open(get_file_name(file.sha256)) as kept:
            content: bytes = kept.read()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        logger.error("Document %s is not what was kept: other bytes stand in its place.", file.pk)
        return None
    return content


def count_files(driver_id: int, references: Collection[str]) -> dict[str, int]:
    """Return how many files of a driver belong to each reference, by one statement; none are left out."""
    files = KeptFile.objects.filter(driver=driver_id, about__in=[name for name in references if name]).order_by()
    return dict(files.values("about").annotate(found=Count("pk")).values_list("about", "found"))
