"""What `manage.py check` says of a server's DATA_DIR: outside the code, and closed to others."""

import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security)
def check_data_folder(**_: Any) -> list[checks.CheckMessage]:
    """Warn where a server's folder lies in the checkout, or where others on the machine can read it."""
    if settings.LOCAL:
        return []
    folder = Path(settings.DATA_DIR)
    found: list[checks.CheckMessage] = []
    if folder.is_relative_to(settings.BASE_DIR):
        found.append(
            checks.Warning(
                f"DATA_DIR, {folder}, lies in the checkout: whoever replaces the code loses what lies in it.",
                hint="Give DATA_DIR a folder of its own, such as /var/lib/fleet, and move what lies in it there.",
                id="config.W001",
            )
        )
    try:
        mode = folder.stat().st_mode
    except OSError:
        return found  # not made yet, or not ours to look at
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        found.append(
            checks.Warning(
                f"DATA_DIR, {folder}, is open to others on this machine: backups lie in it, and uploads of before.",
                hint=f"Close it: chmod 700 {folder}",
                id="config.W002",
            )
        )
    return found
