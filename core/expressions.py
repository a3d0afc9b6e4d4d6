"""Conditions said so that PostgreSQL asks an index."""

from collections.abc import Collection

from django.db.models import Exists, Q


def is_of_batch(column: str, ids: Collection[int]) -> Q:
    """Return a condition for ``filter``: the column is one of a batch's numbers, which stand together.

    It says so as a range too. Before version 17 PostgreSQL rather reads a week whole than looks up a list in the second
    column of an index, where it has heard of no row of that week; and of the week that a close counts it has heard of
    none. So each batch read what all batches before it had written. A range is taken within an index by any version.
    """
    if not ids:
        return Q(**{f"{column}__in": ()})
    return Q(**{f"{column}__in": ids, f"{column}__gte": min(ids), f"{column}__lte": max(ids)})


class ExistsForRow(Exists):
    """Whether there is one, looked up by its index for each row that is shown.

    Of an EXISTS beside the columns PostgreSQL may make one reading of all of the other table, not knowing that a list
    shows fifty rows: so the list of payments read all balances three times. Not for what narrows a list.
    """

    template = "((%(subquery)s) IS NOT NULL)"
