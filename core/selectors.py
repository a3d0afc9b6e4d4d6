"""What core's tables hold, read."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from core.events import list_sources
from core.models import Backup, Event, ListAct, ListActRow, SavedView


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event as it is told outside; ``data`` is ready for JSON, with amounts as texts."""

    id: int
    kind: str
    at: datetime
    driver_id: int | None
    data: dict[str, Any]


def list_views(owner: User, list_name: str) -> QuerySet[SavedView]:
    """Return the saved views of a list that this person is offered: their own, and those that others share."""
    return SavedView.objects.filter(Q(owner=owner) | Q(is_shared=True), list_name=list_name)


def list_unfinished_acts(owner: User, pages: Collection[str]) -> list[tuple[ListAct, int]]:
    """Return this person's confirmed acts of these pages of which rows are not done yet, each with how many."""
    is_waiting = Q(rows__outcome=ListActRow.Outcome.MAY)
    unfinished = ListAct.objects.filter(is_waiting, owner=owner, page__in=pages, is_confirmed=True)
    return [(act, act.waiting) for act in unfinished.annotate(waiting=Count("rows")).order_by("pk")]


def find_last_backup() -> Backup | None:
    """Return the backup that was recorded last."""
    return Backup.objects.order_by("-pk").first()


def get_last_event_id() -> int:
    """Return the highest number of an event; 0 before the first."""
    return Event.objects.aggregate(last=Max("id"))["last"] or 0


def find_oldest_unnumbered() -> datetime | None:
    """Return the moment of the oldest fact that has no number yet, so nobody outside was told it; one statement."""
    oldest = " UNION ALL ".join(
        f"(SELECT ({s.at}) AS at FROM {s.table} r WHERE ({s.kind}) IS NOT NULL AND r.id > "
        f"coalesce((SELECT through FROM core_event_marks WHERE source = '{s.table}'), 0) AND NOT EXISTS "
        f"(SELECT FROM core_events e WHERE e.source = '{s.table}' AND e.source_id = r.id) ORDER BY r.id LIMIT 1)"
        for s in list_sources()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(at) FROM ({oldest}) AS oldest")
        (moment,) = cursor.fetchone()
    return moment  # type: ignore[no-any-return]


def list_events_after(after: int, *, limit: int, kinds: Collection[str] = ()) -> tuple[list[ToldEvent], int]:
    """Return events of these kinds (of all, without) above a number, in their order, and the number to go on from.

    What gets a number later gets a higher one, so whoever goes on from there misses nothing.
    """
    last = get_last_event_id()
    found = Event.objects.filter(id__gt=after, id__lte=last).order_by("id")
    if kinds:
        found = found.filter(kind__in=kinds)
    events = tell_events(found[:limit])
    return events, events[-1].id if len(events) == limit else max(after, last)


def tell_events(events: Iterable[Event]) -> list[ToldEvent]:
    """Return what events tell, in the same order, by one statement for each table that they stand in."""
    events = list(events)
    data: dict[tuple[str, int], dict[str, Any]] = {}
    for source in list_sources():
        ids = [event.source_id for event in events if event.source == source.table]
        if ids:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT r.id, {source.data} FROM {source.table} r WHERE r.id = ANY(%s)", [ids])
                data |= {(source.table, row_id): told for row_id, told in cursor.fetchall()}
    return [
        ToldEvent(event.pk, event.kind, event.at, event.driver_id, data[event.source, event.source_id])
        for event in events
    ]
