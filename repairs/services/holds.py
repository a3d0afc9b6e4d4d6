"""Holding an invoice, resuming its plan, and undoing one that was wrong.

A hold moves no money. But posting what is due locks the driver's account before it reads the installments, so whoever
holds them locks the account too, and that is what a money transaction is for.
"""

from datetime import date

from django.contrib.auth.models import User

from core.checks import check_reason
from ledger import services as ledger
from ledger.installments import services as plans
from repairs.errors import InvoiceAlreadyVoided, InvoiceNotActive, InvoiceNotFound, InvoiceNotOnHold
from repairs.models import RepairInvoice

_PLANS = plans.PlanActs(RepairInvoice, InvoiceNotFound, InvoiceNotActive, InvoiceNotOnHold)


@ledger.money_transaction
def hold_invoice(*, invoice_id: int, reason: str, actor: User | None) -> RepairInvoice:
    """Charge no further installment of an invoice until it is resumed. What is charged already stays owed.

    :raises core.errors.ReasonRequired, core.errors.ValueInvalid: no reason, or one that is too long
    :raises InvoiceNotFound: no such invoice
    :raises InvoiceNotActive: it is on hold or voided
    :raises ledger.installments.services.NothingToHold: every installment is charged already
    """
    return _PLANS.hold(plan_id=invoice_id, reason=reason, actor=actor)


@ledger.money_transaction
def resume_invoice(*, invoice_id: int, starts_on: date, today: date, actor: User | None) -> RepairInvoice:
    """End the hold of an invoice: its plan resumes in the week of ``starts_on``, the week of ``today`` or the next.

    Installments that fell due during the hold, and those after them, move by whole weeks; none is charged earlier than
    it was planned, and no two in one week.

    :raises InvoiceNotFound: no such invoice
    :raises InvoiceNotOnHold: it is not on hold
    :raises ledger.installments.services.PlanStartInvalid: ``starts_on`` is neither this week's Sunday nor the next
        one's
    """
    return _PLANS.resume(plan_id=invoice_id, starts_on=starts_on, today=today, actor=actor)


@ledger.money_transaction
def void_invoice(*, invoice_id: int, reason: str, effective_on: date, actor: User | None) -> RepairInvoice:
    """Undo an invoice: what is charged of it is voided as of ``effective_on``, newest first; the rest never is charged.

    What was paid on it returns to where the money came from.

    :raises core.errors.ReasonRequired, core.errors.ValueInvalid: no reason, or one that is too long
    :raises InvoiceNotFound: no such invoice
    :raises InvoiceAlreadyVoided: it was voided before
    """
    reason = check_reason(reason)
    invoice = _PLANS.lock(invoice_id)
    if invoice.status == RepairInvoice.Status.VOIDED:
        raise InvoiceAlreadyVoided(f"{invoice} was voided before.")
    return plans.void_plan(invoice, reason=reason, effective_on=effective_on, actor=actor)
