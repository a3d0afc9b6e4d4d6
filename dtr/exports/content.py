"""What a DTR's document says, as plain text: amounts and dates are formatted here, and nowhere in the template.

It reads the DTR and its :class:`Paper` alone: who and what it is about was sealed with it.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from dtr.exports import figures, trips
from dtr.exports.figures import day, plain
from dtr.models import Dtr
from dtr.selectors import DtrEntry, FurtherDriver, Paper
from ledger import selectors as ledger
from ledger.categories import Category, Kind
from ledger.money import ZERO, format_dollars

#: A week is closed the day after it ends; what was posted later than that says so.
CLOSED_WITHIN = timedelta(days=1)
#: A lease that ends within so many days of the week is told.
ENDS_SOON = timedelta(days=30)
#: Charges that the answer names; the table has all of them.
NAMED_IN_ANSWER = 2
#: Digits of the ledger's seal that are printed: ``manage.py verify_ledger --head`` takes them.
SEAL_DIGITS = 16
#: A head of a column from so many letters on is broken in two.
LONG_HEAD = 10
#: What a driver is given or hands in, with the sign it is told with.
_MONEY_KINDS = (Kind.PAYMENT, Kind.DEPOSIT, Kind.CREDIT_MEMO, Kind.PAYOUT)
_CATEGORY_ORDER = {str(category): position for position, category in enumerate(Category.values)}


def describe_dtr(paper: Paper) -> dict[str, Any]:
    """Return what the document of one DTR says."""
    dtr = paper.dtr
    return {
        "number": dtr.reference_id,
        "fleet": {"name": dtr.fleet_name, "contact": " · ".join(filter(None, [dtr.fleet_address, dtr.fleet_phone]))},
        "facts": _list_facts(paper),
        "answer": _answer(paper),
        "together": _describe_siblings(dtr, paper.siblings),
        "trips": _as_dict(trips.tabulate_parts(paper.trips)),
        "taxes": trips.list_taxes(paper.trips),
        "owed": _as_dict(figures.tabulate_owed(paper.lines)),
        "held": _as_dict(figures.tabulate_held(paper.lines)),
        "deposits": _as_dict(figures.tabulate_deposits(paper.lines)),
        "undone": _list_undone(paper),
        "charges": _list_charges(paper),
        "money": _list_money(paper),
        "plans": _list_plans(dtr),
        "year": _list_year(paper),
        "alerts": _list_alerts(paper),
        "entries": _list_entries(paper, is_after=False),
        "after": _list_entries(paper, is_after=True),
        "days": trips.list_days(paper.trips),
        "log": trips.list_log(paper.trips),
        "further": [_describe_further(further) for further in paper.further],
        "closing": _say_closing(dtr),
        "footer": _say_footer(dtr),
    }


def _as_dict(table: figures.FiguresTable | trips.TripTable | None) -> dict[str, Any] | None:
    return asdict(table) | {"names": [_break(name) for name in table.names]} if table else None


def _break(head: str) -> str:
    """A head of two or more words in two lines, so that eleven columns fit a page."""
    if len(head) < LONG_HEAD:
        return head
    first, _, rest = head.partition(" ") if len(head.partition(" ")[0]) > 4 else head.rpartition(" ")
    return f"{first}\n{rest}" if first and rest else head


def _list_facts(paper: Paper) -> list[list[str]]:
    dtr = paper.dtr
    of_lease = " · ".join(
        filter(
            None,
            [
                f"Plate {dtr.plate}" if dtr.plate else "",
                dtr.lease_type,
                f"{dtr.lease_start_on:%b %-d, %Y} to {dtr.lease_end_on:%b %-d, %Y}" if dtr.lease_end_on else "",
            ],
        )
    )
    paid, how = _say_last_payment(paper)
    return [
        ["Driver", dtr.driver_name, f"TLC license {dtr.tlc_license}"],
        ["Cab and lease", ", ".join(filter(None, [dtr.medallion, dtr.lease_name])), of_lease],
        ["Pay week", f"{dtr.days.start:%b %-d} – {dtr.week_id:%b %-d, %Y}", "Sunday to Saturday"],
        ["Last DTR", paid, how],
    ]


def _say_last_payment(paper: Paper) -> tuple[str, str]:
    last = paper.last
    if last is None:
        return "None before", ""
    if paper.last_payment:
        return f"{last.reference_id}, paid", "; ".join(paper.last_payment)
    return last.reference_id, "Nothing was due" if last.net_due <= 0 else "Not paid out: it is in this one"


def _answer(paper: Paper) -> dict[str, Any]:
    """The figure first: what is paid or owed on the day of the seal, and what it is made of."""
    dtr = paper.dtr
    rows = [["Held for you", plain(dtr.held)], [f"Due by {day(dtr.week_id)}", plain(-dtr.owed_due)]]
    if dtr.owed_since:
        rows += [["Net due for the week", plain(dtr.net_due)], ["Fallen due since", plain(-dtr.owed_since)]]
    if dtr.payable > 0:
        title = f"We pay you {format_dollars(dtr.payable)}"
    elif dtr.payable < 0:
        title = f"You owe {format_dollars(-dtr.payable)}"
    else:
        title = "Nothing is due"
    if paper.paid_with is not None:
        title = f"Paid with {paper.paid_with.days.label}"
    return {
        "title": title,
        "text": " ".join(_say_why(paper)),
        "rows": rows,
        "total": ["You owe" if dtr.payable < 0 else "We pay you", plain(abs(dtr.payable))],
    }


def _say_why(paper: Paper) -> list[str]:
    dtr = paper.dtr
    said = []
    if paper.paid_with is not None:
        said.append(f"A later week was closed the same day: this is settled with {paper.paid_with.reference_id}.")
    due = [charge for charge in paper.charges if charge.left and charge.due_on <= dtr.sealed_on]
    since = [charge for charge in due if charge.due_on > dtr.week_id]
    if since:
        said.append(f"Fallen due since {day(dtr.week_id)}: {_name_charges(paper, since)}.")
    if dtr.payable < 0 and paper.paid_with is None:
        named = _name_charges(paper, [charge for charge in due if charge not in since] or due)
        said.append(f"{named}. Pay at the counter, or it is taken from your next card fares.")
    elif dtr.payable > 0 and paper.paid_with is None:
        said.append(f"Payable on {day(dtr.sealed_on, year_of=dtr.week_id)}.")
    later = sum((charge.left for charge in paper.charges if charge.due_on > dtr.sealed_on), ZERO)
    if later:
        said.append(f"Due later: {plain(later)}.")
    return said


def _name_charges(paper: Paper, charges: Sequence[Any]) -> str:
    largest = sorted(charges, key=lambda charge: (-charge.left, charge.posting_id))
    named = [
        f"{paper.words[charge.posting_id]} ({plain(charge.left)}, due {day(charge.due_on, year_of=paper.dtr.week_id)})"
        for charge in largest[:NAMED_IN_ANSWER]
    ]
    rest = sum((charge.left for charge in largest[NAMED_IN_ANSWER:]), ZERO)
    return "; ".join([*named, f"other charges {plain(rest)}"] if rest else named)


def _describe_siblings(dtr: Dtr, siblings: Sequence[Dtr]) -> str:
    if not siblings:
        return ""
    others = ", ".join(
        f"{other.reference_id} ({other.lease_name.lower()}: {format_dollars(other.payable)})" for other in siblings
    )
    together = sum((other.payable for other in siblings), dtr.payable)
    return f"Your other DTRs of this week: {others}. All together {format_dollars(together)}."


def _list_undone(paper: Paper) -> list[list[str]]:
    return [[row.say(paper.words), row.reason, plain(row.amount)] for row in paper.undone]


def _list_charges(paper: Paper) -> list[list[str]]:
    """As the paper has them: the amount of what was charged before stands in brackets, which it says above them."""
    return [
        [*_tell_charge(paper, charge), plain(charge.amount) if charge.is_new else f"({plain(charge.amount)})", left]
        for charge, left in _sort_charges(paper)
    ]


def list_charges(paper: Paper) -> list[list[str]]:
    """As a page has them, where a bracket would read as a minus: what was charged before says so in words."""
    rows = []
    for charge, left in _sort_charges(paper):
        due, words, reference = _tell_charge(paper, charge)
        rows.append(
            [due, words if charge.is_new else f"{words}, charged before", reference, plain(charge.amount), left]
        )
    return rows


def _sort_charges(paper: Paper) -> list[tuple[ledger.ChargeAtCut, str]]:
    """What was charged in the week or is still open, but for trip taxes that are paid; each with what is left of it."""
    told = [charge for charge in paper.charges if charge.category != Category.TAXES or not charge.is_new or charge.left]
    told.sort(key=lambda charge: (_CATEGORY_ORDER[charge.category], charge.due_on, charge.posting_id))
    return [(charge, figures.dash(charge.left)) for charge in told]


def _tell_charge(paper: Paper, charge: ledger.ChargeAtCut) -> tuple[str, str, str]:
    return day(charge.due_on, year_of=paper.dtr.week_id), paper.words[charge.posting_id], charge.reference_id


def _list_money(paper: Paper) -> list[list[str]]:
    """What the driver handed in, was credited or was paid: the day, in words, the amount."""
    rows: dict[int, list[str]] = {}
    for row in paper.entries:
        entry = row.entry
        if entry.event in _MONEY_KINDS:
            amount = entry.change if entry.event != Kind.PAYOUT else -entry.change
            rows.setdefault(
                entry.posting_id,
                [day(entry.effective_on, year_of=paper.dtr.week_id), paper.words[entry.posting_id], plain(amount)],
            )
    return list(rows.values())


def _list_plans(dtr: Dtr) -> list[list[str]]:
    rows = []
    for plan in dtr.told.get("plans", []):
        next_on = date.fromisoformat(plan["next_on"])
        parts = f"{plan['parts']} part{'' if plan['parts'] == 1 else 's'} to come"
        state = "on hold" if plan["is_on_hold"] else f"next {day(next_on, year_of=dtr.week_id)}"
        rows.append([plan["name"], f"{parts}, {state}", plain(Decimal(plan["left"]))])
    return rows


def _list_year(paper: Paper) -> list[list[str]]:
    year = paper.year
    return [
        ["Card earnings, gross", plain(year.card_total)],
        ["Trip taxes", plain(year.taxes)],
        ["All charges, taxes included", plain(year.charges)],
        ["Paid out to you", plain(year.paid_out)],
    ]


def _list_alerts(paper: Paper) -> list[str]:
    dtr = paper.dtr
    alerts = []
    deposit = dtr.told.get("deposit")
    if deposit:
        missing, asked = plain(Decimal(deposit["missing"])), plain(Decimal(deposit["asked"]))
        alerts.append(f"{missing} of the deposit of {asked} is missing")
    if dtr.lease_end_on is not None and dtr.week_id < dtr.lease_end_on <= dtr.week_id + ENDS_SOON:
        alerts.append(f"{dtr.lease_name} ends on {dtr.lease_end_on:%b %-d, %Y}")
    for charge in paper.charges:
        if charge.category == Category.TLC and charge.left and charge.due_on > dtr.sealed_on:
            due = day(charge.due_on, year_of=dtr.week_id)
            alerts.append(f"To answer or pay by {due}: {paper.words[charge.posting_id]}")
    return alerts


def _list_entries(paper: Paper, *, is_after: bool) -> list[list[str]]:
    """A row for each posting: what it did to what is owed, and to what is held; those after the week apart."""
    rows: dict[int, list[str]] = {}
    for row in paper.entries:
        entry = row.entry
        if (entry.effective_on > paper.dtr.week_id) != is_after:
            continue
        amount = plain(entry.change)
        listed = rows.get(entry.posting_id)
        if listed is not None:
            # The other side of the same posting, on the same lease.
            listed[3 if row.is_obligation else 4] = amount
            continue
        rows[entry.posting_id] = [
            figures.day(entry.effective_on, year_of=paper.dtr.week_id),
            entry.reference_id,
            _describe_entry(paper, row),
            amount if row.is_obligation else "",
            "" if row.is_obligation else amount,
        ]
    return list(rows.values())


def _describe_entry(paper: Paper, row: DtrEntry) -> str:
    entry = row.entry
    words = [paper.words[entry.posting_id]]
    if row.crosses_leases:
        words.append(row.where)
    if row.is_obligation and entry.due_on and entry.due_on != entry.effective_on and not entry.other_reference_id:
        words.append(f"due {day(entry.due_on, year_of=paper.dtr.week_id)}")
    posted_on = timezone.localdate(entry.posted_at)
    if posted_on > entry.effective_on + CLOSED_WITHIN:
        words.append(f"posted {day(posted_on, year_of=paper.dtr.week_id)}")
    return " · ".join(words)


def _describe_further(further: FurtherDriver) -> dict[str, Any]:
    return {
        "name": further.name,
        "license": further.license,
        "dtr": further.dtr.reference_id if further.dtr else "",
        "trips": _as_dict(trips.tabulate_parts(further.trips)),
        "taxes": trips.list_taxes(further.trips),
        "days": trips.list_days(further.trips),
    }


def _say_footer(dtr: Dtr) -> str:
    said = f"Everything known on {figures.moment(dtr.sealed_at)}. What is corrected later is on the next DTR."
    return f"{said} Seal {dtr.seal_head[:SEAL_DIGITS]}." if dtr.seal_head else said


def _say_closing(dtr: Dtr) -> str:
    return (
        f"Does a charge look wrong? Tell the counter and name {dtr.reference_id}: what was charged against your lease "
        "or the rules is given back to you. Complaints about a lease go to the TLC, by 311."
    )
