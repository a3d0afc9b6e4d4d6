"""Rows saved in somebody's name: whoever asked for a change stands in its history, and so does why."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, cast

from django.contrib.auth.models import User
from django.db.models import Model
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

Row = TypeVar("Row", bound=Model)


def save_as(
    record: Model,
    actor: User | None,
    *,
    reason: str = "",
    update_fields: Sequence[str] | None = None,
    force_insert: bool = False,
) -> None:
    """Save a row, and its history row in ``actor``'s name; None is the system."""
    _name(record, actor, reason)
    record.save(update_fields=update_fields, force_insert=force_insert)


def delete_as(records: Iterable[Model], actor: User | None, *, reason: str = "") -> None:
    """Delete rows one by one; their history says who did it."""
    for record in records:
        _name(record, actor, reason)
        record.delete()


def create_all_as(records: Sequence[Row], actor: User | None) -> list[Row]:
    """Insert rows and their history rows in a few statements."""
    if not records:
        return []
    created: list[Row] = bulk_create_with_history(list(records), type(records[0]), default_user=actor)
    return created


def update_all_as(records: Sequence[Model], fields: Sequence[str], actor: User | None, *, reason: str = "") -> None:
    """Save these fields of changed rows, and their history rows, in a few statements."""
    if records:
        model = type(records[0])
        bulk_update_with_history(
            list(records), model, list(fields), default_user=actor, default_change_reason=reason or None
        )


def _name(record: Model, actor: User | None, reason: str) -> None:
    """Leave a note that simple-history reads when it writes the row of this change."""
    noted = cast(Any, record)
    noted._history_user = actor
    noted._change_reason = reason or None
