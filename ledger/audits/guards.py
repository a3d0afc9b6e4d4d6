"""The database's own guards: as they were shipped, and nothing beside them."""

from collections.abc import Iterator

from core import guards
from core.audits import audit


@audit("ledger.guards", "What guards the ledger stands as it was shipped, and nothing else beside it.")
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("ledger")
