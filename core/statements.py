"""Statements of what is done one by one, a thousand times an hour: written by hand, bound by PostgreSQL."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.expressions import DatabaseDefault

from core.postgresql.base import DatabaseWrapper

Row = TypeVar("Row", bound=Model)


def bound_cursor() -> CursorWrapper:
    """Return a cursor whose parameters travel beside the statement.

    Django's own writes each into the text, quoted in Python, which takes longer than most short statements do. Only
    for statements in which each parameter's kind follows from where it stands (a function's argument, a column, a
    cast). What is asked again and again is prepared, so what changes stands in the parameters and not in the text.
    """
    return cast(DatabaseWrapper, connection).bound_cursor()


def insert_row(row: Model) -> None:
    """Insert an object that is not saved yet, and read back what the database fills in: its id, and its defaults.

    :raises IntegrityError: the database refuses it
    """
    given = _list_given(row)
    drawn = [field for field in row._meta.concrete_fields if field.column not in given]
    with bound_cursor() as cursor:
        cursor.execute(
            f"{_write_insert(row, given)} RETURNING {', '.join(str(field.column) for field in drawn)}",
            list(given.values()),
        )
        for field, value in zip(drawn, cursor.fetchone(), strict=True):
            setattr(row, field.attname, value)
    note_inserted(row)


def note_inserted(row: Model) -> None:
    """Have Django know of an object that it is saved."""
    row._state.adding, row._state.db = False, connection.alias


def ask_first(statement: str, given: Sequence[Any]) -> tuple[Any, ...]:
    """Run a statement that returns a row, as the first one of a transaction that was just begun, and return the row.

    Where nothing is around that transaction, its BEGIN travels along. Within another it is a statement like others. The
    parameters are written into the text: what PostgreSQL takes of them is for the statement to cast.
    """
    row = cast(DatabaseWrapper, connection).execute_first(statement, given)
    assert row is not None
    return row


def insert_last(model: type[Model], **given: Any) -> None:
    """Insert a row of these columns, which nobody reads again, as the last statement of the running transaction.

    Where nothing is around that transaction, the COMMIT travels along, so that what it has locked is free as soon as
    PostgreSQL is done. Within another it is a statement like others.

    :raises IntegrityError: the database refuses the row, or what the transaction did
    """
    cast(DatabaseWrapper, connection).execute_last(_write_insert(model, given), list(given.values()))


def _list_given(row: Model) -> dict[str, Any]:
    """Return by column what is not left to the database."""
    values = {str(field.column): getattr(row, field.attname) for field in row._meta.concrete_fields}
    given = {column: value for column, value in values.items() if not isinstance(value, DatabaseDefault)}
    if row.pk is None:
        del given[str(row._meta.pk.column)]
    return given


def _write_insert(row: Model | type[Model], given: Collection[str]) -> str:
    return f"INSERT INTO {row._meta.db_table} ({', '.join(given)}) VALUES ({', '.join(['%s'] * len(given))})"


def list_columns(model: type[Model], alias: str = "") -> str:
    """Return the columns of a model's rows as SQL, in the order in which :func:`make_row` takes them."""
    before = f"{alias}." if alias else ""
    return ", ".join(f"{before}{field.column}" for field in model._meta.concrete_fields)


def make_row(model: type[Row], values: Sequence[Any]) -> Row:
    """Return the object of a row that was read by :func:`list_columns`.

    As Django takes one from a pickle: its fields as they were read, without a look at each. (Whoever waits for the
    signals that an object is made would wait in vain; nobody does.)
    """
    row = model.__new__(model)
    row.__dict__.update(zip(_list_names(model), values, strict=True), _state=ModelState())
    note_inserted(row)
    return row


@cache
def _list_names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
