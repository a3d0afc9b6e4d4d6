"""Who looks at the pages of leases in tests, and a lease to look at."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.test import Client

from leases import services
from leases.models import Lease
from tests.factories import DriverFactory, VehicleFactory

LOOK = [f"leases.view_{model}" for model in ("driver", "vehicle", "lease")]


def browse(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def start_lease(*, end_on: date = date(2026, 3, 24)) -> Lease:
    return services.start_lease(
        driver_id=DriverFactory.create().pk,
        vehicle_id=VehicleFactory.create().pk,
        lease_type="LONG_TERM",
        shift="FULL",
        start_on=date(2026, 3, 4),
        end_on=end_on,
        weekly_amount=Decimal("500.00"),
        actor=None,
    )
