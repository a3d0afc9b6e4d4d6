"""The waterfall: held credits pay what is due, in the order in force."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import connection

from ledger.locks import lock_accounts
from ledger.models import LedgerBalance
from ledger.money import ZERO
from ledger.selectors.waterfall import get_waterfall_order
from ledger.services.checks import check_has_come
from ledger.services.installments import split_into_batches
from ledger.services.transactions import money_transaction

#: Drivers whose money one transaction applies: a batch holds their accounts, so it is kept short.
DRIVERS_IN_A_BATCH = 2000


@dataclass(frozen=True, slots=True)
class ApplicationSummary:
    """What a run of the waterfall did; ``amount`` in dollars."""

    drivers: int
    applications: int
    amount: Decimal

    def __add__(self, other: "ApplicationSummary") -> "ApplicationSummary":
        return ApplicationSummary(
            self.drivers + other.drivers, self.applications + other.applications, self.amount + other.amount
        )


NOTHING_APPLIED = ApplicationSummary(0, 0, ZERO)


def apply_weekly_earnings(
    *,
    driver_ids: Collection[int] | None = None,
    as_of: date,
    today: date | None = None,
    actor: User | None = None,
) -> ApplicationSummary:
    """Apply open held credits effective by ``as_of`` to obligations effective and due by it, strictly by the waterfall.

    Deposits are never used. For the given drivers, or for all; one transaction for each batch of drivers, in id order.
    A late run uses what the credits hold now: an application's ``effective_on`` is ``as_of``, or the newest day on
    either of its balances where that is later, so that neither is below zero on any day. A second run applies nothing.
    Where a person named the day, ``today`` is the last one that may be.

    :raises DayNotCome: ``as_of`` is after ``today``
    :raises LedgerBusy: an account was not free in time; its batch is not applied, the batches before it are
    """
    check_has_come(as_of, today=today, field="as_of")
    total = NOTHING_APPLIED
    for batch in split_into_batches(_list_drivers_with_both(driver_ids, as_of), DRIVERS_IN_A_BATCH):
        total += _apply_batch(batch, as_of=as_of, actor=actor)
    return total


@money_transaction
def _apply_batch(driver_ids: Sequence[int], *, as_of: date, actor: User | None) -> ApplicationSummary:
    lock_accounts(driver_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            APPLY,
            {
                "drivers": list(driver_ids),
                "as_of": as_of,
                "order": list(get_waterfall_order(as_of)),
                "actor": actor.pk if actor else None,
            },
        )
        drivers, applications, amount = cursor.fetchone()
    return ApplicationSummary(drivers, applications, amount)


def _list_drivers_with_both(driver_ids: Collection[int] | None, as_of: date) -> list[int]:
    """Drivers with a credit to use and a debt to pay; read without a lock, since each batch reads again under it."""
    credits_ = LedgerBalance.objects.open().held_credits().without_deposits().filter(effective_on__lte=as_of)
    if driver_ids is not None:
        credits_ = credits_.filter(driver_id__among=driver_ids)
    debts = LedgerBalance.objects.open().obligations().filter(due_on__lte=as_of, effective_on__lte=as_of)
    both = credits_.filter(driver_id__in=debts.values("driver_id"))
    return list(both.order_by("driver_id").values_list("driver_id", flat=True).distinct())


#: Lay each driver's debts end to end in waterfall order, and their credits likewise, oldest first: where a stretch of
#: credit overlaps a stretch of debt, the one pays the other. ``ledger/waterfall.py`` is the same rule in Python.
APPLY = """
WITH debt AS (
    SELECT posting_id, driver_id, category, reference_id, lease_id, vehicle_id,
        sum(remaining) OVER line - remaining AS starts, sum(remaining) OVER line AS ends
    FROM ledger_balances
    WHERE driver_id = ANY(%(drivers)s) AND status = 'OPEN' AND entry_type = 'DEBIT' AND due_on <= %(as_of)s
        AND effective_on <= %(as_of)s
    WINDOW line AS (PARTITION BY driver_id
        ORDER BY array_position(%(order)s::text[], category::text), due_on, posting_id)
), credit AS (
    SELECT posting_id, driver_id,
        sum(remaining) OVER line - remaining AS starts, sum(remaining) OVER line AS ends,
        greatest((SELECT max(effective_on) FROM ledger_postings WHERE balance_id = ledger_balances.posting_id),
            (SELECT max(effective_on) FROM ledger_postings WHERE funding_id = ledger_balances.posting_id)) AS newest_on
    FROM ledger_balances
    WHERE driver_id = ANY(%(drivers)s) AND status = 'OPEN' AND entry_type = 'CREDIT' AND category <> 'DEPOSIT'
        AND effective_on <= %(as_of)s
    WINDOW line AS (PARTITION BY driver_id ORDER BY effective_on, posting_id)
), applied AS (
    INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id,
        balance_id, funding_id, effective_on, reason, posted_by_id)
    SELECT 'APPLICATION', 'CREDIT', debt.category, least(debt.ends, credit.ends) - greatest(debt.starts, credit.starts),
        debt.reference_id, debt.driver_id, debt.lease_id, debt.vehicle_id,
        debt.posting_id, credit.posting_id, greatest(%(as_of)s, credit.newest_on, moved.newest_on), '', %(actor)s
    FROM debt JOIN credit ON credit.driver_id = debt.driver_id
        AND credit.starts < debt.ends AND debt.starts < credit.ends
        CROSS JOIN LATERAL (
            SELECT max(effective_on) AS newest_on FROM ledger_postings WHERE balance_id = debt.posting_id
        ) AS moved
    ORDER BY debt.driver_id, debt.starts, credit.starts
    RETURNING driver_id, amount
)
SELECT count(DISTINCT driver_id), count(*), coalesce(sum(amount), 0.00) FROM applied
"""
