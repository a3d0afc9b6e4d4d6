"""A lot of a file's new rows on their way to tickets: read, and inserted by the database from the rows themselves.

What is known of a row stays in the database; only what was decided about it goes there, a string for each column.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F

from core.columns import as_column, split_column
from ledger.money import ZERO
from tickets import rules
from tickets.models import Ticket, TicketImport
from tickets.rules import PARTS, ROWS_IN_A_LOT, TICKET_KINDS, FileKind
from tickets.selectors import count_parts

#: What a ticket takes over from its row.
_TAKEN = (
    "number, at, at_latest, amount, tag, plate, plate_state, medallion, license, place, violation, due_on, received"
)
_OF_PART = "(hashtext(ltrim(tag, '0') || plate || medallion || license) & 2147483647) %% %s = %s"


@dataclass(slots=True)
class NewTicket:
    """A ticket that is about to be: what its row tells, and what is decided about it.

    Not a record: of a hundred thousand of those, the making alone would take as long as all the rest.
    """

    kind: str
    row_id: int
    row: int
    number: str
    at: datetime
    at_latest: datetime
    amount: Decimal
    tag: str
    plate: str
    plate_state: str
    medallion: str
    license: str
    place: str
    violation: str
    due_on: date | None
    received: dict[str, str]
    #: What a person has to look at, by its row.
    look_at: str
    state: str = ""
    waits_for: str = ""
    vehicle_id: int | None = None
    driver_id: int | None = None
    lease_id: int | None = None
    trip_id: int | None = None
    refund_of_id: int | None = None
    uncharged: Decimal = ZERO
    pk: int = 0

    def __str__(self) -> str:
        return f"{self.kind}-{self.number}"

    @property
    def is_refund(self) -> bool:
        return self.amount < 0

    @property
    def reference_id(self) -> str:
        return rules.name_ticket(self.kind, self.number, is_refund=self.is_refund)

    @property
    def is_dated_only(self) -> bool:
        return rules.is_dated_only(self.at, self.at_latest)


def read_lot(file: TicketImport, *, part: int, refunds: bool, after: int = 0) -> list[NewTicket]:
    """Return the next rows of a part that are new, its tolls or its refunds, and hold the part while they go in.

    Whoever else imports this part waits here until those rows are in, and finds the ones after them. ``after`` is the
    last row of those that went in before: what was looked through is not looked through again.
    """
    parts = count_parts(file)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tickets.import_part'), %s)", [file.pk * PARTS + part])
        cursor.execute("SELECT coalesce(max(row), 0) FROM tickets_import_rows WHERE import_id = %s", [file.pk])
        (last,) = cursor.fetchone()
        while after < last:
            # A window of rows, some of which are of other parts: whatever plan PostgreSQL makes, it reads no more.
            until = after + (parts + 2) * ROWS_IN_A_LOT
            cursor.execute(
                f"""
                SELECT id, row, {_TAKEN.replace("at_latest", "nullif(at_latest, at)")}, waits_for
                FROM tickets_import_rows
                WHERE import_id = %s AND row > %s AND row <= %s AND state = 'NEW' AND (amount < 0) = %s AND {_OF_PART}
                ORDER BY row LIMIT %s
                """,
                [file.pk, after, until, refunds, parts, part, ROWS_IN_A_LOT],
            )
            if rows := cursor.fetchall():
                kind = TICKET_KINDS[FileKind(file.kind)]
                return [_make(kind, row) for row in rows]
            after = until
    return []


def _make(kind: str, row: Sequence[Any]) -> NewTicket:
    row_id, place, number, at, at_latest, *told, received, look_at = row
    # Django's cursors leave JSON as the text that came. Nearly all tell one moment: reading it twice takes as long.
    facts = [row_id, place, number, at, at_latest or at, *told, json.loads(received), look_at]
    return NewTicket(kind, *facts)


def leave_out_known(tickets: Sequence[NewTicket]) -> list[NewTicket]:
    """Return those that no file has brought so far."""
    numbers = [ticket.number for ticket in tickets]
    kind = tickets[0].kind if tickets else ""
    known = set(Ticket.objects.filter(kind=kind, number__among=numbers).values_list("number", flat=True))
    return [ticket for ticket in tickets if ticket.number not in known]


def insert_tickets(file: TicketImport, tickets: Sequence[NewTicket]) -> list[NewTicket]:
    """Make the tickets out of their rows, note these as sent, and return those that are new.

    What another file brought meanwhile under the same number is left out. Each has its key then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO tickets_tickets (kind, import_id, row, told_total, told_paid, {_TAKEN},
                state, waits_for, vehicle_id, driver_id, lease_id, trip_id, refund_of_id, uncharged)
            SELECT %s, import_id, row, coalesce(total, amount), coalesce(paid, 0), {_TAKEN},
                coalesce(decided.state, ''), coalesce(decided.waits_for, ''), decided.vehicle_id, decided.driver_id,
                decided.lease_id, decided.trip_id, decided.refund_of_id, decided.uncharged
            FROM unnest({split_column("bigint")}, {split_column("text")}, {split_column("text")},
                {split_column("bigint")}, {split_column("bigint")}, {split_column("bigint")}, {split_column("bigint")},
                {split_column("bigint")}, {split_column("numeric")})
                AS decided (id, state, waits_for, vehicle_id, driver_id, lease_id, trip_id, refund_of_id, uncharged)
            JOIN tickets_import_rows AS told USING (id)
            ORDER BY row
            ON CONFLICT (kind, number) DO NOTHING
            RETURNING number, id
            """,
            [TICKET_KINDS[FileKind(file.kind)], *_columns_of(tickets)],
        )
        made = dict(cursor.fetchall())
    new = [ticket for ticket in tickets if ticket.number in made]
    for ticket in new:
        ticket.pk = made[ticket.number]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE tickets_import_rows SET state = 'SENT' WHERE id = ANY({split_column('bigint')})",
            [as_column(ticket.row_id for ticket in tickets)],
        )
    return new


def _columns_of(tickets: Sequence[NewTicket]) -> list[str]:
    return [
        as_column(ticket.row_id for ticket in tickets),
        as_column(ticket.state for ticket in tickets),
        as_column(ticket.waits_for for ticket in tickets),
        as_column(ticket.vehicle_id for ticket in tickets),
        as_column(ticket.driver_id for ticket in tickets),
        as_column(ticket.lease_id for ticket in tickets),
        as_column(ticket.trip_id for ticket in tickets),
        as_column(ticket.refund_of_id for ticket in tickets),
        as_column(ticket.uncharged for ticket in tickets),
    ]


def count_lot(file: TicketImport, new: Sequence[NewTicket]) -> None:
    """Count in the file's record what became of these at first.

    From here to the commit the other part of the file waits for its own count: so it comes last in a lot.
    """
    states = Counter(ticket.state for ticket in new)
    TicketImport.objects.filter(pk=file.pk).update(
        imported_count=F("imported_count") + len(new),
        charged_count=F("charged_count") + states[Ticket.State.CHARGED] + states[Ticket.State.CREDITED],
        waiting_count=F("waiting_count") + states[Ticket.State.WAITING],
    )
