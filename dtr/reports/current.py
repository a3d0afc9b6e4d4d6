"""Current balances: where each driver stands as if the running week ended now."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection

from core.clock import NEW_YORK
from core.reports import (
    READ,
    WHO,
    Asked,
    Bar,
    Behind,
    Leads,
    ListedRows,
    Report,
    Row,
    Rows,
    choice,
    day,
    money,
    register,
    text,
)
from core.reports.links import to_page
from core.weeks import Week, week_of
from core.words import say_day, say_full_day, say_week
from curb import selectors as curb
from dtr import selectors
from ledger import selectors as ledger
from ledger.categories import OBLIGATION_CATEGORIES, Category
from ledger.money import ZERO
from ledger.reports import OF_DRIVER, last_payment_of, list_charge_columns, read_standing_lines

#: Asks for the drivers whom Home counts before Saturday.
_SHORT = "short"
_CLOSE = to_page("admin:dtr_dtr_current_driver", "driver_id")

#: Their leases in force; the deposit is asked of the primary driver. Of whoever has none, nothing is told of a lease.
_PEOPLE = f"""
    SELECT d.id, concat(d.last_name, ', ', d.first_name), d.tlc_license, last_payment.received_on,
        coalesce(string_agg(l.id::text, ', ' ORDER BY l.id), ''),
        coalesce(string_agg(v.medallion, ', ' ORDER BY l.id), ''),
        coalesce(sum(l.deposit) FILTER (WHERE span.is_primary), 0.00)
    FROM leases_driver d
        LEFT JOIN leases_leasedriver span ON span.driver_id = d.id AND %(as_of)s BETWEEN span.start_on AND span.end_on
        LEFT JOIN leases_lease l ON l.id = span.lease_id LEFT JOIN leases_vehicle v ON v.id = l.vehicle_id
        {last_payment_of("d.id")}
    WHERE d.id = ANY(%(drivers)s)
    GROUP BY d.id, last_payment.received_on
