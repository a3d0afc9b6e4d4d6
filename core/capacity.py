"""What `manage.py check --database default` says of the database that the product is given.

Whether there is room for all connections, and whether database and code are of the same version. Nothing is said where
there is no database to ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.core import checks

from core.migrated import open_session, read_standing, say_lacking, say_unknown

#: How many sessions such a role may have: of the server, of its own, and of the database.
_ROOM = """
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0),
        (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user AND rolconnlimit >= 0),
        (SELECT datconnlimit FROM pg_database WHERE datname = current_database() AND datconnlimit >= 0))
"""
#: For what comes besides: migrate, a backup, a monitor, somebody's psql.
RESERVE = 5


@dataclass(frozen=True)
class Needs:
    """How many connections the whole installation may open at once, on all its machines."""

    web_processes: int
    threads: int
    celery_processes: int

    @property
    def total(self) -> int:
        return self.web_processes * self.threads + self.celery_processes + RESERVE

    def say_too_many(self, room: int) -> str:
        """Return the sentence with the figures, and what to change."""
        return (
            f"{self.web_processes} web process{'' if self.web_processes == 1 else 'es'} of {self.threads} connections "
            f"(WEB_PROCESSES, WORKER_THREADS), {self.celery_processes} of Celery (CELERY_PROCESSES) and {RESERVE} in "
            f"reserve may open {self.total} connections, and the server lets this role have {room}: at a busy hour "
            "some requests would be answered 503. Lower WORKER_THREADS, or raise max_connections."
        )


def get_needs() -> Needs:
    """Return what the settings say."""
    return Needs(settings.WEB_PROCESSES, settings.WORKER_THREADS, settings.CELERY_PROCESSES)


def find_shortage(session: psycopg.Connection[Any]) -> str:
    """Return what is to be said where the server has not as many connections as may be opened, or nothing.

    :raises psycopg.Error: it can't be asked
    """
    row = session.execute(_ROOM).fetchone()
    needs = get_needs()
    return needs.say_too_many(row[0]) if row and row[0] < needs.total else ""


@checks.register(checks.Tags.database)
def check_database(*, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Say what keeps web, worker and beat from working on this database. (`migrate` is about to change that.)"""
    if not databases or settings.MIGRATES:
        return []
    try:
        with open_session() as session:
            shortage, standing = find_shortage(session), read_standing(session)
    except psycopg.Error:
        return []
    found: list[checks.CheckMessage] = []
    if shortage:
        found.append(checks.Warning(shortage, id="core.W002"))
    if standing.unknown:
        found.append(checks.Warning(say_unknown(standing), id="core.W003"))
    if standing.must_migrate:
        found.append(checks.Error(say_lacking(standing), id="core.E001"))
    return found
