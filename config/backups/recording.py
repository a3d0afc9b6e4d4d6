"""That a backup was taken, written into the database that it is of: there the product can tell how old the last is.

The product can't read the folder of backups, and may only read this table: what it tells comes from the owner.
"""

from datetime import datetime

from django.db import DatabaseError, connection

from config.backups.errors import NotRecorded
from config.backups.taking import Taken


def record_backup(taken: Taken, *, at: datetime) -> None:
    """Write down that a whole backup of the moment ``at`` lies in its folder.

    By SQL, since a backup is taken before an upgrade too: nothing where an older version has no such table.

    :raises NotRecorded: the database can't be written to; the file stays
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.core_backups') IS NOT NULL")
            if cursor.fetchone()[0]:
                cursor.execute("INSERT INTO core_backups (taken_at, size) VALUES (%s, %s)", [at, taken.bytes])
    except DatabaseError as failure:
        raise NotRecorded(
            f"{taken.file} is whole, but the database could not be told so: {str(failure).strip().splitlines()[0]}."
        ) from failure
