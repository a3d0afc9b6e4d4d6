"""What a database holds, told so that another one can be compared: rows of each table, migrations, the seals' head."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.backups.archive import NOT_AS_WRITTEN, Contents
from config.backups.errors import BackupRefused

FORMAT = 1

#: Whoever looks for the tables of this database, whatever schema they lie in; what the server itself keeps is none.
_TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname),
           CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 2
"""
#: A row is written down as text by these alone, whatever the role or the server is set to.
_AS_TEXT = """
    SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),
           set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true),
           set_config('bytea_output', 'hex', true)
"""


@dataclass(frozen=True, slots=True)
class TableContent:
    """How many rows, and a sum over a hash of each, which is the same in whatever order they lie."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class DatabaseContent:
    """What a database holds at one moment. ``migrations`` are named ``app.name``; ``head`` is the last seal's digest.

    ``missing_uploads`` are the names of uploads that rows tell of, and that were gone already: neither in the database
    nor, by that path, below the media folder.
    """

    tables: dict[str, TableContent]
    migrations: list[str]
    head: str
    missing_uploads: list[str]


def read_database(*, media: Path) -> DatabaseContent:
    """Return what the database holds as the running transaction sees it; it reads every row of every table."""
    return DatabaseContent(
        tables=_read_tables(),
        migrations=_list_migrations(),
        head=_read_head(),
        missing_uploads=find_missing_uploads(media),
    )


def list_uploads() -> list[str]:
    """Return the name of each upload that a row of the database tells of."""
    paths = (_list_column("leases_files", "sha256"), _list_column("tickets_imports", "file"))
    return sorted({*(f"files/{digest[:2]}/{digest}" for digest in paths[0]), *paths[1]})


def find_missing_uploads(media: Path) -> list[str]:
    """Return the names of those that are neither in the database nor, where they lay before, in the media folder."""
    stored = set(_list_column("core_uploads", "name"))
    return [name for name in list_uploads() if name not in stored and not (media / name).is_file()]


def compare_tables(told: DatabaseContent) -> Iterator[str]:
    """Say of each table how it differs from what was told."""
    there = _read_tables()
    for name in sorted(told.tables.keys() | there.keys()):
        before, now = told.tables.get(name), there.get(name)
        if before is None or now is None:
            yield f"The table {name} is {'not in the manifest' if before is None else 'missing'}."
        elif before.rows != now.rows:
            yield f"{name} has {now.rows:,} rows, and {before.rows:,} in the manifest."
        elif before != now:
            yield f"{name} has other rows than in the manifest, though as many."


def write_manifest(content: DatabaseContent, archive: Contents, *, at: str, dumped_by: int) -> dict[str, Any]:
    """Return the manifest as it is kept, in JSON; ``dumped_by`` is the server's major version."""
    return {
        "format": FORMAT,
        "taken_at": at,
        "version": settings.VERSION,
        "postgresql": dumped_by,
        "database": asdict(content),
        "contents": asdict(archive),
    }


def read_content(manifest: dict[str, Any]) -> DatabaseContent:
    """Return what the manifest tells of its database.

    :raises BackupRefused: a later version of the product wrote it
    """
    if manifest.get("format") != FORMAT:
        raise BackupRefused("The backup is of a newer version of the product: restore it with that version.")
    told = manifest["database"]
    return DatabaseContent(**told | {"tables": {name: TableContent(**one) for name, one in told["tables"].items()}})


def check_contents(found: Contents, manifest: dict[str, Any]) -> None:
    """Compare every part of an archive with what its manifest says of it.

    :raises BackupRefused: one is missing, not in it, or another
    """
    told, there = manifest["contents"], asdict(found)
    if told["dump"] != there["dump"]:
        raise BackupRefused(NOT_AS_WRITTEN.format("the dump is not the one that the manifest tells"))
    for path in sorted(told["media"].keys() | there["media"].keys()):
        if told["media"].get(path) != there["media"].get(path):
            raise BackupRefused(NOT_AS_WRITTEN.format(f"{path} is not as the manifest tells"))


def check_version(content: DatabaseContent) -> list[str]:
    """Return the migrations that are here and were not applied when the backup was taken.

    :raises BackupRefused: some were applied that are not here: it is of a newer version
    """
    loader = MigrationLoader(None)
    here = {".".join(key) for key in loader.disk_migrations} | {
        ".".join(key) for migration in loader.disk_migrations.values() for key in migration.replaces
    }
    newer = sorted(set(content.migrations) - here)
    if newer:
        raise BackupRefused(
            f"The backup is of a newer version of the product ({newer[0]} is not here): restore it with that version."
        )
    return sorted(here - set(content.migrations))


def _read_tables() -> dict[str, TableContent]:
    content = {}
    with connection.cursor() as cursor:
        cursor.execute(_AS_TEXT)
        cursor.execute(_TABLES)
        for quoted, name in cursor.fetchall():
            cursor.execute(f"""
                SELECT count(*), coalesce(sum(hashtextextended("__row"::text, 0)::numeric), 0)::text
                  FROM ONLY {quoted} AS "__row"
            """)
            content[name] = TableContent(*cursor.fetchone())
    return content


def _read_head() -> str:
    return next(_list_column("ledger_seals", "digest", "ORDER BY number DESC LIMIT 1"), "")


def _list_column(table: str, column: str, order: str = "") -> Iterator[str]:
    """Read by SQL, since a backup is taken before an upgrade too: nothing where an older version has no such table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{table}"])
        if cursor.fetchone()[0]:
            cursor.execute(f"SELECT {column} FROM {table} {order}")
            yield from (value for (value,) in cursor.fetchall())


def _list_migrations() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]
