"""Many rows to the database in one statement: each column as one string, which PostgreSQL splits.

The driver would quote each element of a list in Python, which takes longer than all that the server does.
"""

from collections.abc import Iterable

#: The unit separator: a control character, which no checked text holds.
SEPARATOR = "\x1f"


def as_column(values: Iterable[object]) -> str:
    """Return one column as a string for :func:`split_column`; None and what is empty become null."""
    return SEPARATOR.join(["" if value is None else str(value) for value in values])


def split_column(kind: str, name: str = "") -> str:
    """Return the SQL that makes a column's parameter (that of this name, if any) an array of ``kind`` again."""
    parameter = f"%({name})s" if name else "%s"
    return f"string_to_array({parameter}, chr({ord(SEPARATOR)}), '')::{kind}[]"
