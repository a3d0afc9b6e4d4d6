"""The fleet that is tortured: who and what there is to act on, read anew for each act, always in the same order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import Group, User
from django.db import connection

from core.clock import at
from curb import services as curb
from leases import services as leases
from leases.models import Driver, Lease, LeaseDriver, Vehicle
from tests.torture.engine import Torture

DRIVERS, CABS = 7, 6
ROLES = {"cashier": "Cashier", "supervisor": "Supervisor", "office": "Office", "auditor": "Auditor"}

_PLANNED = """
    SELECT i.reference_id, l.primary_driver_id, (i.amount * 100)::bigint, i.due_on, i.on_hold
      FROM leases_leaseinstallment i JOIN leases_lease l ON l.id = i.lease_id WHERE i.posted_at IS NULL
    UNION ALL
    SELECT i.reference_id, p.driver_id, (i.amount * 100)::bigint, i.due_on, i.on_hold
      FROM repairs_repairinstallment i JOIN repairs_repairinvoice p ON p.id = i.invoice_id WHERE i.posted_at IS NULL
    UNION ALL
    SELECT i.reference_id, p.driver_id, (i.amount * 100)::bigint, i.due_on, i.on_hold
      FROM loans_loaninstallment i JOIN loans_driverloan p ON p.id = i.loan_id WHERE i.posted_at IS NULL
    ORDER BY 1
"""

_PAYOFFS = """
    SELECT coalesce(sum((f.principal + f.interest - f.interest_back) * 100), 0)::bigint
      FROM loans_loanpayoff f JOIN loans_driverloan p ON p.id = f.loan_id WHERE p.driver_id = %s
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """A part of a plan that is not charged yet."""

    reference: str
    driver: int
    cents: int
    due_on: date
    on_hold: bool


def planned_of(driver: int | None) -> list[Planned]:
    """What is planned and not charged: of a driver, or of all."""
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED)
        rows = [Planned(*row) for row in cursor.fetchall()]
    return sorted((row for row in rows if driver in (None, row.driver)), key=lambda row: (row.due_on, row.reference))


def sum_payoffs(driver: int) -> int:
    """What ended a driver's loans before their time has charged, less the interest that came back, in cents."""
    with connection.cursor() as cursor:
        cursor.execute(_PAYOFFS, [driver])
        (cents,) = cursor.fetchone()
    return int(cents)


def cents_of(amount: Decimal) -> int:
    return int(amount * 100)


def dollars_of(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def a_driver(t: Torture) -> int:
    """Mostly one of the first, so that the same few meet again and again."""
    ids = list(Driver.objects.order_by("pk").values_list("pk", flat=True))
    return int(t.chance.choice(ids[:DRIVERS] if t.maybe(0.8) else ids))


def a_lease_of(t: Torture, driver: int) -> int | None:
    if t.maybe(0.3):
        return None
    found = LeaseDriver.objects.filter(driver_id=driver).order_by("lease_id").values_list("lease_id", flat=True)
    return t.pick(dict.fromkeys(found))  # type: ignore[no-any-return]


def a_lease(t: Torture) -> Lease | None:
    return t.pick(Lease.objects.order_by("pk"))  # type: ignore[no-any-return]


def a_vehicle(t: Torture) -> Vehicle | None:
    return t.pick(Vehicle.objects.order_by("pk"))  # type: ignore[no-any-return]


def some_method(t: Torture, *, ach: bool = False) -> tuple[str, str]:
    method = t.chance.choice(("CASH", "CASH", "CHECK", *(("ACH",) if ach else ())))
    return method, "" if method == "CASH" else str(t.chance.randint(100, 99_999))


def noon(day: date) -> datetime:
    return at(day) + timedelta(hours=12)


def license_of(number: int) -> str:
    return f"{3_000_000 + number}"


def medallion_of(number: int) -> str:
    return f"{1 + number // 2600 % 9}{chr(65 + number // 100 % 26)}{number % 100:02d}"


def vin_of(number: int) -> str:
    return f"1FTDX{number:012d}"


def people() -> Iterator[tuple[str, User]]:
    for name, role in ROLES.items():
        user = User.objects.create(username=f"torture-{name}", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        yield name, user
    yield "admin", User.objects.create(username="torture-admin", is_staff=True, is_superuser=True)


def found(t: Torture) -> None:
    """Hire staff and drivers, bring cabs, and lease some of them."""
    t.memory.update(people())
    office, today = t.memory["office"], t.today
    t.memory["first_day"] = today
    drivers = [
        leases.create_driver(
            first_name=f"First{n}", last_name=f"Last{n}", tlc_license=license_of(t.number()), actor=office
        )
        for n in range(DRIVERS)
    ]
    cabs = []
    for number in range(CABS):
        n = t.number()
        cabs.append(
            leases.register_vehicle(
                vin=vin_of(n),
                medallion=medallion_of(n),
                plate=f"Y{500_000 + n}C",
                tag=str(7_000_000_000 + n),
                from_at=noon(today - timedelta(days=30)),
                actor=office,
            )
        )
        if number < CABS - 1:
            leases.start_lease(
                driver_id=drivers[number].pk,
                vehicle_id=cabs[-1].pk,
                lease_type="LONG_TERM",
                shift="FULL",
                start_on=today,
                end_on=today + timedelta(weeks=(8, 16, 30, 52, 52)[number % 5], days=-1),
                weekly_amount=Decimal(500 + 17 * number),
                deposit=Decimal(500),
                cancellation_fee=Decimal(250),
                actor=office,
            )
    curb.expect_card_trips(since=None, reason="Trips come by chance.", actor=t.memory["supervisor"])
    t.take_stock()
