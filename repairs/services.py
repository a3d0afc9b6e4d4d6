"""Every write of repairs. Functions are keyword-only and own their transaction; their errors are importable from here.

The lock order is the ledger's: the driver's account, then the invoice's row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from leases.models import Lease
from ledger import services as ledger
from ledger.installments.models import make_bands
from ledger.installments.rules import Band, BandsInThePast, check_bands, check_start, find_delay
from ledger.locks import lock_accounts
from ledger.money import ZERO, format_dollars, parse_amount
from repairs import rules, selectors
from repairs.errors import (
    InvoiceAlreadyVoided,
    InvoiceDateImplausible,
    InvoiceKnown,
    InvoiceNotActive,
    InvoiceNotFound,
    InvoiceNotOnHold,
    InvoiceTextInvalid,
    LeaseMismatch,
    LeaseNotNamed,
    LinesDoNotSum,
    LinesRefused,
    MaintenanceIsOwners,
    NothingToHold,
    RepairError,
    VehicleNotHeld,
)
from repairs.models import RepairBand, RepairInstallment, RepairInvoice, RepairLine

__all__ = [
    "InvoiceAlreadyVoided",
    "InvoiceDateImplausible",
    "InvoiceItem",
    "InvoiceKnown",
    "InvoiceNotActive",
    "InvoiceNotFound",
    "InvoiceNotOnHold",
    "InvoiceTextInvalid",
    "LeaseMismatch",
    "LeaseNotNamed",
    "LinesDoNotSum",
    "LinesRefused",
    "MaintenanceIsOwners",
    "NothingToHold",
    "RepairError",
    "VehicleNotHeld",
    "create_invoice",
    "hold_invoice",
    "preview_invoice",
    "release_invoice",
    "set_plan_bands",
    "void_invoice",
]

EARLIEST = date(2000, 1, 1)
MAX_LINES = 100
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class InvoiceItem:
    """One line of a workshop's invoice: what was done, and its dollars."""

    description: str
    amount: Decimal


@ledger.money_transaction
def create_invoice(
    *,
    driver_id: int,
    vehicle_id: int,
    workshop: str,
    workshop_number: str,
    invoiced_on: date,
    lines: Sequence[InvoiceItem],
    amount: Decimal,
    starts_on: date,
    today: date,
    lease_id: int | None = None,
    posts_at_once: bool = False,
    weekly_amount: Decimal | None = None,
    actor: User | None,
) -> RepairInvoice:
    """Enter a workshop's invoice, and lay down the installments by which the driver repays it.

    ``starts_on`` is the Sunday of the week of ``today``, the day of entry, or of the week after; each installment is
    due the Saturday of its week. Each is charged when due, or all now with ``posts_at_once``. ``lease_id`` may be left
    out where the driver held the vehicle by one lease on ``invoiced_on``. ``weekly_amount`` is for a plan agreed
    before, such as one carried over from another system; the bands in force on ``invoiced_on`` say it otherwise. The
    workshop's number makes a retry harmless: the second is refused by name.

    :raises InvoiceDateImplausible, InvoiceTextInvalid: an argument is not what it should be
    :raises LinesRefused, LinesDoNotSum: no lines, too many, or their sum is not the amount
    :raises ledger.services.InvalidAmount: an amount is not a positive number of whole cents
    :raises ledger.installments.rules.PlanStartRefused: the plan starts neither this week nor the next one
    :raises ledger.installments.rules.PlanTooLong: more than ten years of installments
    :raises ledger.services.DriverNotFound: no such driver
    :raises VehicleNotHeld: the driver did not have the vehicle that day
    :raises LeaseMismatch: not by this lease
    :raises LeaseNotNamed: by several leases, and none is named
    :raises MaintenanceIsOwners: the law has the owner bear the maintenance under the lease's type
    :raises InvoiceKnown: the workshop's invoice was entered before
    """
    amount = parse_amount(amount)
    weekly_amount = None if weekly_amount is None else parse_amount(weekly_amount, field="weekly_amount")
    workshop = _check_text(workshop, "workshop", 80)
    workshop_number = _check_text(workshop_number, "workshop_number", 40)
    items = _check_lines(lines, amount)
    if not EARLIEST <= invoiced_on <= today:
        raise InvoiceDateImplausible(f"{invoiced_on} is not a plausible date of an invoice entered on {today}.")
    check_start(starts_on, today)
    lock_accounts([driver_id])
    lease = _find_lease(driver_id, vehicle_id, lease_id, invoiced_on)
    _check_maintenance(lease, invoiced_on)
    bands = selectors.list_bands(invoiced_on)
    plan = rules.plan_invoice(amount, starts_on=starts_on, bands=bands, weekly_amount=weekly_amount)
    invoice = RepairInvoice(
        driver_id=driver_id,
        vehicle_id=vehicle_id,
        lease=lease,
        workshop=workshop,
        workshop_number=workshop_number,
        invoiced_on=invoiced_on,
        amount=amount,
        weekly_amount=plan[0].amount,
        starts_on=starts_on,
        posts_at_once=posts_at_once,
    )
    _save_new(invoice, actor)
    _lay_down(invoice, items, plan, actor)
    if posts_at_once:
        references = [rules.name_installment(invoice.pk, part.number) for part in plan]
        ledger.post_installments(reference_ids=references, driver_id=driver_id, effective_on=today, actor=actor)
    return invoice


