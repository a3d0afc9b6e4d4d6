"""What a file brings that is known already, told apart from what bears a known number and is something else.

All rows of a file in a fixed number of statements, however many they are.
"""

from typing import Any

from django.db import connection
from django.db.models import Count, Q

from tickets.models import ImportRow, TicketImport
from tickets.rules import ALL_DAY, TICKET_KINDS, FileKind

#: What a row says, without how it says it. A file is of one hand: what stands in it twice is written twice alike.
_FACTS = """(at, at_latest, amount, total, paid, ltrim(tag, '0'), plate, plate_state, medallion, ltrim(license, '0'),
    upper(place), upper(violation), due_on)"""


def _say(fact: str, differs: str, told: str) -> str:
    return f"CASE WHEN {differs} THEN '{fact}: ' || {told} END"


def _compare(fact: str, column: str, *, zeros: bool = False) -> str:
    """A fact that the ticket has otherwise, in words; NULL where it is the same, or one of the two does not tell it."""
    plain = f"ltrim({{}}.{column}, '0')" if zeros else f"{{}}.{column}"
    row, ticket = (f"nullif({plain.format(side)}, '')" for side in ("again", "ticket"))
    return _say(fact, f"{row} <> {ticket}", f"ticket.{column}")


_PLATE_DIFFERS = """nullif(again.plate, '') <> nullif(ticket.plate, '')
        OR again.plate = ticket.plate AND nullif(again.plate_state, '') <> nullif(ticket.plate_state, '')"""
#: Documents leave out the seconds, or the time of day: what may have been in one minute was at one time.
_TIME_DIFFERS = """date_trunc('minute', again.at_latest) < date_trunc('minute', ticket.at)
        OR date_trunc('minute', ticket.at_latest) < date_trunc('minute', again.at)"""
_TIME_TOLD = """to_char(ticket.at AT TIME ZONE 'America/New_York', CASE
        WHEN ticket.at_latest - ticket.at > %(all_day)s THEN 'Mon FMDD, YYYY' ELSE 'Mon FMDD, YYYY FMHH12:MI AM' END)"""

#: By what a row, ``again``, is not the ticket of its number: by all that tells whose it is. Where it was and what for
#: each kind of file spells in its own way, and sums change: these make it no other.
_OTHERWISE = f"""concat_ws('; another ',
    {_compare("tag", "tag", zeros=True)},
    {_say("plate", _PLATE_DIFFERS, "concat_ws(' ', nullif(ticket.plate_state, ''), ticket.plate)")},
    {_compare("medallion", "medallion")},
    {_compare("TLC license", "license", zeros=True)},
    {_say("time", _TIME_DIFFERS, _TIME_TOLD)})"""


def mark_known(staged: TicketImport) -> None:
    """Mark what stands twice in a file that was just read, and what is a ticket already.

    A number that stands there, or is a ticket, with other facts is an error of its row: nobody knows which is true.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_import_rows")
        cursor.execute(
            f"""
            UPDATE tickets_import_rows AS again
            SET state = CASE WHEN is_same THEN 'KNOWN' ELSE 'ERROR' END, waits_for = '',
                "column" = CASE WHEN is_same THEN '' ELSE 'number' END,
                message = 'The number ' || again.number || ' stands in row ' || first_row
                    || CASE WHEN is_same THEN ' too.' ELSE ' with other facts.' END
            FROM (
                SELECT id, first_value(row) OVER numbers AS first_row, row_number() OVER numbers AS nth,
                    facts IS NOT DISTINCT FROM first_value(facts) OVER numbers AS is_same
                FROM (
                    SELECT id, row, number, {_FACTS} AS facts FROM tickets_import_rows
                    WHERE import_id = %s AND state = 'NEW'
                ) AS read
                WINDOW numbers AS (PARTITION BY number ORDER BY row)
            ) AS told
            WHERE again.id = told.id AND told.nth > 1
            """,
            [staged.pk],
        )
    # What repeats a row that is no such ticket is none either.
    _mark_tickets(staged, ["NEW", "KNOWN"])


def mark_late(file: TicketImport) -> None:
    """Mark what was new when the file was staged, and came by another one before it was confirmed; count it so."""
    file.refresh_from_db(fields=["new_count", "imported_count"])
    if file.imported_count >= file.new_count:
        return
    _mark_tickets(file, ["SENT", "KNOWN"])
    states = ImportRow.State
    told = ImportRow.objects.filter(file=file).aggregate(
        new_count=Count("pk", filter=Q(state=states.SENT)),
        known_count=Count("pk", filter=Q(state=states.KNOWN)),
        error_count=Count("pk", filter=Q(state=states.ERROR)),
    )
    for name, count in told.items():
        setattr(file, name, count)
    file.save(update_fields=list(told))


def _mark_tickets(file: TicketImport, states: list[str]) -> None:
    """Mark rows in these states whose number is that of a ticket from elsewhere."""
    facts: dict[str, Any] = {
        "file": file.pk,
        "states": states,
        "kind": TICKET_KINDS[FileKind(file.kind)],
        "all_day": ALL_DAY,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE tickets_import_rows AS again SET waits_for = '', (state, "column", message) = (
                SELECT CASE WHEN otherwise = '' THEN 'KNOWN' ELSE 'ERROR' END,
                    CASE WHEN otherwise = '' THEN '' ELSE 'number' END,
                    CASE WHEN otherwise = '' THEN again.message
                        ELSE 'The number ' || again.number || ' is known with another ' || otherwise || '.' END
                FROM (SELECT {_OTHERWISE} AS otherwise) AS told
            )
            FROM tickets_tickets AS ticket
            WHERE again.import_id = %(file)s AND again.state = ANY(%(states)s) AND ticket.kind = %(kind)s
                AND ticket.number = again.number AND ticket.import_id IS DISTINCT FROM again.import_id
            """,
            facts,
        )
