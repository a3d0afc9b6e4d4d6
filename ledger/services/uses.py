"""A held credit is used for certain charges, by an act of somebody's choice."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_reason
from core.errors import ValueInvalid
from ledger import errors
from ledger.categories import Category, EntryType, Kind
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO
from ledger.services.movements import make_movement
from ledger.services.named import check_named, open_named
from ledger.services.reversals import lock_and_read
from ledger.services.transactions import money_transaction
from ledger.services.writing import write_postings


@money_transaction
def use_credit(
    *, posting_id: int, reference_ids: Sequence[str], reason: str, effective_on: date, actor: User | None
) -> list[LedgerPosting]:
    """Pay the driver's named open charges from a held credit, in the order given, as far as it reaches.

    Due or not: it is somebody's choice, which ``reason`` tells, and not the priority order's. Charges that are closed,
    and another driver's, are passed over, so a second call applies nothing more than what is left. A deposit has acts
    of its own.

    :raises ReasonRequired: no reason given
    :raises PostingNotFound: no such posting
    :raises ValueInvalid: it did not open a held credit, or it is a deposit
    """
    reason = check_reason(reason)
    opening = lock_and_read(posting_id)
    if not opening.is_opening or opening.entry_type != EntryType.CREDIT or opening.category == Category.DEPOSIT:
        raise ValueInvalid("Only money held for a driver can be used, and no deposit.", field="posting_id")
    left = LedgerBalance.objects.get(pk=posting_id).remaining
    debts = LedgerBalance.objects.open().obligations().filter(driver_id=opening.driver_id)
    named = {debt.reference_id: debt for debt in debts.filter(reference_id__in=list(reference_ids))}
    uses = []
    for reference_id in dict.fromkeys(reference_ids):
        part = min(left, named[reference_id].remaining) if reference_id in named else ZERO
        if part:
            left -= part
            uses.append(
                make_movement(
                    Kind.APPLICATION,
                    named[reference_id],
                    part,
                    funding_id=posting_id,
                    effective_on=effective_on,
                    reason=reason,
                    actor=actor,
                )
            )
    return write_postings(uses)


@money_transaction
def allocate_credit(
    *,
    posting_id: int,
    allocations: Mapping[str, Decimal],
    reason: str,
    effective_on: date,
    actor: User | None,
) -> list[LedgerPosting]:
    """Use held money for what a person names: dollars per reference, installments due within four weeks included.

    A payment's money makes allocations of that payment, any other credit applications that give the ``reason``. Returns
    these movements. Deposits are settled instead.

    :raises ReasonRequired, AmountInvalid, ValueInvalid: an argument is not what it should be, or nothing is named
    :raises PostingNotFound, NotACredit: the posting holds no such money
    :raises AllocationsExceedPayment: more is named than the credit holds
    :raises ReferenceNotFound, AnotherDriversObligation, NotAnObligation, ObligationClosed, OverAllocation: something
        named can't be paid so
    """
    reason = check_reason(reason)
    credit = lock_and_read(posting_id)
    balance = _read_spendable(credit)
    named = check_named(allocations, balance.remaining)
    if not named:
        raise ValueInvalid("Name at least one charge to pay.", field="allocations")
    obligations = open_named(named, driver_id=credit.driver_id, today=effective_on, actor=actor)
    return write_postings(
        [
            make_movement(
                Kind.ALLOCATION if credit.kind == Kind.PAYMENT else Kind.APPLICATION,
                obligations[reference_id],
                amount,
                funding_id=credit.pk,
                payment_id=credit.payment_id,
                effective_on=effective_on,
                reason=reason,
                actor=actor,
            )
            for reference_id, amount in named.items()
        ]
    )


def _read_spendable(credit: LedgerPosting) -> LedgerBalance:
    """Return the balance of a held credit that may pay for what a person names.

    :raises NotACredit: it is none, or a deposit, which is settled instead
    :raises ValueInvalid: nothing is left of it
    """
    if not credit.is_opening or credit.entry_type != EntryType.CREDIT or credit.kind == Kind.DEPOSIT:
        raise errors.NotACredit(
            f"{credit.reference_id} can't be used so. A supervisor settles a deposit on its lease's page.",
            posting_id=credit.pk,
        )
    balance = LedgerBalance.objects.get(pk=credit.pk)
    if balance.remaining == ZERO:
        raise ValueInvalid(f"Nothing is left of {credit.reference_id}.", field="amount")
    return balance
