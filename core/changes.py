"""What was changed of records, out of their history: who, when, from what to what. For the timelines of pages."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model, Q

from core.admin import label_of
from core.dossier import Before, Event
from core.names import name_author
from core.words import say_amount, say_full_day

#: Gets a row of a history, and the row before it of the same record, if there is one: what happened, or nothing.
SayChange = Callable[[Any, Any | None], str]


def read_changes(
    model: type[Model],
    where: Q,
    before: Before,
    most: int,
    *,
    say: SayChange,
    url: Callable[[Any], str] | None = None,
    related: Sequence[str] = (),
) -> list[Event]:
    """Return the changes of the records that meet ``where``, newest first, by two statements.

    ``related`` are relations of the history that ``say`` reads; ``url`` gets a row and leads to its record.
    """
    history: Any = model.history  # type: ignore[attr-defined]
    rows = history.filter(where).filter(before.of("history_date", "history_id"))
    page = list(rows.select_related("history_user", *related).order_by("-history_date", "-history_id")[:most])
    last = {row.id: row for row in _list_older(history.select_related(*related), page)}
    events = []
    for row in reversed(page):
        events.append(
            Event(
                at=row.history_date,
                key=row.history_id,
                says=say(row, last.get(row.id)),
                by=name_author(row.history_user),
                url=url(row) if url else "",
                paper=str(row.instance) if url else "",
            )
        )
        last[row.id] = row
    return events[::-1]


def say_columns(model: type[Model], columns: Sequence[str], newer: Any, older: Any) -> str:
    """Return ``Phone changed from (718) 555-1012 to (718) 555-1013; …``, or that nothing did."""
    changed = [
        (label_of(model, name), show(older, name), show(newer, name))
        for name in columns
        if getattr(older, name) != getattr(newer, name)
    ]
    told = "; ".join(f"{label} changed from {was or 'nothing'} to {now or 'nothing'}" for label, was, now in changed)
    return told or "Saved, nothing changed"


def show(row: Any, name: str) -> str:
    """Return a value of a row as people read it."""
    chosen = getattr(row, f"get_{name}_display", None)
    value = chosen() if chosen else getattr(row, name)
    if isinstance(value, Decimal):
        return f"${say_amount(value)}"
    return say_full_day(value) if isinstance(value, date) else str(value if value is not None else "")


def _list_older(history: Any, page: Sequence[Any]) -> Sequence[Any]:
    """Return, for each record on the page, the row before its oldest there."""
    oldest = {row.id: row.history_id for row in page}
    if not oldest:
        return []
    older = Q()
    for record_id, history_id in oldest.items():
        older |= Q(id=record_id, history_id__lt=history_id)
    found: Sequence[Any] = history.filter(older).order_by("id", "-history_id").distinct("id")
    return found
