"""Questions that a statement puts for each of its rows."""

from django.db.models import Exists


class ExistsForRow(Exists):
    """Whether there is one, looked up by its index for each row that is shown.

    Of an EXISTS beside the columns PostgreSQL may make one reading of all of the other table, not knowing that a list
    shows fifty rows: so the list of payments read all balances three times. Not for what narrows a list.
    """

    template = "((%(subquery)s) IS NOT NULL)"