def preview_invoice(**facts: Any) -> list[rules.PlannedInstallment]:
    """Say which installments :func:`create_invoice` would lay down for the same arguments, and write nothing.

    :raises: what :func:`create_invoice` raises
    """
    with transaction.atomic():
        invoice = create_invoice(**facts)
        plan = [
            rules.PlannedInstallment(part.number, part.due_on, part.amount)
            for part in selectors.list_installments(invoice)
        ]
        transaction.set_rollback(True)
    return plan


@ledger.money_transaction
def hold_invoice(*, invoice_id: int, reason: str, actor: User | None) -> RepairInvoice:
    """Charge no further installment of an invoice until it is released. What is charged already stays owed.

    :raises ledger.services.ReasonRequired, InvoiceTextInvalid: no reason, or one that is too long
    :raises InvoiceNotFound: no such invoice
    :raises InvoiceNotActive: it is on hold or voided
    :raises NothingToHold: every installment is charged already
    """
    reason = _check_reason(reason)
    invoice = _lock_invoice(invoice_id)
    if invoice.status != RepairInvoice.Status.ACTIVE:
        raise InvoiceNotActive(f"{invoice} is {invoice.get_status_display().lower()}.")
    waiting = _lock_unposted(invoice)
    if not waiting:
        raise NothingToHold(f"Every installment of {invoice} is charged already.")
    _set_on_hold(waiting, actor, on_hold=True)
    return _save_status(invoice, RepairInvoice.Status.ON_HOLD, reason, actor)


@ledger.money_transaction
def release_invoice(*, invoice_id: int, starts_on: date, today: date, actor: User | None) -> RepairInvoice:
    """End the hold of an invoice: its plan goes on in the week of ``starts_on``, this one or the next.

    Installments that fell due during the hold, and those after them, move by whole weeks; none is charged earlier than
    it was planned, and no two in one week.

    :raises InvoiceNotFound: no such invoice
    :raises InvoiceNotOnHold: it is not on hold
    :raises ledger.installments.rules.PlanStartRefused: ``starts_on`` is neither this week's Sunday nor the next one's
    """
    check_start(starts_on, today)
    invoice = _lock_invoice(invoice_id)
    if invoice.status != RepairInvoice.Status.ON_HOLD:
        raise InvoiceNotOnHold(f"{invoice} is {invoice.get_status_display().lower()}, not on hold.")
    waiting = _lock_unposted(invoice)
    delay = find_delay(waiting[0].due_on, starts_on) if waiting else timedelta(0)
    _set_on_hold(waiting, actor, on_hold=False, delay=delay)
    return _save_status(invoice, RepairInvoice.Status.ACTIVE, "", actor)


