"""What `manage.py check --deploy` says of the database: whether the product works as a role that owns nothing in it."""

from typing import Any

import psycopg
from django.core import checks
from django.db import connection

_OWN = """
    SELECT pg_get_userbyid(relowner) FROM pg_class
     WHERE oid = to_regclass('public.django_migrations') AND pg_has_role(relowner, 'USAGE')
"""


@checks.register(checks.Tags.security, deploy=True)
def check_role(**_: Any) -> list[checks.CheckMessage]:
    """Warn where the product owns the tables; say nothing where there is no database to ask."""
    given = {name: value for name, value in connection.get_connection_params().items() if name != "pool"}
    try:
        with psycopg.connect(**given | {"connect_timeout": 3}) as session:
            owner = session.execute(_OWN).fetchone()
    except psycopg.Error:
        return []
    if owner is None:
        return []
    return [
        checks.Warning(
            f"The product works as {owner[0]}, who owns the tables: guards hold it back, and it can switch them off.",
            hint="Give it a role of its own, and migrations MIGRATE_DATABASE_URL: docs/operations.md.",
            id="core.W001",
        )
    ]
