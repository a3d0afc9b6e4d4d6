"""Who and what a DTR is about, as known on the day of its seal; read once, for a whole batch, and never again."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings

from core.clock import week_ends_at
from core.weeks import Week
from dtr.models import WeekClose
from leases.models import Driver, Lease, LeaseDriver, LeaseVehicle, VehiclePlate
from ledger import selectors as ledger
from ledger.categories import Category, Status
from ledger.installments.selectors import PlanLeft, list_plans_left
from ledger.money import ZERO

#: The template that new DTRs are printed with; an older one keeps its own.
TEMPLATE = 2
#: A driver and a lease, or None for what belongs to no lease.
Pair = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Identity:
    """What is sealed with a DTR besides its figures, under the names of the DTR's columns."""

    driver_name: str
    tlc_license: str
    fleet_name: str
    fleet_address: str
    fleet_phone: str
    template: int = TEMPLATE
    lease_type: str = ""
    lease_start_on: date | None = None
    lease_end_on: date | None = None
    medallion: str = ""
    plate: str = ""
    told: dict[str, Any] = field(default_factory=dict)


def list_identities(*, close: WeekClose, pairs: Collection[Pair]) -> dict[Pair, Identity]:
    """Return the identity of each DTR of a week, by driver and lease, in a fixed number of statements."""
    week = close.week
    drivers = {driver.pk: driver for driver in Driver.objects.filter(pk__among={driver_id for driver_id, _ in pairs})}
    lease_ids = {lease_id for _, lease_id in pairs if lease_id is not None}
    leases = {lease.pk: lease for lease in Lease.objects.filter(pk__among=lease_ids).select_related("vehicle")}
    cabs = _find_cabs(week, leases.values())
    told = _collect_told(close, pairs, leases)
    return {
        pair: Identity(
            driver_name=f"{drivers[pair[0]].first_name} {drivers[pair[0]].last_name}",
            tlc_license=drivers[pair[0]].tlc_license,
            fleet_name=settings.FLEET_NAME,
            fleet_address=settings.FLEET_ADDRESS,
            fleet_phone=settings.FLEET_PHONE,
            told=told[pair],
            **(_describe_lease(leases[pair[1]], cabs[pair[1]]) if pair[1] is not None else {}),
        )
        for pair in pairs
    }


def _describe_lease(lease: Lease, cab: tuple[str, str]) -> dict[str, Any]:
    medallion, plate = cab
    return {
        "lease_type": lease.get_lease_type_display(),
        "lease_start_on": lease.start_on,
        "lease_end_on": lease.end_on,
        "medallion": medallion,
        "plate": plate,
    }


def _find_cabs(week: Week, leases: Iterable[Lease]) -> dict[int, tuple[str, str]]:
    """The medallion and plate that each lease had last by the week's end; what it has now where it began later."""
    ends_at = week_ends_at(week)
    cabs = {lease.pk: (lease.vehicle_id, lease.vehicle.medallion, lease.vehicle.plate) for lease in leases}
    held = LeaseVehicle.objects.filter(lease__among=cabs, from_at__lt=ends_at).order_by("from_at")
    spans = held.values_list("lease_id", "vehicle_id", "vehicle__medallion", "vehicle__plate")
    cabs |= {lease_id: (cab_id, medallion, plate) for lease_id, cab_id, medallion, plate in spans}
    marks = VehiclePlate.objects.filter(vehicle__among={cab[0] for cab in cabs.values()}).exclude(from_at__gte=ends_at)
    plates = dict(marks.order_by("vehicle_id", "from_at").values_list("vehicle_id", "plate"))
    return {lease_id: (medallion, plates.get(cab_id, plate)) for lease_id, (cab_id, medallion, plate) in cabs.items()}


def _collect_told(close: WeekClose, pairs: Collection[Pair], leases: dict[int, Lease]) -> dict[Pair, dict[str, Any]]:
    """Plans with what is left, what is missing of a deposit, and who else drives: facts that have no history.

    And the head of the seals that the close began with, where anything was sealed.
    """
    week = close.week
    told: dict[Pair, dict[str, Any]] = {
        pair: {"seal_head": close.seal_head} if close.seal_head else {} for pair in pairs
    }
    for pair, plans in _list_plans({driver_id for driver_id, _ in pairs}).items():
        if pair in told:
            told[pair]["plans"] = plans
    received = _sum_deposits(leases)
    further = _list_further_drivers(week, leases)
    for (driver_id, lease_id), facts in told.items():
        lease = leases.get(lease_id) if lease_id is not None else None
        if lease is None or lease.primary_driver_id != driver_id:
            continue
        missing = lease.deposit - received.get(lease.pk, ZERO)
        if missing > 0 and lease.end_on > week.end:
            facts["deposit"] = {"asked": str(lease.deposit), "missing": str(missing)}
        if further[lease.pk]:
            facts["further_drivers"] = further[lease.pk]
    return told


def _list_plans(driver_ids: Collection[int]) -> dict[Pair, list[dict[str, Any]]]:
    charged: dict[tuple[int, str], Decimal] = {}
    open_parts = ledger.list_balances(status=Status.OPEN).filter(
        driver__among=driver_ids, category__in=[Category.LOAN, Category.REPAIR]
    )
    for driver_id, reference, remaining in open_parts.values_list("driver_id", "reference_id", "remaining"):
        key = driver_id, f"{reference.rpartition('-')[0]}-"
        charged[key] = charged.get(key, ZERO) + remaining
    plans: dict[Pair, list[dict[str, Any]]] = defaultdict(list)
    for plan in list_plans_left(driver_ids):
        plans[plan.driver_id, plan.lease_id].append(
            _describe_plan(plan, charged.get((plan.driver_id, plan.reference_prefix), ZERO))
        )
    return plans


def _describe_plan(plan: PlanLeft, charged: Decimal) -> dict[str, Any]:
    return {
        "name": plan.name,
        "category": plan.category,
        "left": str(plan.left + charged),
        "charged": str(charged),
        "parts": plan.parts,
        "next_on": plan.next_on.isoformat(),
        "is_on_hold": plan.is_on_hold,
    }


def _sum_deposits(lease_ids: Collection[int]) -> dict[int, Decimal]:
    received: dict[int, Decimal] = {}
    for lease_id, amount in ledger.list_deposits(lease_ids).values_list("lease_id", "original_amount"):
        received[lease_id] = received.get(lease_id, ZERO) + amount
    return received


def _list_further_drivers(week: Week, lease_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    spans = LeaseDriver.objects.filter(
        lease__among=lease_ids, is_primary=False, start_on__lte=week.end, end_on__gte=week.start
    )
    further: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for span in spans.select_related("driver").order_by("lease_id", "start_on", "driver_id"):
        driver = span.driver
        further[span.lease_id].append(
            {
                "driver": driver.pk,
                "name": f"{driver.first_name} {driver.last_name}",
                "license": driver.tlc_license,
            }
        )
    return further
