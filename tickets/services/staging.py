"""A file read into rows for a person to look at, before any of it counts. Long files go through in lots."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, BinaryIO

from django.db import connection
from django.db.models import Count, Max, Q

from core.lots import split
from tickets.importers import READERS, NobodysRow, Received, ReceivedTicket, RowError
from tickets.models import ImportRow, TicketImport
from tickets.rules import ROWS_IN_A_LOT
from tickets.selectors import TicketMatcher
from tickets.services.changes import mark_changes
from tickets.services.known import mark_known

#: Called with what is being done and how many rows are done.
OnProgress = Callable[[str, int], object]

_COLUMNS = (
    "import_id",
    "row",
    "received",
    "state",
    "column",
    "message",
    "number",
    "tag",
    "plate",
    "plate_state",
    "medallion",
    "license",
    "at",
    "at_latest",
    "amount",
    "total",
    "paid",
    "place",
    "violation",
    "due_on",
    "waits_for",
)
#: The columns of a ticket, of a row that is none.
_NOTHING_READ = ("", "", "", "", "", "", None, None, None, None, None, "", "", None)


def stage_rows(staged: TicketImport, file: BinaryIO, today: date, on_progress: OnProgress) -> None:
    """Read a file that is kept already into rows, with what each would do, and count them. In the caller's transaction.

    :raises TicketFileInvalid: the file as a whole can't be read, or is of another kind
    """
    done, matcher = 0, TicketMatcher()
    # A toll of tonight may bear tomorrow's date where the agency's clock is ahead.
    rows = READERS[staged.kind](file, latest_on=today + timedelta(days=1), extra_after=staged.extra_field_after)
    for lot in split(rows, ROWS_IN_A_LOT):
        _copy(staged, lot, matcher)
        done += len(lot)
        on_progress("read", done)
    mark_known(staged)
    mark_changes(staged)
    _count(staged)


def _copy(staged: TicketImport, lot: Sequence[Received], matcher: TicketMatcher) -> None:
    waits = _foresee(lot, matcher)
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY tickets_import_rows ({columns}) FROM STDIN") as copy,
    ):
        for received, waits_for in zip(lot, waits, strict=True):
            copy.write_row((staged.pk, received.row, json.dumps(received.received), *_row_of(received), waits_for))


def _foresee(lot: Sequence[Received], matcher: TicketMatcher) -> list[str]:
    """Return what each row would wait for; refunds look for their tolls when they are imported."""
    charges = {
        place: received
        for place, received in enumerate(lot)
        if isinstance(received, ReceivedTicket) and received.amount > 0 and not received.look_at
    }
    matches = matcher.match_all(list(charges.values()))
    foreseen = {place: str(match.waits_for) for place, match in zip(charges, matches, strict=True)}
    return [
        foreseen.get(place, received.look_at if isinstance(received, ReceivedTicket) else "")
        for place, received in enumerate(lot)
    ]


def _row_of(received: Received) -> tuple[Any, ...]:
    """What is kept of a row, from its state on to its due day, in the order of :data:`_COLUMNS`."""
    match received:
        case ReceivedTicket():
            return (
                ImportRow.State.NEW.value,
                "",
                "",
                received.number,
                received.tag,
                received.plate,
                received.plate_state,
                received.medallion,
                received.license,
                received.at,
                received.at_latest,
                received.amount,
                received.total,
                received.paid,
                received.place[:120],
                received.violation[:120],
                received.due_on,
            )
        case RowError():
            return (ImportRow.State.ERROR.value, received.column[:200], received.message[:500], *_NOTHING_READ)
        case NobodysRow():
            return (ImportRow.State.NOBODYS.value, "", received.message, *_NOTHING_READ)


def _count(staged: TicketImport) -> None:
    states = ImportRow.State
    counts = ImportRow.objects.filter(file=staged).aggregate(
        row_count=Count("pk"),
        new_count=Count("pk", filter=Q(state=states.NEW)),
        unmatched_count=Count("pk", filter=Q(state=states.NEW) & ~Q(waits_for="")),
        known_count=Count("pk", filter=Q(state=states.KNOWN)),
        changed_count=Count("pk", filter=~Q(change="")),
        nobodys_count=Count("pk", filter=Q(state=states.NOBODYS)),
        error_count=Count("pk", filter=Q(state=states.ERROR)),
        reaches_to=Max("at", filter=Q(at__lte=staged.staged_at) & ~Q(state=states.ERROR)),
    )
    for name, told in counts.items():
        setattr(staged, name, told)
    staged.save(update_fields=list(counts))
