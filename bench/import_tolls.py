"""Preview and import one statement in a process of its own, and print the seconds of each and the megabytes at most.

``python -m bench.import_tolls FILE DATABASE MEDIA_FOLDER``
"""

import json
import os
import resource
import sys
from datetime import date
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django must be ready first
from django.db import connection  # noqa: E402

from bench.measure import seconds  # noqa: E402
from tickets import services  # noqa: E402

TODAY = date(2026, 11, 18)


def main(path: str, database: str, media: str) -> None:
    """Preview and import the file into that database."""
    connection.settings_dict["NAME"] = database
    settings.MEDIA_ROOT = media
    staged: list[int] = []

    def preview() -> None:
        with open(path, "rb") as file:
            staged.append(services.stage_file(kind="ezpass", file_name="tolls.csv", file=file, today=TODAY).file.pk)

    took = seconds(preview), seconds(lambda: services.confirm_import(import_id=staged[0], today=TODAY))
    print(json.dumps([*took, peak_megabytes()]))


def peak_megabytes() -> float:
    """The most memory this process held. Linux's own ``ru_maxrss`` begins with what the parent held at the start."""
    status = Path("/proc/self/status")
    if status.exists():
        kilobytes = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:")).split()[1]
        return int(kilobytes) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(*sys.argv[1:])
