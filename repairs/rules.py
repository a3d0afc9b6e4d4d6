"""How a workshop's invoice becomes weekly installments, and whom maintenance falls on. Pure: no Django, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.installments.rules import Band, find_weekly_amount, list_due_dates, split_amount


@dataclass(frozen=True, slots=True)
class PlannedInstallment:
    """One week's part of an invoice: ``amount`` dollars, due the week's Saturday."""

    number: int
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Whether the owner bears the maintenance of a cab under a type of lease, and where the law says so."""

    lease_type: str
    is_owners: bool
    citation: str


_OWNERS = "35 RCNY § 58-21(b)(1)"
_DRIVERS = "35 RCNY § 58-21(b)(3)"

#: What a new fleet starts with. A lease by shift or week, (c)(1) and (c)(2), is with the owner's maintenance; one of
#: the medallion alone, (c)(3), or with a vehicle that becomes the driver's, (c)(4), is not.
DEFAULT_MAINTENANCE = (
    Maintenance("SHIFT", True, _OWNERS),
    Maintenance("SHORT_TERM", True, _OWNERS),
    Maintenance("LONG_TERM", False, _DRIVERS),
    Maintenance("MEDALLION_ONLY", False, _DRIVERS),
    Maintenance("DRIVER_OWNED", False, _DRIVERS),
)


def plan_invoice(
    amount: Decimal, *, starts_on: date, bands: Sequence[Band], weekly_amount: Decimal | None = None
) -> list[PlannedInstallment]:
    """Return the installments of an invoice of ``amount`` dollars, in order and numbered from 1.

    ``weekly_amount`` is what was agreed otherwise; by default the bands say it. The sum is the invoice to the cent.

    :raises ledger.installments.services.PlanTooLong: more than ten years of them
    """
    parts = split_amount(amount, weekly_amount or find_weekly_amount(amount, bands))
    days = list_due_dates(starts_on, len(parts))
    return [
        PlannedInstallment(number, due_on, part)
        for number, (due_on, part) in enumerate(zip(days, parts, strict=True), start=1)
    ]


def name_installment(invoice_id: int, number: int) -> str:
    """Return the reference under which the ledger knows an installment: ``REPAIR-5-2``."""
    return f"REPAIR-{invoice_id}-{number}"
