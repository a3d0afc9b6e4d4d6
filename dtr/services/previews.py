"""What a close would do, found out by doing it for a few drivers and undoing it."""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from django.db import IntegrityError

from core.expressions import is_of_batch
from core.previews import rolled_back
from core.weeks import Week, week_of
from core.words import say_full_day
from curb import selectors as curb_selectors
from curb import services as curb
from dtr.errors import WeekAlreadyClosed
from dtr.models import Dtr, Step, WeekClose
from dtr.selectors import find_last_close, list_dtrs, list_preview_drivers
from dtr.services.batches import run_step_for
from dtr.services.closes import check_is_over, check_turn
from leases.models import Driver
from ledger import locks
from ledger import services as ledger
from ledger.categories import EntryType
from ledger.money import ZERO

#: Drivers whose accounts a preview holds while it looks.
DRIVERS_IN_A_PREVIEW = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the close would make of a week, in dollars. It adds up, as a reader would add it:

    brought forward + charged − paid at the counter − paid from credits + other changes = still owed; and what is held
    less what is still owed and due is to pay, or, below zero, left to owe.
    """

    card_total: Decimal = ZERO
    #: Contained in what is charged.
    taxes_total: Decimal = ZERO
    brought_forward: Decimal = ZERO
    charged: Decimal = ZERO
    paid: Decimal = ZERO
    applied: Decimal = ZERO
    #: Corrected, forgiven, paid from a deposit, or undone since the last DTR; signed.
    changed: Decimal = ZERO
    still_owed: Decimal = ZERO
    #: Of what is still owed: due by the week's Saturday.
    owed_due: Decimal = ZERO
    #: Held for the driver, without deposits.
    held: Decimal = ZERO
    to_pay: Decimal = ZERO
    #: Owed and due that nothing held covers.
    short: Decimal = ZERO

    @property
    def net_due(self) -> Decimal:
        """Due to the driver; below zero, due from the driver."""
        return self.to_pay - self.short

    @property
    def net(self) -> Decimal:
        """What is held less all that is owed, due or not; below zero, owed by the driver."""
        return self.held - self.still_owed

    @property
    def owed_later(self) -> Decimal:
        return self.still_owed - self.owed_due


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverPreview(Figures):
    """A driver's week, over all their leases."""

    driver_id: int
    name: str


@dataclass(frozen=True, slots=True)
class WeekPreview:
    """One batch of the preview: batch ``number`` of ``batches``, from 1."""

    week: Week
    number: int
    batches: int
    drivers: list[DriverPreview]

    @property
    def total(self) -> Figures:
        """The sums over the drivers of this batch."""
        names = [column.name for column in fields(Figures)]
        return Figures(**{name: sum((getattr(row, name) for row in self.drivers), ZERO) for name in names})


def preview_week(*, week: Week, today: date, number: int = 1) -> WeekPreview:
    """Return what closing the week now would do to one small batch of drivers, found by the close's own steps.

    Everything runs in one transaction that is rolled back; only these drivers' accounts are held meanwhile. A number
    beyond the last batch gives the last.

    :raises WeekNotOver, WeekOutOfOrder, WeekStillOpen: the week can't be closed (now)
    :raises Busy: an account was not free in time
    """
    check_is_over(week, today)
    check_turn(week, find_last_close())
    drivers = list_preview_drivers()
    batches = max(1, -(-len(drivers) // DRIVERS_IN_A_PREVIEW))
    number = min(max(number, 1), batches)
    chosen = drivers[(number - 1) * DRIVERS_IN_A_PREVIEW : number * DRIVERS_IN_A_PREVIEW]
    try:
        with rolled_back():
            rows = _close(week, today, dict(chosen))
    except IntegrityError:
        # Its close was begun while this one was looking.
        check_turn(week, find_last_close())
        raise
    return WeekPreview(week, number, batches, rows)


def preview_driver(*, driver_id: int, today: date) -> DriverPreview:
    """Return what closing the running week now would do to one driver, as if it ended now; nothing is written.

    :raises WeekStillOpen: another week's close is not finished
    :raises WeekAlreadyClosed: the week of ``today`` is closed, or one after it
    :raises DriverNotFound: no such driver
    :raises Busy: their account was not free in time
    """
    week = week_of(today)
    last = find_last_close()
    if last is not None and not last.is_closed:
        check_turn(week, last)
    if last is not None and week.end <= last.week_end:
        raise WeekAlreadyClosed(f"The week ending {say_full_day(week.end)} is closed.", week_end=week.end.isoformat())
    driver = Driver.objects.filter(pk=driver_id).first()
    if driver is None:
        raise ledger.DriverNotFound(f"No driver {driver_id}.", driver_id=driver_id)
    with rolled_back():
        (row,) = _close(week, week.next.start, {driver_id: str(driver)})
    return row


def _close(week: Week, today: date, names: dict[int, str]) -> list[DriverPreview]:
    driver_ids = list(names)
    locks.lock_accounts(driver_ids)
    curb.match_waiting_trips()
    WeekClose.objects.create(week_end=week.end, trips_through=curb_selectors.get_last_trip_id())
    curb.freeze_changed_trips(week=week, driver_ids=driver_ids)
    for step in Step:
        run_step_for(step, week, driver_ids, None, today=today)
    dtrs: dict[int, list[Dtr]] = defaultdict(list)
    for dtr in list_dtrs().filter(is_of_batch("driver", driver_ids), week=week.end).prefetch_related("lines"):
        dtrs[dtr.driver_id].append(dtr)
    return [_describe(driver_id, name, dtrs[driver_id]) for driver_id, name in names.items()]


def _describe(driver_id: int, name: str, dtrs: list[Dtr]) -> DriverPreview:
    owed = [line for dtr in dtrs for line in dtr.lines.all() if line.entry_type == EntryType.DEBIT]
    sums = {
        column: sum((getattr(line, column) for line in owed), ZERO)
        for column in ("opening", "opened", "paid", "applied", "closing")
    }
    net_due = sum((dtr.net_due for dtr in dtrs), ZERO)
    return DriverPreview(
        driver_id=driver_id,
        name=name,
        card_total=sum((dtr.card_total for dtr in dtrs), ZERO),
        taxes_total=sum((dtr.taxes_total for dtr in dtrs), ZERO),
        brought_forward=sums["opening"],
        charged=sums["opened"],
        paid=sums["paid"],
        applied=sums["applied"],
        changed=sums["closing"] - sums["opening"] - sums["opened"] + sums["paid"] + sums["applied"],
        still_owed=sums["closing"],
        owed_due=sum((dtr.owed_due for dtr in dtrs), ZERO),
        held=sum((dtr.held for dtr in dtrs), ZERO),
        to_pay=max(net_due, ZERO),
        short=max(-net_due, ZERO),
    )
