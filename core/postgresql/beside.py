"""This thread's queries, by the ORM and by `connection` alike, go elsewhere for a while."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend


@contextmanager
def connected_to(database: Mapping[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """Have this thread ask ``database`` wherever it asks the default one, by a connection that ends with the block.

    What ``database`` does not say is as in the settings of the default one.
    """
    before = connections[DEFAULT_DB_ALIAS]
    given = {**connections.settings[DEFAULT_DB_ALIAS], "CONN_MAX_AGE": 0, **database}
    own: BaseDatabaseWrapper = load_backend(given["ENGINE"]).DatabaseWrapper(given, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = own
    try:
        yield own
    finally:
        own.close()
        connections[DEFAULT_DB_ALIAS] = before
