"""What a DTR's document says, as plain text: amounts and dates are formatted here, and nowhere in the template."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from curb import selectors as curb
from curb.models import Trip
from curb.selectors import days
from dtr import selectors
from dtr.models import Dtr, DtrLine
from ledger.money import ZERO, format_dollars

_OWED = {
    "opening": "Brought forward",
    "opened": "Charged",
    "paid": "Paid by you",
    "applied": "From credits",
    "written_off": "Written off",
    "voided": "Voided",
    "closing": "Carried forward",
}
_HELD = {
    "opening": "Brought forward",
    "opened": "Received",
    "paid": "Used as you asked",
    "applied": "Used by priority",
    "paid_out": "Paid out",
    "voided": "Voided",
    "closing": "Carried forward",
}
#: A week is closed the day after it ends; what was posted later than that says so.
CLOSED_WITHIN = timedelta(days=1)
#: Trips of a log that fit a page in three columns.
TRIPS_ON_A_PAGE = 180
#: Columns that are printed even where all of them are zero.
_ALWAYS = ("opening", "opened", "applied", "closing")


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
        "owed": _tabulate([line for line in lines if line.is_obligation], _OWED),
        "held": _tabulate([line for line in lines if not line.is_obligation], _HELD),
        "entries": _list_entries(dtr),
        "days": _list_days(dtr, trips),
        "log": _list_log(trips),
        "footer": f"Activity through {_moment(dtr.sealed_at)}. What is corrected later is on the next DTR.",
    }


def _list_facts(dtr: Dtr) -> list[list[str]]:
    lease = dtr.lease
    return [
        ["Driver", f"{dtr.driver.first_name} {dtr.driver.last_name}", f"TLC license {dtr.driver.tlc_license}"],
        ["Lease", str(lease) if lease else "Without a lease", f"Cab {lease.vehicle.medallion}" if lease else ""],
        ["Week", f"{dtr.days.start:%b %-d} – {dtr.week_id:%b %-d, %Y}", "Sunday to Saturday"],
        ["Activity through", _moment(dtr.sealed_at), "New York time"],
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
    return [[kind, note, str(count), _plain(total)] for kind, note, count, total in rows if count]


def _describe_taxes(dtr: Dtr, trips: Iterable[Trip]) -> str:
    taxes = days.sum_taxes_of(trips)
    kinds = ", ".join(f"{name} {_plain(amount)}" for name, amount in taxes.items() if amount)
    return f"Trip taxes of card and cash trips: {_plain(dtr.taxes_total)}" + (f" ({kinds})." if kinds else ".")


def _tabulate(lines: Sequence[DtrLine], titles: dict[str, str]) -> dict[str, Any] | None:
    if not lines:
        return None
    sums = {column: sum((getattr(line, column) for line in lines), ZERO) for column in titles}
    shown = [name for name in titles if name in _ALWAYS or any(getattr(line, name) for line in lines)]
    return {
        "names": ["Category", *(titles[column] for column in shown)],
        "rows": [[line.get_category_display(), *(_dash(getattr(line, column)) for column in shown)] for line in lines],
        "total": ["Together", *(_plain(sums[column]) for column in shown)],
    }


def _list_entries(dtr: Dtr) -> list[list[str]]:
    """A row for each posting: what it did to what is owed, and to what is held."""
    rows: dict[int, list[str]] = {}
    for row in selectors.list_dtr_entries(dtr):
        entry = row.entry
        amount = _plain(entry.change)
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
            _plain(day.card_total),
            str(day.cash_trips),
            _plain(day.cash_total),
            str(day.other_trips) if day.other_trips else "",
            _plain(day.taxes_total),
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
        _plain(trip.total),
        _plain(days.sum_taxes_of_trip(trip)),
    ]


def _plain(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace("-", "−")


def _dash(amount: Decimal) -> str:
    return _plain(amount) if amount else "–"


def _short(day: date) -> str:
    return f"{day:%m/%d/%y}"


def _moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%b %-d, %Y %-I:%M %p}"
