"""Databases beside a test's own: dumped and restored by PostgreSQL's programs, and worked with as if they were it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections

from bench.databases import drop
from tests.upgrade.live import find_program


@contextmanager
def another_database(name: str) -> Iterator[None]:
    """Have the default connection lead to a new empty database."""
    before = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        _lead_to(name)
        yield
    finally:
        _lead_to(before)
        drop(name)


def _lead_to(name: str) -> None:
    connection.close()
    connections["default"].close_pool()  # type: ignore[attr-defined]
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()  # their ids are each database's own


def dump() -> bytes:
    """Return the database as the SQL that makes it."""
    return subprocess.run(
        [find_program("pg_dump"), "--no-owner", "--no-privileges"], env=_where(), capture_output=True, check=True
    ).stdout


def restore(dumped: bytes) -> None:
    subprocess.run(
        [find_program("psql"), "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"],
        env=_where(),
        input=dumped,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _where() -> dict[str, str]:
    where = connection.get_connection_params()
    return {
        **os.environ,
        "PGHOST": str(where.get("host", "")),
        "PGPORT": str(where.get("port", "")),
        "PGUSER": str(where.get("user", "")),
        "PGPASSWORD": str(where.get("password", "")),
        "PGDATABASE": str(where["dbname"]),
    }
