"""The suite works as the product's role, which owns nothing; what only the database's owner may, it does as that one.

The owner logs in and works as the role from then on (`assume_role`, in tests/conftest.py), so it can be the owner again
within a transaction. Where the product and the owner are one role, so they are here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import TransactionStatus


@contextmanager
def as_owner(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Be the owner: to tamper, to empty tables, or to try a guard that the product's role would not get to."""
    wrapper = connections[using]
    wrapper.ensure_connection()
    session: Any = wrapper.connection  # psycopg's own, so that no statement of ours is counted
    before = session.execute("SELECT current_user").fetchone()[0]
    session.execute("RESET ROLE")
    try:
        yield
    finally:
        # A transaction that failed takes the role back with all else, when it is rolled back.
        if session is wrapper.connection and session.info.transaction_status != TransactionStatus.INERROR:
            session.execute(f'SET ROLE "{before}"')
