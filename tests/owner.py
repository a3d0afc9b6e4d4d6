"""The suite works as the product's role, which owns nothing; what only the database's owner may, it does as that one.

The owner logs in and works as the role from then on (`assume_role`, in tests/conftest.py), so it can be the owner again
within a transaction. Where the product and the owner are one role, so they are here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import TransactionStatus


def work_as_role(database: dict[str, Any]) -> None:
    """Have these settings of a database log in as its owner, and work as the product's role from then on."""
    owner = settings.OWNER_DATABASE
    if owner["USER"] != settings.DATABASE_ROLE:
        database.update({name: owner.get(name, "") for name in ("USER", "PASSWORD", "HOST", "PORT")})
        database["OPTIONS"] = {**database["OPTIONS"], "assume_role": settings.DATABASE_ROLE}


@contextmanager
def as_owner(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Be the owner: to tamper, to empty tables, or to try a guard that the product's role would not get to."""
    wrapper = connections[using]
    wrapper.ensure_connection()
    session: Any = wrapper.connection  # psycopg's own, so that no statement of ours is counted
    role = wrapper.settings_dict["OPTIONS"].get("assume_role")
    # In one question, since it is asked before nearly each statement of the tests of guards.
    (was_role,) = session.execute(
        "SELECT CASE current_user WHEN %s THEN set_config('role', 'none', false) END IS NOT NULL", [role]
    ).fetchone()
    if not was_role:
        yield  # the owner already, or somebody above
        return
    try:
        yield
    finally:
        # A transaction that failed takes the role back with all else, when it is rolled back.
        if session is wrapper.connection and session.info.transaction_status != TransactionStatus.INERROR:
            session.execute(f'SET ROLE "{role}"')
