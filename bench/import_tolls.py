"""Steps of a statement's way in, each in a process of its own, which prints its seconds and its megabytes at most.

``python -m bench.import_tolls DATABASE preview FILE`` prints the file's id besides;
``… import ID`` imports it, and ``… part ID NUMBER`` one part of it, with the moments of its begin and end.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be ready first

from bench.measure import seconds  # noqa: E402
from tickets import services  # noqa: E402

TODAY = date(2026, 11, 18)


def main(database: str, step: str, *rest: str) -> None:
    """Take one step of a statement in that database."""
    connection.settings_dict["NAME"] = database
    steps: dict[str, Callable[..., list[float]]] = {"preview": preview, "import": import_whole, "part": import_part}
    print(json.dumps([*steps[step](*rest), peak_megabytes()]))


def preview(path: str) -> list[float]:
    """Stage a statement; return the seconds and its id."""
    staged: list[int] = []

    def stage() -> None:
        with open(path, "rb") as file:
            staged.append(services.stage_file(kind="ezpass", file_name="tolls.csv", file=file, today=TODAY).file.pk)

    return [seconds(stage), staged[0]]


def import_whole(import_id: str) -> list[float]:
    """Import a staged statement; return the seconds."""
    return [seconds(lambda: services.confirm_import(import_id=int(import_id), today=TODAY))]


def import_part(import_id: str, part: str) -> list[float]:
    """Import a part of a staged statement; return when it began and when it ended."""
    services.start_import(import_id=int(import_id), today=TODAY)
    begun = time.time()
    services.import_part(import_id=int(import_id), part=int(part))
    return [begun, time.time()]


def peak_megabytes() -> float:
    """The most memory this process held. Linux's own ``ru_maxrss`` begins with what the parent held at the start."""
    status = Path("/proc/self/status")
    if status.exists():
        kilobytes = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:")).split()[1]
        return int(kilobytes) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(*sys.argv[1:])
