"""The database's own guards: there, switched on, and as they were written."""

from collections.abc import Iterator

from core import guards
from core.audits import audit


@audit("ledger.guards", "Every guard of the database is there, always on, and as it was written.")
def find_missing_guards() -> Iterator[str]:
    yield from guards.find_missing_guards("ledger")
