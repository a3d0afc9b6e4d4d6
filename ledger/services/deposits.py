"""A lease deposit, once the lease is over: used for what its driver owes, or given back."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_reason
from ledger import errors
from ledger.categories import Category, Kind
from ledger.locks import lock_accounts
from ledger.models import LedgerBalance, LedgerPosting, Payout
from ledger.money import format_dollars, parse_amount
from ledger.selectors.waterfall import get_waterfall_order
from ledger.services.checks import check_method
from ledger.services.movements import make_movement
from ledger.services.payouts import draw_payout, pay_from
from ledger.services.transactions import money_transaction
from ledger.waterfall import OpenCredit, OpenDebt, apply_credits


@money_transaction
def apply_deposit(*, posting_id: int, as_of: date, reason: str, actor: User | None = None) -> list[LedgerPosting]:
    """Pay what its driver owes and is due by ``as_of`` from a deposit, by the waterfall; return the applications.

    :raises ReasonRequired: no reason given
    :raises PostingNotFound, NotADeposit: the posting did not open a deposit
    """
    reason = check_reason(reason)
    deposit = _lock_and_read_deposit(posting_id)
    due = {
        balance.pk: balance
        for balance in LedgerBalance.objects.open().obligations().filter(driver_id=deposit.driver_id, due_on__lte=as_of)
    }
    debts = [OpenDebt(pk, b.category, b.due_on, b.remaining, b.reference_id) for pk, b in due.items() if b.due_on]
    credit = OpenCredit(deposit.pk, deposit.effective_on, deposit.remaining)
    return LedgerPosting.objects.bulk_create(
        [
            make_movement(
                Kind.APPLICATION,
                due[step.balance_id],
                step.amount,
                funding_id=step.funding_id,
                effective_on=as_of,
                reason=reason,
                actor=actor,
            )
            for step in apply_credits(debts, [credit] if deposit.remaining else [], get_waterfall_order(as_of))
        ]
    )


@money_transaction
def release_deposit(
    *,
    posting_id: int,
    amount: Decimal | None = None,
    method: str,
    instrument_number: str = "",
    effective_on: date,
    actor: User | None = None,
) -> Payout:
    """Give ``amount`` dollars of a deposit back to its driver; all that remains of it when left out.

    :raises AmountInvalid, ValueInvalid: an argument is not what it should be
    :raises PostingNotFound, NotADeposit: the posting did not open a deposit
    :raises OverAllocation: more than what remains of it
    """
    instrument_number = check_method(method, instrument_number)
    deposit = _lock_and_read_deposit(posting_id)
    amount = deposit.remaining if amount is None else parse_amount(amount)
    if amount > deposit.remaining or amount == 0:
        raise errors.OverAllocation(
            f"{format_dollars(deposit.remaining)} remains of {deposit.reference_id}.",
            field="amount",
            remaining=str(deposit.remaining),
        )
    payout = draw_payout(
        driver_id=deposit.driver_id,
        amount=amount,
        method=method,
        instrument_number=instrument_number,
        paid_on=effective_on,
        actor=actor,
    )
    pay_from(payout, [deposit], actor=actor)
    return payout


def _lock_and_read_deposit(posting_id: int) -> LedgerBalance:
    """Lock the account of the deposit's driver; then return the deposit's balance.

    :raises PostingNotFound, NotADeposit: the posting did not open a deposit
    """
    found = LedgerBalance.objects.filter(pk=posting_id).first()
    if found is None:
        raise errors.PostingNotFound(f"No deposit {posting_id}.", posting_id=posting_id)
    if found.category != Category.DEPOSIT:
        raise errors.NotADeposit(f"{found.reference_id} is not a deposit.", posting_id=posting_id)
    lock_accounts([found.driver_id])
    found.refresh_from_db()
    return found
