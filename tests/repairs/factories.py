"""Bare rows of repairs; what follows from an invoice (its installments) is a service's."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from repairs.models import MaintenanceRule, RepairBand, RepairInstallment, RepairInvoice, RepairLine
from tests.factories import LeaseFactory


class RepairBandFactory(DjangoModelFactory[RepairBand]):
    class Meta:
        model = RepairBand

    effective_on = date(2027, 1, 3)
    up_to = None
    weekly_amount = Decimal("50.00")


class MaintenanceRuleFactory(DjangoModelFactory[MaintenanceRule]):
    class Meta:
        model = MaintenanceRule

    lease_type = "LONG_TERM"
    effective_on = date(2027, 1, 3)
    is_owners = True
    citation = "35 RCNY § 58-21(b)(1)"


class RepairInvoiceFactory(DjangoModelFactory[RepairInvoice]):
    """An invoice of 250.00 on a lease's cab, to be repaid by 100.00 a week; without lines and installments."""

    class Meta:
        model = RepairInvoice

    lease = factory.SubFactory(LeaseFactory)
    driver = factory.SelfAttribute("lease.primary_driver")
    vehicle = factory.SelfAttribute("lease.vehicle")
    workshop = "Queens Auto"
    workshop_number = factory.Sequence(lambda n: f"F-{n}")
    invoiced_on = date(2026, 11, 16)
    amount = Decimal("250.00")
    weekly_amount = Decimal("100.00")
    starts_on = date(2026, 11, 15)


class RepairLineFactory(DjangoModelFactory[RepairLine]):
    class Meta:
        model = RepairLine

    invoice = factory.SubFactory(RepairInvoiceFactory)
    number = 1
    description = "Brake pads"
    amount = factory.SelfAttribute("invoice.amount")


class RepairInstallmentFactory(DjangoModelFactory[RepairInstallment]):
    class Meta:
        model = RepairInstallment

    invoice = factory.SubFactory(RepairInvoiceFactory)
    number = 1
    due_on = date(2026, 11, 21)
    amount = Decimal("100.00")
    reference_id = factory.LazyAttribute(lambda part: f"REPAIR-{part.invoice.pk}-{part.number}")
