"""The last step: every driver's account is cut, and what lies between two cuts is sealed in DTRs."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from core.columns import copy_objects
from core.expressions import is_of_batch
from core.weeks import Week
from curb import selectors as trips
from dtr.errors import DtrDoesNotBalance
from dtr.models import Dtr, DtrLine, WeekClose
from dtr.selectors import Identity, get_open_close, list_drivers_with_dtr, list_identities, list_last_closings
from ledger import locks
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from ledger.categories import Category, EntryType
from ledger.money import ZERO
from ledger.selectors import AccountCut, LineKey, MovementSum, RemainingSum

#: A driver and a lease, or None for what belongs to no lease.
Pair = tuple[int, int | None]

_CATEGORY_ORDER = {str(category): position for position, category in enumerate(Category.values)}


@ledger.money_transaction
def generate_dtrs(*, week: Week, driver_ids: Collection[int], today: date) -> int:
    """Seal the DTRs of these drivers for a started week on ``today``, New York's date, and return how many.

    One per driver and lease (or no lease) with a posting since its last cut or a balance that is not zero. All of a
    driver's share one cut and cover exactly the postings since the one before. A driver who has DTRs of this week
    is left as they are. Nothing is posted.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises DtrDoesNotBalance: a driver's postings and balances disagree; nothing was sealed
    """
    locks.lock_accounts(driver_ids)
    close = get_open_close(week)
    have_theirs = list_drivers_with_dtr(week=week, driver_ids=driver_ids)
    fresh = sorted(set(driver_ids) - have_theirs)
    if not fresh:
        return 0
    cuts = ledger.cut_accounts(driver_ids=fresh)
    remaining = ledger_selectors.sum_remaining(driver_ids=fresh, due_by=week.end, today=today)
    lines = _build_lines(
        openings=list_last_closings(fresh),
        movements=ledger_selectors.sum_cut_movements(cuts),
        remaining=remaining,
    )
    dtrs = _build_dtrs(close, today, cuts, lines, remaining)
    if not dtrs:
        return 0
    # The numbers are drawn here, under the counter's lock: as late as can be.
    copy_objects(list(dtrs.values()), _DTR_FIELDS)
    numbered = Dtr.objects.filter(is_of_batch("driver", fresh), week=week.end)
    ids: dict[Pair, int] = {
        (driver_id, lease_id): pk for driver_id, lease_id, pk in numbered.values_list("driver_id", "lease_id", "pk")
    }
    named = [_name_dtr(line, ids[pair]) for pair in dtrs for line in lines[pair]]
    if named:
        copy_objects(named, _LINE_FIELDS)
    return len(dtrs)


def _build_lines(
    *, openings: dict[LineKey, Decimal], movements: Iterable[MovementSum], remaining: Iterable[RemainingSum]
) -> dict[Pair, list[DtrLine]]:
    """One line for each key with a figure: an opening, what moved, or what remains; in the order of a DTR."""
    moved = {movement.key: movement for movement in movements}
    remains = {row.key: row.remaining for row in remaining}
    lines: dict[Pair, list[DtrLine]] = defaultdict(list)
    for key in sorted(openings.keys() | moved.keys() | remains.keys(), key=_line_order):
        driver_id, lease_id, _, _ = key
        # A DTR even where all of it was undone: it says so, and has no line.
        of_pair = lines[driver_id, lease_id]
        line = _build_line(key, openings.get(key, ZERO), moved.get(key), remains.get(key, ZERO))
        if line.has_figures:
            of_pair.append(line)
    return lines


def _line_order(key: LineKey) -> tuple[int, bool, int, bool, int]:
    driver_id, lease_id, side, category = key
    return driver_id, lease_id is None, lease_id or 0, side == EntryType.CREDIT, _CATEGORY_ORDER[category]


def _build_line(key: LineKey, opening: Decimal, moved: MovementSum | None, balance: Decimal) -> DtrLine:
    driver_id, lease_id, side, category = key
    columns = {column: getattr(moved, column) for column in ledger_selectors.MOVEMENT_COLUMNS} if moved else {}
    line = DtrLine(entry_type=side, category=category, opening=opening, balance=balance, **columns)
    line.closing = line.sum_columns()
    if line.closing != balance:
        # The database would refuse the row; said here with the figures.
        raise DtrDoesNotBalance(
            f"Driver {driver_id}, lease {lease_id}, {side} {category}: the postings add up to {line.closing}, "
            f"the ledger's balances to {balance}.",
            driver_id=driver_id,
            lease_id=lease_id,
            entry_type=side,
            category=category,
            closing=str(line.closing),
            balance=str(balance),
        )
    return line


def _build_dtrs(
    close: WeekClose,
    today: date,
    cuts: Iterable[AccountCut],
    lines: dict[Pair, list[DtrLine]],
    remaining: Iterable[RemainingSum],
) -> dict[Pair, Dtr]:
    week = close.week
    cut_of = {cut.driver_id: cut for cut in cuts}
    positions = _sum_positions(remaining)
    sums = trips.sum_trips_by_share(week=week, driver_ids=cut_of)
    identities = list_identities(close=close, pairs=lines)
    return {
        (driver_id, lease_id): Dtr(
            week_id=week.end,
            driver_id=driver_id,
            lease_id=lease_id,
            previous_cut=cut_of[driver_id].previous_cut,
            sealed_through=cut_of[driver_id].sealed_through,
            sealed_on=today,
            **_tell(identities[driver_id, lease_id], _IDENTITY),
            **_tell(positions[driver_id, lease_id], _POSITION),
            **_tell(sums.get((driver_id, lease_id), trips.NO_TRIPS), _TRIPS),
        )
        for driver_id, lease_id in lines
    }


@dataclass(slots=True)
class _Position:
    held: Decimal = ZERO
    deposits: Decimal = ZERO
    owed_due: Decimal = ZERO
    owed_since: Decimal = ZERO
    owed_later: Decimal = ZERO


_IDENTITY = [field.name for field in fields(Identity)]
_POSITION = [field.name for field in fields(_Position)]
_TRIPS = [field.name for field in fields(trips.TripTotals)]
#: What the database fills in by itself is left out: ids, numbers, the moment and the transaction of the seal.
_DTR_FIELDS = [
    "week", "driver", "lease", "previous_cut", "sealed_through", "sealed_on", *_IDENTITY, *_POSITION, *_TRIPS,
]  # fmt: skip
_LINE_FIELDS = ["dtr", "entry_type", "category", "opening", *ledger_selectors.MOVEMENT_COLUMNS, "closing", "balance"]


def _sum_positions(remaining: Iterable[RemainingSum]) -> dict[Pair, _Position]:
    positions: dict[Pair, _Position] = defaultdict(_Position)
    for row in remaining:
        position = positions[row.driver_id, row.lease_id]
        if row.entry_type == EntryType.DEBIT:
            position.owed_due += row.due
            position.owed_since += row.due_since
            position.owed_later += row.remaining - row.due - row.due_since
        elif row.category == Category.DEPOSIT:
            position.deposits += row.remaining
        else:
            position.held += row.remaining
    return positions


def _name_dtr(line: DtrLine, dtr_id: int) -> DtrLine:
    line.dtr_id = dtr_id
    return line


def _tell(facts: Any, names: Iterable[str]) -> dict[str, Any]:
    """What ``dataclasses.asdict`` returns, without a copy of each value, which costs ten times as much."""
    return {name: getattr(facts, name) for name in names}