"""


_CHARGED = tuple(category.lower() for category in OBLIGATION_CATEGORIES)


def _read_people(driver_ids: list[int], as_of: date) -> dict[int, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"as_of": as_of, "drivers": driver_ids})
        return {driver_id: facts for driver_id, *facts in cursor.fetchall()}


def _make_row(
    balance: selectors.CurrentBalance, changes: ledger.WeekChanges, person: tuple[Any, ...], week: Week
) -> Row:
    name, tlc_license, last_payment, leases, cabs, asked = person
    charged = {category: changes.charged.get(category, ZERO) for category in OBLIGATION_CATEGORIES}
    for category, amount in balance.coming_in.items():
        charged[category] += amount
    charged[Category.TAXES] += balance.taxes_total
    return {
        "driver_id": balance.driver_id,
        "driver": name,
        "tlc_license": tlc_license,
        "leases": leases,
        "cabs": cabs,
        "before": balance.owed - balance.held - changes.net,
        **{category.lower(): amount for category, amount in charged.items()},
        "card": -changes.earned - balance.card_total,
        "paid": -changes.paid,
        "other": changes.other,
        "owes": max(-balance.net, ZERO),
        "due": max(balance.net, ZERO),
        "by_saturday": balance.due_by_saturday,
        "deposit": balance.deposits,
        "asked": asked,
        "last_payment": last_payment,
        "since": week.start,
    }


def _read(asked: Asked) -> ListedRows:
    week = week_of(asked.today)
    balances = selectors.list_current_balances(asked.today)
    changes = ledger.list_changes_since(week.start)
    people = _read_people([balance.driver_id for balance in balances], asked.today)
    rows = [
        _make_row(balance, changes.get(balance.driver_id, ledger.WeekChanges()), people[balance.driver_id], week)
        for balance in balances
    ]
    show = asked["show"]
    if show == _SHORT:
        short = ledger.sum_short_for_saturday(today=asked.today)
        return ListedRows([row for row in rows if row["driver_id"] in short])
    return ListedRows([row for row in rows if not show or row[show]])


def _read_lines(asked: Asked, figure: str, keys: Mapping[str, Any]) -> Rows:
    """Return what a figure is made of: postings, installments that fall due by Saturday, trips not counted yet."""
    week, driver_id = week_of(asked.today), keys["driver_id"]
    if figure == "before":
        return read_standing_lines(Asked(asked.today, {"as_of": week.start - timedelta(days=1)}), "net", keys)
    if figure == "deposit":
        return read_standing_lines(Asked(asked.today, {"as_of": asked.today}), "deposit", keys)
    if figure == "by_saturday":
        return ListedRows(_list_due_lines(driver_id, asked.today))
    lines = [
        _make_line("ledger_ledgerposting", change.posting_id, change.effective_on, None, change.reference_id, amount)
        for change in ledger.list_changes_of(driver_id, week.start)
        if (amount := change.amount) and _name_column(change) == figure
    ]
    if figure.upper() in OBLIGATION_CATEGORIES:
        lines += _list_coming_lines(driver_id, week, category=figure.upper())
    if figure in ("card", Category.TAXES.lower()):
        for trip in curb.list_uncounted_of(driver_id, week):
            if amount := -trip.card if figure == "card" else trip.taxes:
                words = f"{'Takes back' if trip.is_back else 'Trip'} {trip.record}, not counted yet"
                lines.append(
                    _make_line("curb_trip", trip.trip_id, trip.start_at.astimezone(NEW_YORK).date(), words, "", amount)
                )
    return ListedRows(sorted(lines, key=lambda line: line["day"]))


def _list_due_lines(driver_id: int, today: date) -> list[Row]:
    week = week_of(today)
    owed = ledger.list_open_obligations(driver_id, on=today).filter(due_on__lte=week.end)
    charged = [
        _make_line("ledger_ledgerbalance", one.pk, one.due_on, None, one.reference_id, one.remaining) for one in owed
    ]
    return sorted([*charged, *_list_coming_lines(driver_id, week)], key=lambda line: line["day"])


def _list_coming_lines(driver_id: int, week: Week, *, category: str = "") -> list[Row]:
    return [
        _make_line(
            None, None, coming.due_on, f"{coming.description}, not charged yet", coming.reference_id, coming.amount
        )
        for coming in ledger.list_installments_payable_ahead(driver_id, week.end)
        if category in ("", coming.category)
    ]


def _name_column(change: ledger.WeekChange) -> str:
    """Return the column in which a posting of the week is."""
    return {"OBLIGATION": change.category.lower(), "EARNINGS": "card", "PAYMENT": "paid"}.get(change.event, "other")


def _make_line(
    page: str | None, pk: int | None, on: date | None, words: str | None, reference_id: str, amount: Any
) -> Row:
    facts = {"page": page, "id": pk, "day": on, "words": words}
    return {**facts, "reference_id": reference_id, "amount": amount}


def _tell_week(asked: Asked) -> list[str]:
    week = week_of(asked.today)
    return [
        f"This is Sunday's close, if it ran now: the pay week is {say_week(week)}, and it is "
        f"{say_full_day(asked.today)}. From before is what was owed, less what was held, when it began; from there the "
        "columns add up to what the driver owes, or what is due to them."
    ]


def _lead_back(asked: Asked) -> Leads:
    """Lead to the books of each day since the last close: what a close would have said then, nobody knows any more."""
    first = week_of(asked.today).start - timedelta(days=1)
    days = [asked.today - timedelta(days=back) for back in range(1, (asked.today - first).days + 1)]
    return Leads(
        "What a close would have said on an earlier day can't be told any more: trips came in and plans were changed "
        "since. What the books say of the end of an earlier day:",
        "position",
        [(say_day(day, told_on=asked.today), {"as_of": day}) for day in days],
    )


register(
    Report(
        slug="current-balances",
        title="Current balances",
        group="Where drivers stand",
        place=10,
        sentence="What Sunday's DTRs will say of each driver if nothing else happens, by plain reads; nothing is "
        "written. The whole week's rent and what else falls due by Saturday is in it, and card trips as far as they "
        "came. Figures are what the driver owes; a minus is in their favor. Deposits stand apart.",
        permissions=(READ, "ledger.view_ledgerbalance"),
        parameters=(
            choice(
                "show", "Show", [("owes", "Who owes"), ("due", "Who is owed"), (_SHORT, "Who is short for Saturday")]
            ),
            WHO,
        ),
        columns=(
            text("driver", "Driver", link=_CLOSE, is_searched=True),
            text("cabs", "Cab", is_searched=True),
            text("leases", "Lease", is_searched=True, beside=True),
            money("before", "From before"),
            *list_charge_columns(),
            money("card", "Card so far"),
            money("paid", "Paid this week"),
            money("other", "Paid out, credited, forgiven"),
            money("owes", "Driver owes", link=_CLOSE, is_answer=True),
            money("due", "Due to driver", link=_CLOSE, is_answer=True),
            money("by_saturday", "Due by Saturday", is_aside=True),
            money("deposit", "Deposit held", is_aside=True),
            money("asked", "Deposit asked", link=to_page("driver", "driver_id"), is_aside=True),
            day("last_payment", "Last payment", is_aside=True),
        ),
        read=_read,
        tell=_tell_week,
        leads=_lead_back,
        bar=(
            Bar("owes", "owed by", "driver", by="driver_id"),
            Bar("due", "due to", "driver", by="driver_id"),
        ),
        behind=Behind(
            keys=OF_DRIVER,
            figures=("before", *_CHARGED, "card", "paid", "other", "by_saturday", "deposit"),
            read=_read_lines,
            tell=ledger.list_words,
        ),
        empty="No lease had figures on {day}.",
    )
)
