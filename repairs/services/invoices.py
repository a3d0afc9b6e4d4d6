"""Entering a workshop's invoice, and the installments by which the driver repays it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from core.checks import check_date, check_paper_number, check_text
from core.history import create_all_as, save_as
from core.previews import rolled_back
from leases.errors import LeaseMismatch
from leases.models import Lease
from ledger import services as ledger
from ledger.installments.rules import check_start
from ledger.locks import lock_accounts
from ledger.money import ZERO, format_dollars, parse_amount
from repairs import rules, selectors
from repairs.errors import (
    InvoiceAlreadyEntered,
    LeaseNotNamed,
    LinesDoNotSum,
    LinesInvalid,
    MaintenanceIsOwners,
    VehicleNotHeld,
)
from repairs.models import RepairInstallment, RepairInvoice, RepairLine

MAX_LINES = 100


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
    paper_number: str = "",
    actor: User | None,
) -> RepairInvoice:
    """Enter a workshop's invoice, and lay down the installments by which the driver repays it.

    ``starts_on`` is the Sunday of the week of ``today``, the day of entry, or of the week after; each installment is
    due the Saturday of its week. Each is charged when due, or all now with ``posts_at_once``. ``lease_id`` may be left
    out where the driver held the vehicle by one lease on ``invoiced_on``. ``weekly_amount`` is for a plan agreed
    before, such as one carried over from another system; the bands in force on ``invoiced_on`` say it otherwise. The
    workshop's number makes a retry harmless: the second is refused by name. ``paper_number`` is that of the agreement
    the driver signed.

    :raises core.errors.ValueInvalid: a text is empty or too long, or the date is before 2000 or after ``today``
    :raises LinesInvalid, LinesDoNotSum: no lines, too many, or their sum is not the amount
    :raises ledger.services.AmountInvalid: an amount is not a positive number of whole cents
    :raises ledger.installments.services.PlanStartInvalid: the plan starts neither this week nor the next one
    :raises ledger.installments.services.PlanTooLong: more than ten years of installments
    :raises ledger.services.DriverNotFound: no such driver
    :raises VehicleNotHeld: the driver did not have the vehicle that day
    :raises LeaseMismatch: not by this lease
    :raises LeaseNotNamed: by several leases, and none is named
    :raises MaintenanceIsOwners: the law has the owner bear the maintenance under the lease's type
    :raises InvoiceAlreadyEntered: the workshop's invoice was entered before
    """
    amount = parse_amount(amount)
    weekly_amount = None if weekly_amount is None else parse_amount(weekly_amount, field="weekly_amount")
    workshop = check_text(workshop, field="workshop", longest=80)
    workshop_number = check_text(workshop_number, field="workshop_number", longest=40)
    items = _check_lines(lines, amount)
    check_date(invoiced_on, field="invoiced_on", latest=today)
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
        paper_number=check_paper_number(paper_number),
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
    with rolled_back():
        invoice = create_invoice(**facts)
        return [
            rules.PlannedInstallment(part.number, part.due_on, part.amount)
            for part in selectors.list_installments(invoice)
        ]


def _check_lines(lines: Sequence[InvoiceItem], amount: Decimal) -> list[InvoiceItem]:
    if not 0 < len(lines) <= MAX_LINES:
        raise LinesInvalid(f"An invoice has 1 to {MAX_LINES} lines.")
    items = [
        InvoiceItem(check_text(line.description, field="lines", longest=200), parse_amount(line.amount, field="lines"))
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
        try:
            with transaction.atomic():
                save_as(invoice, actor, force_insert=True)
            return
        except IntegrityError:
            # Somebody entered it for another driver at the same moment.
            before = known.first()
            if before is None:
                raise
    raise InvoiceAlreadyEntered(
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
    create_all_as(lines, actor)
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
    create_all_as(installments, actor)
