"""A refusal of tickets: exactly this error, and not a row of the ledger nor of tickets differs afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import DomainError
from tests.ledger.rawsql import run
from tests.refusals import refused

TABLES = (
    "tickets_tickets",
    "tickets_history",
    "tickets_imports",
    "tickets_import_rows",
    "tickets_changes",
    "tickets_charge_types",
    "tickets_misc_charges",
    "tickets_historicalmisccharge",
)


def tickets_state() -> dict[str, list[str]]:
    """Read every row of every table of tickets."""
    return {table: [row for (row,) in run(f"SELECT t::text FROM {table} t ORDER BY 1")] for table in TABLES}


@contextmanager
def nothing_written(error: type[DomainError], *, code: str = "", field: str | None = None) -> Iterator[Any]:
    """Demand exactly this error, and that neither the ledger nor tickets differ afterwards; yields pytest's record."""
    before = tickets_state()
    with refused(error, code=code, field=field) as refusal:
        yield refusal
    assert tickets_state() == before
