"""The statements' promises, checked from the rows by other means than those that made them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from typing import TypeVar

from django.db.models import Count, Max

from core import guards
from core.audits import audit
from core.words import say_full_day
from dtr.models import Dtr, DtrLine, WeekClose
from ledger import selectors as ledger
from ledger.categories import Category, EntryType
from ledger.money import ZERO

DRIVERS_AT_ONCE = 500
_Row = TypeVar("_Row")
_COLUMNS = ledger.MOVEMENT_COLUMNS
_NOTHING = (ZERO,) * len(_COLUMNS)


@audit("dtr.cuts", "A driver's DTRs follow each other without a gap, and reach to where the account was last cut.")
def find_broken_cuts() -> Iterator[str]:
    sealed_drivers = {*ledger.list_cut_drivers(), *Dtr.objects.values_list("driver_id", flat=True).distinct()}
    for drivers in split(sorted(sealed_drivers), DRIVERS_AT_ONCE):
        last_cut = dict.fromkeys(drivers, 0)
        weeks = Dtr.objects.filter(driver__among=drivers).order_by("driver_id", "week_id")
        for driver_id, week_end, begins, ends in weeks.values_list(
            "driver_id", "week_id", "previous_cut", "sealed_through"
        ).distinct():
            if begins != last_cut[driver_id]:
                yield (
                    f"Driver {driver_id}, week ending {say_full_day(week_end)}: begins after posting {begins}, the DTR "
                    f"before ended at {last_cut[driver_id]}."
                )
            last_cut[driver_id] = ends
        for driver_id, sealed_through in ledger.list_account_cuts(drivers).items():
            if sealed_through != last_cut[driver_id]:
                yield (
                    f"Driver {driver_id}: the account is cut at {sealed_through}, the last DTR at "
                    f"{last_cut[driver_id]}."
                )


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


@audit("dtr.movements", "Every DTR tells what came to stand and what ceased to between two cuts, netted by document.")
def find_miscounted_movements() -> Iterator[str]:
    for drivers in _split_drivers():
        # Not by the sums that made the lines, but from what stood at each cut.
        expected = {
            (*key, sealed_through): stood
            for (key, sealed_through), columns in ledger.sum_standing_changes(_list_cuts(drivers)).items()
            if (stood := tuple(columns[column] for column in _COLUMNS)) != _NOTHING
        }
        for dtr, lines in _list_dtrs(drivers):
            for (side, category), line in lines.items():
                stated = tuple(getattr(line, column) for column in _COLUMNS)
                key = (dtr.driver_id, dtr.lease_id, side, category, dtr.sealed_through)
                # A DTR without new postings has the cut of the one before, whose movements these are.
                posted = expected.pop(key, _NOTHING) if dtr.sealed_through > dtr.previous_cut else _NOTHING
                if stated != posted:
                    yield f"{dtr}: {side} {category} tells {_words(stated)}, its postings say {_words(posted)}."
        for driver_id, lease_id, side, category, sealed_through in expected:
            yield (
                f"Driver {driver_id}, lease {lease_id}: no DTR cut at {sealed_through} tells what moved on {side} "
                f"{category}."
            )


@audit(
    "dtr.closings", "Every DTR closes with the balances rebuilt from all postings up to its cut, and leaves none out."
)
def find_wrong_closings() -> Iterator[str]:
    for drivers in _split_drivers():
        changes: dict[tuple[int, int], list[ledger.ChangeSum]] = defaultdict(list)
        for change in ledger.sum_cut_changes(_list_cuts(drivers)):
            changes[change.driver_id, change.sealed_through].append(change)
        rebuilt: dict[int, dict[ledger.LineKey, Decimal]] = {driver_id: {} for driver_id in drivers}
        for (driver_id, week_end, sealed_through), stated in _list_closings(drivers).items():
            left = rebuilt[driver_id]
            for change in changes.pop((driver_id, sealed_through), ()):
                left[change.key] = left.get(change.key, ZERO) + change.change
            for key in left.keys() | stated.keys():
                if left.get(key, ZERO) != stated.get(key, ZERO):
                    yield (
                        f"Driver {driver_id}, lease {key[1]}, week ending {say_full_day(week_end)}: {key[2]} {key[3]} "
                        f"closes with {stated.get(key, ZERO)}, the postings up to {sealed_through} leave "
                        f"{left.get(key, ZERO)}."
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
            if (held, deposits, owed) != (dtr.held, dtr.deposits, dtr.owed_due + dtr.owed_since + dtr.owed_later):
                yield f"{dtr}: its lines close with {held} held, {deposits} on deposit and {owed} owed."


@audit("dtr.tables", "What a driver's DTRs of a week say was paid on charges is what they say was used of credits.")
def find_tables_that_disagree() -> Iterator[str]:
    for drivers in _split_drivers():
        paid: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
        used: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
        for dtr, lines in _list_dtrs(drivers):
            for line in lines.values():
                moved = paid if line.is_obligation else used
                moved[dtr.driver_id, dtr.week_id] += line.paid + line.applied + line.from_deposit - line.undone
        for driver_id, week_end in paid.keys() | used.keys():
            on_charges, of_credits = paid[driver_id, week_end], used[driver_id, week_end]
            if on_charges != of_credits:
                yield (
                    f"Driver {driver_id}, week ending {say_full_day(week_end)}: {on_charges} paid on charges, "
                    f"{of_credits} used of credits."
                )


@audit("dtr.due", "What a DTR says was due by its Saturday, and fell due by its seal, is what postings left open.")
def find_wrong_due() -> Iterator[str]:
    for drivers in _split_drivers():
        dtrs = list(Dtr.objects.filter(driver__among=drivers).order_by("week_id", "number"))
        seals = {(dtr.driver_id, dtr.sealed_through, dtr.week_id, dtr.sealed_on) for dtr in dtrs}
        left = {
            (owed.driver_id, owed.lease_id, owed.sealed_through, owed.due_by): (owed.due, owed.due_since, owed.later)
            for owed in ledger.sum_owed_at_cuts(sorted(seals))
        }
        for dtr in dtrs:
            stated = (dtr.owed_due, dtr.owed_since, dtr.owed_later)
            posted = left.get((dtr.driver_id, dtr.lease_id, dtr.sealed_through, dtr.week_id), (ZERO,) * 3)
            if stated != posted:
                yield (
                    f"{dtr}: {stated[0]} due by its Saturday, {stated[1]} since and {stated[2]} later; the postings "
                    f"left {posted[0]}, {posted[1]} and {posted[2]}."
                )


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


@audit("dtr.guards", "What guards the closes and the statements stands as it was shipped, and nothing else beside it.")
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("dtr")


def _split_drivers() -> Iterator[Sequence[int]]:
    """Everybody who has a DTR, some at a time."""
    drivers = Dtr.objects.order_by("driver_id").values_list("driver_id", flat=True).distinct()
    return split(list(drivers), DRIVERS_AT_ONCE)


def split(rows: Sequence[_Row], size: int) -> Iterator[Sequence[_Row]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _list_dtrs(drivers: Sequence[int]) -> Iterator[tuple[Dtr, dict[tuple[str, str], DtrLine]]]:
    """Each DTR with its lines, in the order of the weeks."""
    for dtr in Dtr.objects.filter(driver__among=drivers).order_by("week_id", "number").prefetch_related("lines"):
        yield dtr, {(line.entry_type, line.category): line for line in dtr.lines.all()}


def _list_cuts(drivers: Sequence[int]) -> list[ledger.AccountCut]:
    """The spans between these drivers' cuts, from the cuts alone: what a DTR says of its beginning is not believed."""
    cuts = []
    sealed = Dtr.objects.filter(driver__among=drivers).order_by("driver_id", "sealed_through")
    for driver_id, rows in groupby(
        sealed.values_list("driver_id", "sealed_through").distinct(), key=lambda row: row[0]
    ):
        previous_cut = 0
        for _, sealed_through in rows:
            cuts.append(ledger.AccountCut(driver_id, previous_cut, sealed_through))
            previous_cut = sealed_through
    return cuts


def _list_closings(drivers: Sequence[int]) -> dict[tuple[int, date, int], dict[ledger.LineKey, Decimal]]:
    """What the lines close with, by driver, week and cut, in the order of the weeks."""
    closings: dict[tuple[int, date, int], dict[ledger.LineKey, Decimal]] = {}
    for dtr, lines in _list_dtrs(drivers):
        stated = closings.setdefault((dtr.driver_id, dtr.week_id, dtr.sealed_through), {})
        for (side, category), line in lines.items():
            stated[dtr.driver_id, dtr.lease_id, side, category] = line.closing
    return closings


def _words(amounts: Sequence[Decimal]) -> str:
    moved = [f"{column} {amount}" for column, amount in zip(_COLUMNS, amounts, strict=True) if amount]
    return ", ".join(moved) or "nothing"