@ledger.money_transaction
def void_invoice(
    *, invoice_id: int, reason: str, effective_on: date | None = None, actor: User | None
) -> RepairInvoice:
    """Undo an invoice: what is charged of it is voided, newest first, and the rest is never charged.

    What was paid on it returns to where the money came from. ``effective_on`` defaults to today in New York.

    :raises ledger.services.ReasonRequired, InvoiceTextInvalid: no reason, or one that is too long
    :raises InvoiceNotFound: no such invoice
    :raises InvoiceAlreadyVoided: it was voided before
    """
    reason = _check_reason(reason)
    invoice = _lock_invoice(invoice_id)
    if invoice.status == RepairInvoice.Status.VOIDED:
        raise InvoiceAlreadyVoided(f"{invoice} was voided before.")
    _set_on_hold(_lock_unposted(invoice), actor, on_hold=True)
    for row in reversed(selectors.list_schedule(invoice)):
        if row.is_live and row.balance_id:
            ledger.void_posting(posting_id=row.balance_id, reason=reason, effective_on=effective_on, actor=actor)
    return _save_status(invoice, RepairInvoice.Status.VOIDED, reason, actor)


@transaction.atomic
def set_plan_bands(*, effective_on: date, bands: Sequence[Band], today: date, actor: User | None) -> list[RepairBand]:
    """Have invoices dated ``effective_on`` or later repaid by these bands, until newer ones are in force.

    Given again for one day, the later set replaces the earlier one. Plans laid down before stay as they are.

    :raises ledger.installments.rules.BandsInThePast: ``effective_on`` is before ``today``
    :raises ledger.installments.rules.BandsIncomplete: not in rising order, or amounts are left without a band
    :raises ledger.services.InvalidAmount: an amount is not a positive number of whole cents
    """
    if effective_on < today:
        raise BandsInThePast("Bands are in force from today or a later day, never from a day past.")
    checked = check_bands(bands)
    # Two who set them at once wait for each other; the later counts.
    list(RepairBand.objects.select_for_update().order_by("pk"))
    for replaced in RepairBand.objects.filter(effective_on=effective_on):
        replaced._history_user = actor  # type: ignore[attr-defined]
        replaced.delete()
    rows: list[RepairBand] = bulk_create_with_history(
        make_bands(RepairBand, effective_on, checked), RepairBand, default_user=actor
    )
    return rows


def _check_text(text: str, field: str, longest: int) -> str:
    text = text.strip() if isinstance(text, str) else ""
    if not text or len(text) > longest or not text.isprintable():
        raise InvoiceTextInvalid(f"This has 1 to {longest} characters, all of them visible.", field=field)
    return text


def _check_reason(reason: str) -> str:
    if not isinstance(reason, str) or not reason.strip():
        raise ledger.ReasonRequired("Say why: a reason is required.")
    return _check_text(" ".join(reason.split()), "reason", MAX_REASON)


def _check_lines(lines: Sequence[InvoiceItem], amount: Decimal) -> list[InvoiceItem]:
    if not 0 < len(lines) <= MAX_LINES:
        raise LinesRefused(f"An invoice has 1 to {MAX_LINES} lines.")
    items = [
        InvoiceItem(_check_text(line.description, "lines", 200), parse_amount(line.amount, field="lines"))
        for line in lines
    ]
    together = sum((item.amount for item in items), start=ZERO)
    if together != amount:
        raise LinesDoNotSum(
            f"The lines add up to {format_dollars(together)}, not to {format_dollars(amount)}.", lines=str(together)
        )
    return items


