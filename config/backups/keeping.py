"""What backups are called, and which of them are kept: the last of each of so many days and weeks. Pure but for files.

Only names that we gave are ever deleted; a day is one of UTC, as in the name, and a week begins on a Monday.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

_NAME = re.compile(r"fleet-(\d{8}T\d{6})Z\.tar(\.age)?")
_MOMENT = "%Y%m%dT%H%M%S"


def name_backup(at: datetime, *, is_encrypted: bool) -> str:
    """Return the file's name of a backup that is taken at a moment of UTC: ``fleet-20261127T033820Z.tar.age``."""
    return f"fleet-{at.strftime(_MOMENT)}Z.tar{'.age' if is_encrypted else ''}"


def choose_outdated(names: Iterable[str], *, days: int, weeks: int) -> list[str]:
    """Return which of these backups need not be kept, oldest first; names that are no backup's are left alone.

    Kept is the last backup of each of the last ``days`` days that have one, and of each of the last ``weeks`` weeks
    that have one; and the newest in any case.
    """
    taken = sorted((found.group(1), name) for name in names if (found := _NAME.fullmatch(name)))
    moments = [(datetime.strptime(moment, _MOMENT), name) for moment, name in taken]  # noqa: DTZ007  # all of UTC
    last_of_day = {moment.date(): name for moment, name in moments}
    last_of_week = {moment.isocalendar()[:2]: name for moment, name in moments}
    kept = {name for _, name in moments[-1:]}
    kept.update(name for _, name in sorted(last_of_day.items(), reverse=True)[:days])
    kept.update(name for _, name in sorted(last_of_week.items(), reverse=True)[:weeks])
    return [name for _, name in moments if name not in kept]


def delete_outdated(folder: Path, *, days: int, weeks: int) -> list[str]:
    """Delete the backups of a folder that need not be kept, and return their names."""
    outdated = choose_outdated((file.name for file in folder.iterdir()), days=days, weeks=weeks)
    for name in outdated:
        (folder / name).unlink(missing_ok=True)
    return outdated
