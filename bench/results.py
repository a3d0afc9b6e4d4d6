"""What a run of the bench found, as a file that a later run can be compared with."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.db import connection

from bench.errors import FileInvalid
from bench.measure import AimUnreadable, Row
from bench.others import find_hordak_version

FORMAT = "fleet ledger bench"
#: Goes up when a file of before could be misread.
VERSION = 1
_PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """A run: the rows of each measurement by its name, in their order, and on what they were taken.

    ``missing`` says of what was left out, or failed, why.
    """

    taken_at: str
    commit: str
    is_full: bool
    drivers: int
    took_seconds: float
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    rows: Mapping[str, Sequence[Row]]
    missing: Mapping[str, str]

    def by_place(self) -> dict[tuple[str, str, str], Row]:
        """Its rows by measurement, what was done, and what stood beside it."""
        return {(name, row.what, row.beside): row for name, rows in self.rows.items() for row in rows}


def describe_machine() -> dict[str, Any]:
    """What it is measured on, and how busy that was when it began (the mean of a minute, in cores)."""
    return {
        "processor": _read_processor(),
        "cores": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total // 2**20,
        "system": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def describe_versions() -> dict[str, str]:
    """What it is measured with."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (server,) = cursor.fetchone()
    return {
        "product": settings.VERSION,
        "python": platform.python_version(),
        "postgresql": server,
        **{name: metadata.version(name) for name in ("django", "psycopg")},
        "django-hordak": find_hordak_version() or "",
    }


def describe_commit() -> str:
    """The commit that is measured, with a plus where files differ from it; blank outside of a repository."""

    def ask(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=_PROJECT, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        commit = ask("rev-parse", "--short=12", "HEAD")
        return f"{commit}+" if commit and ask("status", "--porcelain", "--untracked-files=no") else commit
    except FileNotFoundError:
        return ""


def save_run(run: Run, folder: Path) -> Path:
    """Write the run into the folder, under the moment at which it was taken, and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{datetime.fromisoformat(run.taken_at).astimezone(UTC):%Y-%m-%dT%H%M%SZ}.json"
    told = {
        "format": FORMAT,
        "version": VERSION,
        **{field.name: getattr(run, field.name) for field in fields(Run) if field.name != "rows"},
        "rows": [
            {"measurement": name, **asdict(row), "met": row.is_met} for name, rows in run.rows.items() for row in rows
        ],
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load_run(path: Path) -> Run:
    """Read what :func:`save_run` wrote.

    :raises FileInvalid: it is not there, or not of the bench, or of another version of it
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as failed:
        raise FileInvalid(f"{path} can't be read: {failed.strerror}.") from failed
    except (UnicodeDecodeError, json.JSONDecodeError) as failed:
        raise FileInvalid(f"{path} is not JSON, so it is no file of make bench.") from failed
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise FileInvalid(f"{path} is not a file of make bench.")
    if told.get("version") != VERSION:
        raise FileInvalid(
            f"{path} is of version {told.get('version')} of the bench's files, and this one reads version {VERSION}: "
            "take it anew with the code that you compare."
        )
    try:
        return _read_run(told)
    except (KeyError, TypeError, ValueError, AimUnreadable) as failed:
        raise FileInvalid(f"{path} is not whole: {failed!r}.") from failed


def _read_run(told: dict[str, Any]) -> Run:
    rows: dict[str, list[Row]] = {}
    for line in told["rows"]:
        row = Row(**{field.name: line[field.name] for field in fields(Row)})
        if any(isinstance(figure, bool) or not isinstance(figure, int | float) for figure in (row.ours, row.spread)):
            raise ValueError(f"no figure: {row.what}")
        rows.setdefault(line["measurement"], []).append(row)
    return Run(rows=rows, **{field.name: told[field.name] for field in fields(Run) if field.name != "rows"})


def _read_processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
