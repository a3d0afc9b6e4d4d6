"""What a person names to be paid: the references and dollars of it, checked, and posted first where it is to come."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from ledger import errors
from ledger.categories import EntryType, Status
from ledger.installments.rules import last_payable_ahead
from ledger.models import LedgerBalance
from ledger.money import ZERO, format_dollars, parse_amount
from ledger.services.checks import check_reference
from ledger.services.installments import post_installments_ahead


def check_named(allocations: Mapping[str, Decimal], available: Decimal) -> dict[str, Decimal]:
    named = {
        check_reference(reference_id): parse_amount(amount, field="allocations")
        for reference_id, amount in allocations.items()
    }
    total = sum(named.values(), start=ZERO)
    if available < 0:
        raise errors.AllocationsExceedPayment("The deposit is more than the payment.", field="deposit")
    if total > available:
        raise errors.AllocationsExceedPayment(
            f"The allocations sum to {format_dollars(total)}, but only {format_dollars(available)} can be allocated."
        )
    return named


def open_named(
    named: Mapping[str, Decimal],
    *,
    driver_id: int,
    today: date,
    actor: User | None,
    found: dict[str, LedgerBalance] | None = None,
) -> dict[str, LedgerBalance]:
    """The open obligations to pay, by reference, each of them able to take what was named for it.

    Installments among ``named`` that are not posted yet but due within four weeks are posted first.
    ``found`` is the last balance of each reference, where they were read already.
    """
    found = _find_last(named) if found is None else found
    if len(found) < len(named):
        post_installments_ahead(
            reference_ids=set(named) - set(found),
            driver_id=driver_id,
            until=last_payable_ahead(today),
            effective_on=today,
            actor=actor,
        )
        found = _find_last(named)
    for reference_id, amount in named.items():
        balance = found.get(reference_id)
        if balance is None:
            raise errors.ReferenceNotFound(
                f"Nothing posted and no coming installment of this driver bears the reference {reference_id}.",
                field="allocations",
                reference_id=reference_id,
            )
        if balance.driver_id != driver_id:
            raise errors.AnotherDriversObligation(f"{reference_id} is another driver's.", reference_id=reference_id)
        if balance.entry_type != EntryType.DEBIT:
            raise errors.NotAnObligation(
                f"{reference_id} is money held for the driver, not a charge.", field="allocations"
            )
        if balance.status != Status.OPEN:
            raise errors.ObligationClosed(
                f"{reference_id} is {balance.get_status_display().lower()}.", reference_id=reference_id
            )
        if amount > balance.remaining:
            raise errors.OverAllocation(
                f"{format_dollars(amount)} is more than the {format_dollars(balance.remaining)} that remains on "
                f"{reference_id}.",
                reference_id=reference_id,
                remaining=str(balance.remaining),
            )
    return found


def _find_last(references: Collection[str]) -> dict[str, LedgerBalance]:
    """The last balance of each reference; unknown ones are absent."""
    # In id order, so that the last balance of a reference is the one kept.
    balances = LedgerBalance.objects.bearing(references).order_by("pk")
    return {balance.reference_id: balance for balance in balances}
