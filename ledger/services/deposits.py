"""A lease deposit, once the lease is over: used for what its driver owes, or given back."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import Q

from core.checks import check_reason
from core.errors import ValueInvalid
from ledger import errors
from ledger.categories import Category, Kind
from ledger.locks import lock_accounts
from ledger.models import LedgerBalance, LedgerPosting, Payout
from ledger.models.postings import LedgerBalanceQuerySet
from ledger.money import ZERO, format_dollars, parse_amount
from ledger.selectors.waterfall import get_waterfall_order
from ledger.services.checks import check_method
from ledger.services.movements import make_movement
from ledger.services.payouts import draw_payout, pay_from
from ledger.services.transactions import money_transaction
from ledger.services.writing import write_postings
from ledger.waterfall import OpenCredit, OpenDebt, apply_credits


@money_transaction
def apply_deposit(
    *, posting_id: int, as_of: date, reason: str, without_lease: bool = True, actor: User | None = None
) -> list[LedgerPosting]:
    """Pay what its driver owes on its lease from a deposit, due or not, by the waterfall; return the applications.

    What they owe on no lease is paid too, unless ``without_lease`` is False; what they owe on another lease never is.

    :raises ReasonRequired: no reason given
    :raises PostingNotFound, NotADeposit: the posting did not open a deposit
    """
    reason = check_reason(reason)
    [deposit] = _lock_and_read_deposits([posting_id])
    debts = _list_debts(deposit.driver_id, deposit.lease_id, without_lease=without_lease)
    return _apply(debts, [deposit], as_of=as_of, reason=reason, actor=actor)


@money_transaction
def apply_credits_to_lease(
    *,
    driver_id: int,
    lease_id: int,
    as_of: date,
    reason: str,
    without_lease: bool = True,
    actor: User | None = None,
) -> list[LedgerPosting]:
    """Pay what a driver owes on a lease from their held credits, oldest first, due or not; return the applications.

    What they owe on no lease is paid too, unless ``without_lease`` is False. Deposits are not used, nor are credits
    that take effect after ``as_of``.

    :raises ReasonRequired: no reason given
    :raises DriverNotFound: no such driver
    """
    reason = check_reason(reason)
    lock_accounts([driver_id])
    held = LedgerBalance.objects.open().held_credits().without_deposits()
    usable = held.filter(driver_id=driver_id, effective_on__lte=as_of)
    debts = _list_debts(driver_id, lease_id, without_lease=without_lease)
    return _apply(debts, usable, as_of=as_of, reason=reason, actor=actor)


@money_transaction
def release_deposit(
    *,
    posting_ids: Collection[int],
    amount: Decimal | None = None,
    method: str,
    instrument_number: str = "",
    effective_on: date,
    actor: User | None = None,
) -> Payout:
    """Give ``amount`` dollars of a deposit back to its driver by one payout; all that remains of it when left out.

    A deposit that came in installments is all of its postings: the oldest is drawn first.

    :raises AmountInvalid, ValueInvalid: an argument is not what it should be, or the deposits are of two drivers or
        leases
    :raises PostingNotFound, NotADeposit: a posting did not open a deposit
    :raises OverAllocation: more than what remains of it
    """
    instrument_number = check_method(method, instrument_number)
    if not posting_ids:
        raise ValueInvalid("A payout names the deposits that it gives back.", field="posting_ids")
    deposits = _lock_and_read_deposits(posting_ids)
    if len({(deposit.driver_id, deposit.lease_id) for deposit in deposits}) > 1:
        raise ValueInvalid("One payout gives back the deposit of one driver on one lease.", field="posting_ids")
    remaining = sum((deposit.remaining for deposit in deposits), start=ZERO)
    amount = remaining if amount is None else parse_amount(amount)
    if amount > remaining or amount == 0:
        names = ", ".join(deposit.reference_id for deposit in deposits)
        raise errors.OverAllocation(
            f"{format_dollars(remaining)} remains of {names}.", field="amount", remaining=str(remaining)
        )
    payout = draw_payout(
        driver_id=deposits[0].driver_id,
        lease_id=deposits[0].lease_id,
        amount=amount,
        method=method,
        instrument_number=instrument_number,
        paid_on=effective_on,
        actor=actor,
    )
    pay_from(payout, [deposit for deposit in deposits if deposit.remaining], actor=actor)
    return payout


def _list_debts(driver_id: int, lease_id: int | None, *, without_lease: bool) -> LedgerBalanceQuerySet:
    which = Q(lease_id=lease_id) | Q(lease__isnull=True) if without_lease else Q(lease_id=lease_id)
    return LedgerBalance.objects.open().obligations().filter(which, driver_id=driver_id)


def _apply(
    debts: Iterable[LedgerBalance], credits_: Iterable[LedgerBalance], *, as_of: date, reason: str, actor: User | None
) -> list[LedgerPosting]:
    """Have the credits pay the debts, by the order in force on ``as_of``."""
    owed = {debt.pk: debt for debt in debts}
    steps = apply_credits(
        [OpenDebt(pk, b.category, b.due_on, b.remaining, b.reference_id) for pk, b in owed.items() if b.due_on],
        [OpenCredit(credit.pk, credit.effective_on, credit.remaining) for credit in credits_ if credit.remaining],
        get_waterfall_order(as_of),
    )
    return write_postings(
        [
            make_movement(
                Kind.APPLICATION,
                owed[step.balance_id],
                step.amount,
                funding_id=step.funding_id,
                effective_on=as_of,
                reason=reason,
                actor=actor,
            )
            for step in steps
        ]
    )


def _lock_and_read_deposits(posting_ids: Collection[int]) -> Sequence[LedgerBalance]:
    """Lock the accounts of the deposits' drivers; then return the deposits' balances, oldest first.

    :raises PostingNotFound, NotADeposit: a posting did not open a deposit
    """
    found = LedgerBalance.objects.in_bulk(list(posting_ids))
    for posting_id in posting_ids:
        if posting_id not in found:
            raise errors.PostingNotFound(f"No deposit {posting_id}.", posting_id=posting_id)
        if found[posting_id].category != Category.DEPOSIT:
            raise errors.NotADeposit(f"{found[posting_id].reference_id} is not a deposit.", posting_id=posting_id)
    lock_accounts({balance.driver_id for balance in found.values()})
    return list(LedgerBalance.objects.filter(pk__in=found).order_by("posting_id"))
