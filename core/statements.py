"""Statements of what is done one by one, a thousand times an hour: written by hand, bound by PostgreSQL."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault

from core.postgresql.base import DatabaseWrapper

Row = TypeVar("Row", bound=Model)


def bound_cursor() -> CursorWrapper:
    """Return a cursor whose parameters travel beside the statement.

    Django's own writes each into the text, quoted in Python, which takes longer than most short statements do. Only for
    statements in which each parameter's kind follows from where it stands (a function's argument, a column, a cast).
    """
    return cast(DatabaseWrapper, connection).bound_cursor()


def insert_row(row: Model) -> None:
    """Insert an object that is not saved yet, and read back what the database fills in: its id, and its defaults.

    :raises IntegrityError: the database refuses it
    """
    fields = row._meta.concrete_fields
    values = {str(field.column): getattr(row, field.attname) for field in fields}
    given = {column: value for column, value in values.items() if not isinstance(value, DatabaseDefault)}
    if row.pk is None:
        del given[str(row._meta.pk.column)]
    drawn = [field for field in fields if field.column not in given]
    sql = (
        f"INSERT INTO {row._meta.db_table} ({', '.join(given)}) VALUES ({', '.join(['%s'] * len(given))}) "
        f"RETURNING {', '.join(str(field.column) for field in drawn)}"
    )
    with bound_cursor() as cursor:
        cursor.execute(sql, list(given.values()))
        for field, value in zip(drawn, cursor.fetchone(), strict=True):
            setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, connection.alias


def list_columns(model: type[Model], alias: str = "") -> str:
    """Return the columns of a model's rows as SQL, in the order in which :func:`make_row` takes them."""
    before = f"{alias}." if alias else ""
    return ", ".join(f"{before}{field.column}" for field in model._meta.concrete_fields)


def make_row(model: type[Row], values: Sequence[Any]) -> Row:
    """Return the object of a row that was read by :func:`list_columns`."""
    return model.from_db(connection.alias, _list_names(model), values)


@cache
def _list_names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
