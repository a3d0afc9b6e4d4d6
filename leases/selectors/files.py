"""Where the files of drivers are."""

from pathlib import Path

from django.conf import settings


def get_file_path(digest: str) -> Path:
    """Return where the bytes of that digest are kept."""
    return Path(settings.MEDIA_ROOT) / "drivers" / digest[:2] / digest
