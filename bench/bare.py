"""The limit: the same rows by one bare INSERT … SELECT, into a copy of the table with its indexes and no guards."""

from django.db import connection

from bench.measure import Timing, seconds

BESIDE = "limit: bare INSERT … SELECT"
_COLUMNS = (
    "kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id, balance_id, funding_id, "
    "due_on, effective_on, reason, posted_by_id"
)


def time_limit(kind: str, rows: int) -> Timing:
    """Insert the newest postings of a kind once more, bare; tell how long the statement took."""
    _empty_copy_of_postings()
    return Timing(rows, seconds(lambda: _copy_newest(kind, rows)))


def _empty_copy_of_postings() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_postings")
        cursor.execute(
            "CREATE TABLE bare_postings (LIKE ledger_postings INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"
        )


def _copy_newest(kind: str, rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO bare_postings ({_COLUMNS}) SELECT {_COLUMNS} FROM "
            "(SELECT * FROM ledger_postings WHERE kind = %s ORDER BY id DESC LIMIT %s) AS newest",
            [kind, rows],
        )
