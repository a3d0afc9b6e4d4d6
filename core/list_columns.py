"""Columns of a list, as a page and a file of it read them: each is looked for once, not with every row."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Model

#: What an admin says in a column of a record.
Teller = Callable[[Model], Any]


def find_teller(changes: ChangeList, name: str) -> Teller | None:
    """Return what the list's admin says in a column of a record; None where the column is the record's own.

    Asked once of a column: Django looks for it in each row, first among the columns of the table, and then here.
    """
    if name == "__str__" or any(name == of_table.name for of_table in changes.lookup_opts.get_fields()):
        return None
    return getattr(changes.model_admin, name, None)
