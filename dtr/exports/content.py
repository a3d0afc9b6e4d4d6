"""What a DTR's document says, as plain text: amounts and dates are formatted here, and nowhere in the template."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from curb import selectors as curb
from curb.models import Trip
from curb.selectors import days
from dtr import selectors
from dtr.exports import figures
from dtr.models import Dtr
from ledger.money import format_dollars

#: A week is closed the day after it ends; what was posted later than that says so.
CLOSED_WITHIN = timedelta(days=1)
#: Trips of a log that fit a page in three columns.
TRIPS_ON_A_PAGE = 180


def describe_dtr(dtr: Dtr, siblings: Sequence[Dtr]) -> dict[str, Any]:
    """Return what the document of one DTR says; ``siblings`` are the driver's other DTRs of the week."""
    lines = list(dtr.lines.all())
    trips = list(curb.list_trips_of(week=dtr.days, driver_id=dtr.driver_id, lease_id=dtr.lease_id))
    is_debt = dtr.net_due < 0
    return {
        "number": dtr.reference_id,
        "facts": _list_facts(dtr),
        "net": ["Net due from you" if is_debt else "Net due to you", format_dollars(abs(dtr.net_due))],
        "tiles": [
            ["Held for you", format_dollars(dtr.held)],
            ["Owed and due", format_dollars(dtr.owed_due)],
            ["Owed, due later", format_dollars(dtr.owed_later)],
            ["Lease deposit", format_dollars(dtr.deposits)],
        ],
        "together": _describe_siblings(dtr, siblings),
        "trips": _list_trips(dtr),
        "taxes": _describe_taxes(dtr, trips),
        "owed": _as_dict(figures.tabulate_owed(lines)),
        "held": _as_dict(figures.tabulate_held(lines)),
        "entries": _list_entries(dtr),
        "days": _list_days(dtr, trips),
        "log": _list_log(trips),
        "footer": f"Activity through {figures.moment(dtr.sealed_at)}. What is corrected later is on the next DTR.",
    }


def _list_facts(dtr: Dtr) -> list[list[str]]:
    lease = dtr.lease
    return [
        ["Driver", f"{dtr.driver.first_name} {dtr.driver.last_name}", f"TLC license {dtr.driver.tlc_license}"],
        ["Lease", str(lease) if lease else "Without a lease", f"Cab {lease.vehicle.medallion}" if lease else ""],
        ["Week", f"{dtr.days.start:%b %-d} – {dtr.week_id:%b %-d, %Y}", "Sunday to Saturday"],
        ["Activity through", figures.moment(dtr.sealed_at), "New York time"],
    ]


def _describe_siblings(dtr: Dtr, siblings: Sequence[Dtr]) -> str:
    if not siblings:
        return ""
    others = ", ".join(
        f"{other.reference_id} ({other.lease or 'without a lease'}: {format_dollars(other.net_due)})"
        for other in siblings
    )
    together = sum((other.net_due for other in siblings), dtr.net_due)
    return f"Your other DTRs of this week: {others}. All together {format_dollars(together)}."


def _list_trips(dtr: Dtr) -> list[list[str]]:
    rows: list[tuple[str, str, int, Decimal]] = [
        ("Card", "credited to you, gross", dtr.card_trips, dtr.card_total),
        ("Cash", "for information: you hold it", dtr.cash_trips, dtr.cash_total),
        ("No charge, dispute, private", "neither credited nor charged", dtr.other_trips, dtr.other_total),
    ]
    return [[kind, note, str(count), figures.plain(total)] for kind, note, count, total in rows if count]


def _describe_taxes(dtr: Dtr, trips: Iterable[Trip]) -> str:
    taxes = days.sum_taxes_of(trips)
    kinds = ", ".join(f"{name} {figures.plain(amount)}" for name, amount in taxes.items() if amount)
    return f"Trip taxes of card and cash trips: {figures.plain(dtr.taxes_total)}" + (f" ({kinds})." if kinds else ".")


def _as_dict(table: figures.FiguresTable | None) -> dict[str, Any] | None:
    return asdict(table) if table else None


def _list_entries(dtr: Dtr) -> list[list[str]]:
    """A row for each posting: what it did to what is owed, and to what is held."""
    rows: dict[int, list[str]] = {}
    for row in selectors.list_dtr_entries(dtr):
        entry = row.entry
        amount = figures.plain(entry.change)
        listed = rows.get(entry.posting_id)
        if listed is not None:
            # The other side of the same posting, on the same lease.
            listed[4 if row.is_obligation else 5] = amount
            continue
        rows[entry.posting_id] = [
            _short(entry.effective_on),
            row.category_label,
            entry.reference_id,
            _describe_entry(row),
            amount if row.is_obligation else "",
            "" if row.is_obligation else amount,
        ]
    return list(rows.values())


def _describe_entry(row: selectors.DtrEntry) -> str:
    entry = row.entry
    words = [row.words]
    if entry.other_reference_id:
        words.append(entry.other_reference_id)
    elif row.is_obligation and entry.due_on and entry.due_on != entry.effective_on:
        words.append(f"due {_short(entry.due_on)}")
    if entry.reason:
        words.append(entry.reason)
    posted_on = timezone.localdate(entry.posted_at)
    if posted_on > entry.effective_on + CLOSED_WITHIN:
        words.append(f"posted {_short(posted_on)}")
    return " · ".join(words)


def _list_days(dtr: Dtr, trips: Iterable[Trip]) -> list[list[str]]:
    return [
        [
            f"{day.day:%a %b %-d}" + (" · late" if day.is_late else ""),
            str(day.card_trips),
            figures.plain(day.card_total),
            str(day.cash_trips),
            figures.plain(day.cash_total),
            str(day.other_trips) if day.other_trips else "",
            figures.plain(day.taxes_total),
        ]
        for day in days.sum_days(trips)
    ]


def _list_log(trips: Sequence[Trip]) -> list[list[list[str]]]:
    """The trips in parts that fit a page; a part is three columns, a column its five fields, a line for each trip."""
    parts = []
    for start in range(0, len(trips), TRIPS_ON_A_PAGE):
        rows = [_describe_trip(trip) for trip in trips[start : start + TRIPS_ON_A_PAGE]]
        height = -(-len(rows) // 3)
        columns = [rows[top : top + height] for top in range(0, len(rows), height)]
        parts.append([["\n".join(fields) for fields in zip(*column, strict=True)] for column in columns])
    return parts


def _describe_trip(trip: Trip) -> list[str]:
    start = timezone.localtime(trip.start_at)
    return [
        f"{start:%m/%d %H:%M}",
        trip.cab,
        trip.get_payment_type_display() + (", late" if trip.is_late else ""),
        figures.plain(trip.total),
        figures.plain(days.sum_taxes_of_trip(trip)),
    ]


def _short(day: date) -> str:
    return f"{day:%m/%d/%y}"
