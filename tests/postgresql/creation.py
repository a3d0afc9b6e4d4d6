"""The test database, made by migrations once and copied from then on.

Migrating an empty database takes far longer than copying one. So what the migrations made is kept beside the test
databases, under a name that tells what they were made from: another migration, guard or version makes another one.
"""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError
from django.db.backends.postgresql import creation

from core.grants import grant_privileges

_ROOT = Path(__file__).resolve().parent.parent.parent
_PREFIX = "test_made_by_"
#: What decides the tables. (The rows that apps put into them are made anew in each copy.)
_MADE_FROM = (
    *("*/migrations/*.py", "*/sql/*.sql", "core/layout.py", "core/grants.py", "config/grants.py"),
    *("requirements.txt", "requirements-dev.txt"),
)
_TURN_AUTOVACUUM_OFF = """
    DO $$
    DECLARE
        its regclass;
    BEGIN
        FOR its IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
            EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', its);
        END LOOP;
    END $$
"""


class DatabaseCreation(creation.DatabaseCreation):
    # What Django's own class has and its stubs leave out.
    _get_test_db_name: Any
    _create_test_db: Any
    _nodb_cursor: Any
    connection: Any

    def create_test_db(self, *args: Any, **kwargs: Any) -> str:
        """Create the test database as Django does, by migrations where no copy of their work is kept; as the owner."""
        self._disconnect()
        with self.connection.as_owner_from_the_start():
            name = self._create(*args, **kwargs)
            grant_privileges(using=self.connection.alias)  # what is granted of a database is not copied with it
            self._turn_autovacuum_off()
            self._disconnect()
        return name

    def _create(self, *args: Any, **kwargs: Any) -> str:
        kept = _PREFIX + _digest()
        if not self._is_kept(kept):
            name: str = super().create_test_db(*args, **kwargs)
            self._keep(name, kept)
            return name
        name = self._get_test_db_name()
        self.connection.settings_dict["TEST"]["TEMPLATE"] = kept
        self._create_test_db(kwargs.get("verbosity", 1), kwargs.get("autoclobber", False), kwargs.get("keepdb", False))
        self._connect_to(name)
        emit_post_migrate_signal(0, False, self.connection.alias)
        return name

    def _turn_autovacuum_off(self) -> None:
        """Keep what PostgreSQL believes of the tables as it was made.

        Autovacuum finds the rows of a test gone, which were never committed, and notes the tables as empty; whichever
        test comes next is then planned for empty tables, and may take ten times as long.
        """
        with self.connection.cursor() as cursor:
            cursor.execute(_TURN_AUTOVACUUM_OFF)

    def _connect_to(self, name: str) -> None:
        self.connection.close()
        settings.DATABASES[self.connection.alias]["NAME"] = name
        self.connection.settings_dict["NAME"] = name

    def _disconnect(self) -> None:
        self.connection.close()
        self.connection.close_pool()

    def _is_kept(self, kept: str) -> bool:
        with self._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [kept])
            return cursor.fetchone() is not None

    def _keep(self, name: str, kept: str) -> None:
        """Copy what was just made, and drop what older migrations made; whoever is in the way is left alone."""
        self._disconnect()
        with self._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX])
            for (older,) in cursor.fetchall():
                _try(cursor, f'DROP DATABASE IF EXISTS "{older}"')
            _try(cursor, f'CREATE DATABASE "{kept}" TEMPLATE "{name}"')


def _try(cursor: Any, sql: str) -> None:
    try:
        cursor.execute(sql)
    except DatabaseError:
        # Another worker of the same run is at it: then it is there for the next run.
        return


def _digest() -> str:
    told = hashlib.sha256()
    for pattern in _MADE_FROM:
        for path in sorted(_ROOT.glob(pattern)):
            if ".venv" not in path.parts:
                told.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return told.hexdigest()[:16]
