"""What pages and other parts ask about repairs."""

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from core.clock import at
from leases import selectors as leases
from leases.models import Lease
from ledger.installments.rules import Band
from ledger.installments.selectors import DROPPED, ON_HOLD, PlanRow, list_plan
from ledger.money import ZERO
from repairs.models import MaintenanceRule, RepairBand, RepairInstallment, RepairInvoice


def list_bands(on: date) -> list[Band]:
    """Return the bands in force on a day, in rising order."""
    return RepairBand.objects.in_force(on).as_bands()


def find_maintenance_rule(lease_type: str, on: date) -> MaintenanceRule | None:
    """Return the rule in force on a day for a type of lease."""
    rules = MaintenanceRule.objects.filter(lease_type=lease_type, effective_on__lte=on)
    return rules.order_by("-effective_on").first()


def list_leases_held(*, driver_id: int, vehicle_id: int, on: date) -> list[Lease]:
    """Return the leases by which a driver, the primary or a further one, had a vehicle at some time of a day."""
    holds = leases.list_vehicle_assignments(
        vehicle_ids=[vehicle_id],
        from_at=at(on),
        until_at=at(on, time.max),
    )
    theirs = {hold.lease_id for hold in holds if driver_id in hold.list_drivers_on(on)}
    return list(Lease.objects.filter(pk__in=theirs).order_by("pk"))


def list_invoices() -> QuerySet[RepairInvoice]:
    """Return the invoices, newest first, with whom and what they name."""
    return RepairInvoice.objects.select_related("driver", "vehicle", "lease").order_by("-id")


def list_schedule(invoice: RepairInvoice) -> list[PlanRow]:
    """Return an invoice's installments with what the ledger says of each, by two queries however many there are."""
    held_as = DROPPED if invoice.status == RepairInvoice.Status.VOIDED else ON_HOLD
    return list_plan(list_installments(invoice), held_as=held_as)


def list_installments(invoice: RepairInvoice) -> Iterable[RepairInstallment]:
    """Return an invoice's installments in their order."""
    return RepairInstallment.objects.filter(invoice=invoice).order_by("number")


def has_charges_left() -> Q:
    """The condition on invoices that an installment is still to be charged, and the invoice not voided."""
    unposted = RepairInstallment.objects.filter(invoice=OuterRef("pk"), posted_at=None)
    return Q(Exists(unposted)) & ~Q(status=RepairInvoice.Status.VOIDED)


def sum_left(vehicle_id: int) -> tuple[int, Decimal]:
    """Return of how many invoices of a vehicle something is still to be charged, and the dollars of it."""
    unposted = RepairInstallment.objects.filter(invoice__vehicle=vehicle_id, posted_at=None)
    sums = unposted.exclude(invoice__status=RepairInvoice.Status.VOIDED).aggregate(
        invoices=Count("invoice", distinct=True), left=Sum("amount")
    )
    return sums["invoices"], sums["left"] or ZERO
