"""The statements' promises, checked from the rows by other means than those that made them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path
from typing import TypeVar

from django.apps import apps
from django.db import connection
from django.db.models import Count, DecimalField, F, Max, Q, Sum
from django.db.models.functions import Coalesce

from config.kit.audits import audit
from dtr import rules
from dtr.models import Dtr, DtrLine, Trip, WaitsFor, WeekClose
from ledger import selectors as ledger
from ledger.categories import Category, EntryType
from ledger.money import ZERO

DRIVERS_AT_ONCE = 500
REFERENCES_AT_ONCE = 5000
_GUARDS = ("guards.sql", "curb_guards.sql")
_SQL = Path(__file__).resolve().parent / "sql"
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+)")
_FUNCTION = re.compile(r"CREATE FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$", re.DOTALL)
_Row = TypeVar("_Row")
_COLUMNS = ("opened", "paid", "applied", "written_off", "paid_out", "voided")
_NOTHING = (ZERO,) * len(_COLUMNS)


@audit("dtr.cuts", "A driver's DTRs follow each other without a gap, and reach to where his account was last cut.")
def find_broken_cuts() -> Iterator[str]:
    sealed_drivers = {*ledger.list_cut_drivers(), *Dtr.objects.values_list("driver_id", flat=True).distinct()}
    for drivers in _split(sorted(sealed_drivers), DRIVERS_AT_ONCE):
        last_cut = dict.fromkeys(drivers, 0)
        weeks = Dtr.objects.filter(driver__in=drivers).order_by("driver_id", "week_id")
        for driver_id, week_end, begins, ends in weeks.values_list(
            "driver_id", "week_id", "previous_cut", "cut_at"
        ).distinct():
            if begins != last_cut[driver_id]:
                yield (
                    f"Driver {driver_id}, week ending {week_end}: begins after posting {begins}, the DTR before ended "
                    f"at {last_cut[driver_id]}."
                )
            last_cut[driver_id] = ends
        for driver_id, cut_at in ledger.list_account_cuts(drivers).items():
            if cut_at != last_cut[driver_id]:
                yield f"Driver {driver_id}: the account is cut at {cut_at}, the last DTR at {last_cut[driver_id]}."


@audit("dtr.openings", "Every line of a DTR opens with what the driver's last DTR on that lease closed with.")
def find_broken_openings() -> Iterator[str]:
    for drivers in _split_drivers():
        closings: dict[tuple[int, int | None], dict[tuple[str, str], Decimal]] = defaultdict(dict)
        for dtr, lines in _list_dtrs(drivers):
            openings = {key: line.opening for key, line in lines.items() if line.opening}
            before = closings[dtr.driver_id, dtr.lease_id]
            for side, category in sorted(openings.keys() | before.keys()):
                opening, closing = openings.get((side, category), ZERO), before.get((side, category), ZERO)
                if opening != closing:
                    yield f"{dtr}: {side} {category} opens with {opening}, the DTR before closed with {closing}."
            closings[dtr.driver_id, dtr.lease_id] = {key: line.closing for key, line in lines.items() if line.closing}


@audit("dtr.movements", "Every posting up to the last cut is counted, once on each balance it moves, in one DTR.")
def find_miscounted_movements() -> Iterator[str]:
    for drivers in _split_drivers():
        expected = {
            (*movement.key, movement.cut_at): tuple(getattr(movement, column) for column in _COLUMNS)
            for movement in ledger.sum_cut_movements(_list_cuts(drivers))
        }
        for dtr, lines in _list_dtrs(drivers):
            for (side, category), line in lines.items():
                told = tuple(getattr(line, column) for column in _COLUMNS)
                key = (dtr.driver_id, dtr.lease_id, side, category, dtr.cut_at)
                # A DTR without new postings has the cut of the one before, whose movements these are.
                posted = expected.pop(key, _NOTHING) if dtr.cut_at > dtr.previous_cut else _NOTHING
                if told != posted:
                    yield f"{dtr}: {side} {category} tells {_words(told)}, its postings say {_words(posted)}."
        for driver_id, lease_id, side, category, cut_at in expected:
            yield f"Driver {driver_id}, lease {lease_id}: no DTR cut at {cut_at} tells what moved on {side} {category}."


@audit(
    "dtr.closings", "Every DTR closes with the balances rebuilt from all postings up to its cut, and leaves none out."
)
def find_wrong_closings() -> Iterator[str]:
    for drivers in _split_drivers():
        changes: dict[tuple[int, int], list[ledger.ChangeSum]] = defaultdict(list)
        for change in ledger.sum_cut_changes(_list_cuts(drivers)):
            changes[change.driver_id, change.cut_at].append(change)
        rebuilt: dict[int, dict[ledger.LineKey, Decimal]] = {driver_id: {} for driver_id in drivers}
        for (driver_id, week_end, cut_at), told in _list_closings(drivers).items():
            left = rebuilt[driver_id]
            for change in changes.pop((driver_id, cut_at), ()):
                left[change.key] = left.get(change.key, ZERO) + change.change
            for key in left.keys() | told.keys():
                if left.get(key, ZERO) != told.get(key, ZERO):
                    yield (
                        f"Driver {driver_id}, lease {key[1]}, week ending {week_end}: {key[2]} {key[3]} closes with "
                        f"{told.get(key, ZERO)}, the postings up to {cut_at} leave {left.get(key, ZERO)}."
                    )


@audit("dtr.sums", "What a DTR says is held, on deposit and owed is what its lines close with.")
def find_wrong_sums() -> Iterator[str]:
    for drivers in _split_drivers():
        for dtr, lines in _list_dtrs(drivers):
            held = deposits = owed = ZERO
            for line in lines.values():
                if line.entry_type == EntryType.DEBIT:
                    owed += line.closing
                elif line.category == Category.DEPOSIT:
                    deposits += line.closing
                else:
                    held += line.closing
            if (held, deposits, owed) != (dtr.held, dtr.deposits, dtr.owed_due + dtr.owed_later):
                yield f"{dtr}: its lines close with {held} held, {deposits} on deposit and {owed} owed."


@audit("dtr.numbers", "DTRs are numbered from 1 without a gap.")
def find_missing_numbers() -> Iterator[str]:
    found = Dtr.objects.aggregate(count=Count("pk"), last=Max("number"))
    if found["count"] != (found["last"] or 0):
        yield f"{found['count']} DTRs are there, the last is number {found['last']}."


@audit("dtr.weeks", "Weeks were closed one after the other, and only the newest is open.")
def find_broken_weeks() -> Iterator[str]:
    weeks = list(WeekClose.objects.order_by("week_end"))
    for before, after in pairwise(weeks):
        if after.week_end - before.week_end != timedelta(days=7):
            yield f"{after} follows {before}."
        if not before.is_closed:
            yield f"{before} is open, and {after} was begun."
    for week in WeekClose.objects.filter(state=WeekClose.State.CLOSED, batches__done_at=None, batches__isnull=False):
        yield f"{week} is closed with work that is not done."


@audit("dtr.trips", "Card and cash trips of a closed week carry the references of their driver, lease and week.")
def find_uncounted_trips() -> Iterator[str]:
    taxed = Q(payment_type__in=[kind.value for kind in rules.TAXED_TYPES])
    earning = Q(payment_type__in=[kind.value for kind in rules.EARNING_TYPES])
    closed = Trip.objects.filter(week__state=WeekClose.State.CLOSED)
    for trip in closed.filter((taxed & Q(taxes_reference="")) | (earning & Q(credited_reference="")))[:1000]:
        yield f"Trip {trip} was counted in the week ending {trip.week_id} and carries no reference."
    mixed = (
        Trip.objects.exclude(taxes_reference="")
        .order_by()
        .values("taxes_reference")
        .annotate(
            weeks=Count("week", distinct=True),
            drivers=Count("driver", distinct=True),
            leases=Count(Coalesce("lease_id", 0), distinct=True),
        )
        .exclude(weeks=1, drivers=1, leases=1)
    )
    for row in mixed:
        yield f"{row['taxes_reference']} is carried by trips of several weeks, or of several drivers or leases."
    for trip in Trip.objects.filter(week__isnull=False).exclude(waits_for=WaitsFor.NOTHING)[:1000]:
        yield f"Trip {trip} was counted while it waits for {trip.waits_for}."


@audit(
    "dtr.earnings", "Card fares were credited and trip taxes charged to the cent: each posting is the sum of its trips."
)
def find_wrong_earnings() -> Iterator[str]:
    taxes = sum((F(column) for column in rules.TAX_COLUMNS[1:]), F(rules.TAX_COLUMNS[0]))
    yield from _compare_references("credited_reference", F("total"), owed_to_driver=True)
    yield from _compare_references("taxes_reference", taxes, owed_to_driver=False)


@audit("dtr.receipts", "Every trip on a receipt to CURB was counted by the closed week, and is of the period, of it.")
def find_wrong_receipts() -> Iterator[str]:
    wrong = Trip.objects.filter(reconciliation__isnull=False).exclude(
        week__state=WeekClose.State.CLOSED, week=F("reconciliation__week"), period=F("reconciliation__period")
    )
    for trip in wrong.order_by("pk").iterator():
        yield f"Trip {trip}: it is on receipt {trip.reconciliation_id}, which is not of its closed week and period."


@audit("dtr.guards", "Every guard of the statements and the trips is there, always on, and as it was written.")
def find_missing_guards() -> Iterator[str]:
    written = "\n".join((_SQL / file_name).read_text() for file_name in _GUARDS)
    functions = dict(_FUNCTION.findall(written))
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled = 'A'")
        always_on = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(%s)", [list(functions)])
        sources = dict(cursor.fetchall())
        cursor.execute(
            """
            SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND convalidated
            UNION ALL
            SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND indisvalid
            """
        )
        held = {name for (name,) in cursor.fetchall()}
    for name in _TRIGGER.findall(written):
        if name not in always_on:
            yield f"The trigger {name} is missing or not always on."
    for name, source in functions.items():
        if sources.get(name) != source:
            yield f"The function {name} is missing or was changed."
    for model in apps.get_app_config("dtr").get_models():
        for constraint in model._meta.constraints:
            if constraint.name not in held:
                yield f"The constraint {constraint.name} is missing or not valid."


def _compare_references(column: str, amount: object, *, owed_to_driver: bool) -> Iterator[str]:
    sums = {
        row[column]: row["amount"]
        for row in Trip.objects.exclude(**{column: ""})
        .order_by()
        .values(column)
        .annotate(
            amount=Sum(amount, output_field=DecimalField(max_digits=14, decimal_places=2)),
        )
    }
    for references in _split(sorted(sums), REFERENCES_AT_ONCE):
        # The first posting that opened under the reference: a later correction of it is the ledger's own affair.
        opened: dict[str, Decimal] = {}
        openings = ledger.list_postings().filter(reference_id__in=references, balance__isnull=True).order_by("id")
        for reference_id, entry_type, posted in openings.values_list("reference_id", "entry_type", "amount"):
            is_credit = entry_type == EntryType.CREDIT
            opened.setdefault(reference_id, posted if is_credit == owed_to_driver else -posted)
        for reference_id in references:
            if sums[reference_id] != opened.get(reference_id, ZERO):
                yield (
                    f"{reference_id}: its trips sum to {sums[reference_id]}, posted was "
                    f"{opened.get(reference_id, ZERO)}."
                )


def _split_drivers() -> Iterator[Sequence[int]]:
    """Everybody who has a DTR, some at a time."""
    drivers = Dtr.objects.order_by("driver_id").values_list("driver_id", flat=True).distinct()
    return _split(list(drivers), DRIVERS_AT_ONCE)


def _split(rows: Sequence[_Row], size: int) -> Iterator[Sequence[_Row]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _list_dtrs(drivers: Sequence[int]) -> Iterator[tuple[Dtr, dict[tuple[str, str], DtrLine]]]:
    """Each DTR with its lines, in the order of the weeks."""
    for dtr in Dtr.objects.filter(driver__in=drivers).order_by("week_id", "number").prefetch_related("lines"):
        yield dtr, {(line.entry_type, line.category): line for line in dtr.lines.all()}


def _list_cuts(drivers: Sequence[int]) -> list[ledger.AccountCut]:
    """The spans between these drivers' cuts, from the cuts alone: what a DTR says of its beginning is not believed."""
    cuts = []
    sealed = Dtr.objects.filter(driver__in=drivers).order_by("driver_id", "cut_at")
    for driver_id, rows in groupby(sealed.values_list("driver_id", "cut_at").distinct(), key=lambda row: row[0]):
        previous_cut = 0
        for _, cut_at in rows:
            cuts.append(ledger.AccountCut(driver_id, previous_cut, cut_at))
            previous_cut = cut_at
    return cuts


def _list_closings(drivers: Sequence[int]) -> dict[tuple[int, date, int], dict[ledger.LineKey, Decimal]]:
    """What the lines close with, by driver, week and cut, in the order of the weeks."""
    closings: dict[tuple[int, date, int], dict[ledger.LineKey, Decimal]] = {}
    for dtr, lines in _list_dtrs(drivers):
        told = closings.setdefault((dtr.driver_id, dtr.week_id, dtr.cut_at), {})
        for (side, category), line in lines.items():
            told[dtr.driver_id, dtr.lease_id, side, category] = line.closing
    return closings


def _words(amounts: Sequence[Decimal]) -> str:
    moved = [f"{column} {amount}" for column, amount in zip(_COLUMNS, amounts, strict=True) if amount]
    return ", ".join(moved) or "nothing"