def _find_lease(driver_id: int, vehicle_id: int, lease_id: int | None, on: date) -> Lease:
    held = selectors.list_leases_held(driver_id=driver_id, vehicle_id=vehicle_id, on=on)
    if not held:
        raise VehicleNotHeld(f"The driver did not have this vehicle on {on}.")
    if lease_id is not None:
        named = [lease for lease in held if lease.pk == lease_id]
        if not named:
            raise LeaseMismatch(f"Not by lease {lease_id}, but by {held[0]} did the driver hold the vehicle on {on}.")
        return named[0]
    if len(held) > 1:
        raise LeaseNotNamed(
            f"The driver held the vehicle by several leases on {on}: say by which.",
            leases=[lease.pk for lease in held],
        )
    return held[0]


def _check_maintenance(lease: Lease, on: date) -> None:
    rule = selectors.find_maintenance_rule(lease.lease_type, on)
    if rule is None or rule.is_owners:
        citation = rule.citation if rule else "no rule in force"
        raise MaintenanceIsOwners(
            f"{lease} is a {lease.get_lease_type_display().lower()} lease: maintenance is the owner's, and can't be "
            f"charged to the driver ({citation}).",
            citation=citation,
            lease=lease.pk,
        )


def _save_new(invoice: RepairInvoice, actor: User | None) -> None:
    known = RepairInvoice.objects.exclude(status=RepairInvoice.Status.VOIDED).filter(
        workshop__iexact=invoice.workshop, workshop_number__iexact=invoice.workshop_number
    )
    before = known.first()
    if before is None:
        invoice._history_user = actor  # type: ignore[attr-defined]  # read by the history that this save writes
        try:
            with transaction.atomic():
                invoice.save(force_insert=True)
            return
        except IntegrityError:
            # Somebody entered it for another driver at the same moment.
            before = known.first()
            if before is None:
                raise
    raise InvoiceKnown(
        f"Invoice {invoice.workshop_number} of {invoice.workshop} was entered before, as {before}.", invoice=before.pk
    )


def _lay_down(
    invoice: RepairInvoice,
    items: Sequence[InvoiceItem],
    plan: Sequence[rules.PlannedInstallment],
    actor: User | None,
) -> None:
    lines = [
        RepairLine(invoice=invoice, number=number, description=item.description, amount=item.amount)
        for number, item in enumerate(items, start=1)
    ]
    bulk_create_with_history(lines, RepairLine, default_user=actor)
    installments = [
        RepairInstallment(
            invoice=invoice,
            number=part.number,
            due_on=part.due_on,
            amount=part.amount,
            reference_id=rules.name_installment(invoice.pk, part.number),
        )
        for part in plan
    ]
    bulk_create_with_history(installments, RepairInstallment, default_user=actor)


def _lock_invoice(invoice_id: int) -> RepairInvoice:
    # The driver of an invoice never changes, so he may be read before his account is locked.
    driver_id = RepairInvoice.objects.filter(pk=invoice_id).values_list("driver_id", flat=True).first()
    if driver_id is None:
        raise InvoiceNotFound(f"No repair invoice {invoice_id}.")
    lock_accounts([driver_id])
    return RepairInvoice.objects.select_for_update(no_key=True).get(pk=invoice_id)


def _lock_unposted(invoice: RepairInvoice) -> list[RepairInstallment]:
    rows = RepairInstallment.objects.filter(invoice=invoice, posted_at=None)
    return list(rows.order_by("number").select_for_update(no_key=True))


def _set_on_hold(
    rows: Sequence[RepairInstallment], actor: User | None, *, on_hold: bool, delay: timedelta = timedelta(0)
) -> None:
    for row in rows:
        row.on_hold = on_hold
        row.due_on += delay
    if rows:
        bulk_update_with_history(rows, RepairInstallment, ["on_hold", "due_on"], default_user=actor)


def _save_status(invoice: RepairInvoice, status: str, reason: str, actor: User | None) -> RepairInvoice:
    invoice.status = status
    invoice.reason = reason
    invoice._history_user = actor  # type: ignore[attr-defined]  # read by the history that this save writes
    invoice.save(update_fields=["status", "reason"])
    return invoice
