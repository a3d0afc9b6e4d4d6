"""Where drivers stand with the fleet, now and at any moment of the past."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Q

from core.clock import NEW_YORK
from core.errors import ValueInvalid
from core.transactions import is_retryable, set_lock_timeout
from ledger.categories import Category, EntryType, Status
from ledger.errors import DriverNotFound, LedgerBusy
from ledger.models import LedgerAccount, LedgerBalance
from ledger.money import ZERO
from ledger.selectors.balances import remaining_where
from ledger.selectors.effects import effects_sql


@dataclass(frozen=True, slots=True)
class Position:
    """A driver's open money in dollars. ``as_of`` parts what is due from what is not; deposits stand apart."""

    driver_id: int
    as_of: date
    obligations_due: Decimal = ZERO
    obligations_not_due: Decimal = ZERO
    held_credits: Decimal = ZERO
    deposits: Decimal = ZERO

    @property
    def obligations(self) -> Decimal:
        return self.obligations_due + self.obligations_not_due

    @property
    def net_position(self) -> Decimal:
        """What the driver owes, due or not, less what the fleet holds for them; below zero the fleet owes them."""
        return self.obligations - self.held_credits

    @property
    def net_due_to_driver(self) -> Decimal:
        """What the fleet holds for the driver, less what they owe by ``as_of``; below zero they owe."""
        return self.held_credits - self.obligations_due


def get_position(driver_id: int, *, as_of: date) -> Position:
    """Return where the driver stands now; a driver without postings has zeros."""
    return list_positions([driver_id], as_of=as_of)[0]


def list_positions(driver_ids: Iterable[int] | None = None, *, as_of: date) -> list[Position]:
    """Return where the given drivers stand now, in the order given; without any, all who have something open, by id."""
    owed, held = Q(entry_type=EntryType.DEBIT), Q(entry_type=EntryType.CREDIT)
    deposit = Q(category=Category.DEPOSIT)
    balances = LedgerBalance.objects.filter(status=Status.OPEN)
    wanted = None if driver_ids is None else list(driver_ids)
    if wanted is not None:
        balances = balances.filter(driver_id__in=wanted)
    rows = (
        balances.order_by("driver_id")
        .values("driver_id")
        .annotate(
            obligations_due=remaining_where(owed & Q(due_on__lte=as_of)),
            obligations_not_due=remaining_where(owed & Q(due_on__gt=as_of)),
            held_credits=remaining_where(held & ~deposit),
            deposits=remaining_where(held & deposit),
        )
    )
    found = {row["driver_id"]: Position(as_of=as_of, **row) for row in rows}
    if wanted is None:
        return list(found.values())
    return [found.get(driver_id) or Position(driver_id, as_of) for driver_id in wanted]


@dataclass(frozen=True, slots=True)
class FleetStanding:
    """What all drivers owe, and what the fleet holds for them, in dollars; each with how many it is of."""

    owed: Decimal
    due: Decimal
    debtors: int
    held: Decimal
    holders: int
    deposits: Decimal
    deposit_leases: int


def sum_standing(*, as_of: date) -> FleetStanding:
    """Return where the fleet and all its drivers stand now. Due is what was due by ``as_of``; deposits stand apart."""
    owed = Q(entry_type=EntryType.DEBIT)
    deposit = Q(category=Category.DEPOSIT)
    held = Q(entry_type=EntryType.CREDIT) & ~deposit
    sums = LedgerBalance.objects.filter(status=Status.OPEN).aggregate(
        owed=remaining_where(owed),
        due=remaining_where(owed & Q(due_on__lte=as_of)),
        debtors=Count("driver_id", filter=owed, distinct=True),
        held=remaining_where(held),
        holders=Count("driver_id", filter=held, distinct=True),
        deposits=remaining_where(deposit),
        deposit_leases=Count("lease_id", filter=deposit, distinct=True),
    )
    return FleetStanding(**sums)


def get_position_at(driver_id: int, moment: datetime) -> Position:
    """Return where the driver stood at a past moment, from postings alone; asked again, the answer is the same.

    Due is what was due on that moment's date in New York. The driver's account is locked while it is read, when 100 ms
    have passed since that moment: a service locks it before it posts, or within 100 ms of what it stamps, so nothing
    that is stamped before the moment is still on its way. (A hand-written INSERT that did not lock the account first is
    stamped with its start, and can appear in the past by as long as it ran.)

    :raises ValueInvalid: the moment has no time zone, or is not past by the database's clock
    :raises DriverNotFound: no such driver
    :raises LedgerBusy: somebody held the account for too long
    """
    if moment.tzinfo is None:
        raise ValueInvalid("A moment needs its time zone.", field="moment")
    as_of = moment.astimezone(NEW_YORK).date()
    try:
        with transaction.atomic():
            set_lock_timeout()
            with connection.cursor() as cursor:
                cursor.execute("SELECT ledger_let_pass(%s)", [moment])
            _hold_still(driver_id)
            # A statement of its own: it sees all that the lock waited for, and its clock is past the lock.
            read_at, *figures = _read_postings_until(driver_id, moment, as_of)
    except DatabaseError as refusal:
        if not is_retryable(refusal):
            raise
        raise LedgerBusy("Somebody else is moving this driver's money just now; try again.") from refusal
    if moment >= read_at:
        raise ValueInvalid("The moment is not past yet.", field="moment")
    return Position(driver_id, as_of, *figures)


def _hold_still(driver_id: int) -> None:
    """Lock the driver's account and open none. Where there is none yet, lock the driver, whom its opener must share.

    :raises DriverNotFound: no such driver
    """
    accounts = LedgerAccount.objects.filter(driver_id=driver_id)
    drivers = LedgerAccount._meta.get_field("driver").related_model
    assert isinstance(drivers, type)
    while not list(accounts.select_for_update().values_list("pk")):
        begun = transaction.savepoint()
        if not list(drivers._default_manager.select_for_update().filter(pk=driver_id).values_list("pk")):
            raise DriverNotFound(f"No driver {driver_id}.", drivers=[driver_id])
        if not accounts.exists():
            return
        # It was opened while we waited for the driver, whom we let go: the account is the lock.
        transaction.savepoint_rollback(begun)


def _read_postings_until(driver_id: int, moment: datetime, as_of: date) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH left_open AS (
                SELECT balance_id, sum(change) AS remaining
                FROM ({effects_sql("p.driver_id = %(driver_id)s AND p.posted_at <= %(moment)s")}) AS effect
                GROUP BY balance_id
            )
            SELECT statement_timestamp(),
                coalesce(sum(remaining) FILTER (WHERE o.entry_type = 'DEBIT' AND o.due_on <= %(as_of)s), 0.00),
                coalesce(sum(remaining) FILTER (WHERE o.entry_type = 'DEBIT' AND o.due_on > %(as_of)s), 0.00),
                coalesce(sum(remaining) FILTER (WHERE o.entry_type = 'CREDIT' AND o.category <> 'DEPOSIT'), 0.00),
                coalesce(sum(remaining) FILTER (WHERE o.entry_type = 'CREDIT' AND o.category = 'DEPOSIT'), 0.00)
            FROM left_open JOIN ledger_postings o ON o.id = left_open.balance_id
            """,
            {"driver_id": driver_id, "moment": moment, "as_of": as_of},
        )
        return cursor.fetchone()
