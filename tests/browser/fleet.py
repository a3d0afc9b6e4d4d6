"""Four drivers with a lease each, as the counter meets them on any day, and one person of each role.

Each owes $369.25 since the day before yesterday, $283.00 that comes due next week, and is held nothing.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import Group, User
from django.utils import timezone

from core.weeks import week_of
from leases.models import Driver, Lease
from ledger.models import InterimPayment
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory, UserFactory, VehicleFactory
from tests.ledger.admin_pages import owe
from tests.ledger.proofs import pay

NAMES = ("Anil Jeudy", "Nadia Castillo", "Yusuf Singh", "Rosa Diallo")


@dataclass(frozen=True)
class Fleet:
    drivers: dict[str, Driver]
    leases: dict[str, Lease]
    #: A payment of Rosa's that paid nothing yet.
    payment: InterimPayment

    @staticmethod
    def person(role: str) -> User:
        return User.objects.get(username=role.lower())


@contextmanager
def asking() -> Iterator[None]:
    """Ask the database while a browser is open: its loop is not running then, whatever the thread is told."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


def make_fleet() -> Fleet:
    for group in Group.objects.order_by("name"):
        UserFactory.create(username=group.name.lower(), first_name="Maya", groups=[group.name])
    UserFactory.create(username="admin", is_superuser=True)
    leases = {name: _lease(place, *name.split()) for place, name in enumerate(NAMES)}
    payment = pay(leases["Rosa Diallo"].primary_driver, "25.00", effective_on=timezone.localdate())
    return Fleet({name: lease.primary_driver for name, lease in leases.items()}, leases, payment)


def _lease(place: int, first_name: str, last_name: str) -> Lease:
    today = timezone.localdate()
    driver = DriverFactory.create(first_name=first_name, last_name=last_name, tlc_license=f"540183{place}")
    lease = LeaseFactory.create(
        primary_driver=driver,
        vehicle=VehicleFactory.create(medallion=f"8H5{place}", plate=f"8H5{place}B"),
        start_on=week_of(today).start - timedelta(weeks=8),
        end_on=week_of(today).end + timedelta(weeks=30),
        weekly_amount=Decimal("575.00"),
    )
    owe(driver, f"TAXES-{place}", "369.25", due_in=-2)
    owe(driver, f"EZPASS-{place}", "83.00", due_in=7 + 6)
    owe(driver, f"MISC-{place}", "200.00", due_in=7 + 6)
    sunday = week_of(today).next.start
    LeaseInstallmentFactory.create(lease=lease, number=1, week_start=sunday, due_on=week_of(sunday).end)
    return lease
