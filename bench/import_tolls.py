"""Preview and import one statement in a process of its own, and print the seconds of each and the megabytes at most.

``python -m bench.import_tolls FILE DATABASE MEDIA_FOLDER``
"""

import json
import os
import resource
import sys
from datetime import date

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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps([*took, peak]))


if __name__ == "__main__":
    main(*sys.argv[1:])
