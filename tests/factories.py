"""Rows to test with. A factory makes the bare row; what follows from it (installments of a lease) is a service's.

Write ``DriverFactory.create()`` rather than ``DriverFactory()``: the first has the row's type for mypy.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import factory
from django.contrib.auth.models import Group, Permission, User
from factory.django import DjangoModelFactory

from leases.models import Driver, Lease, LeaseInstallment, Vehicle


class UserFactory(DjangoModelFactory[User]):
    """A member of staff without rights of his own.

    ``UserFactory.create(groups=["Cashier"])`` gives him a role's, ``permissions=["leases.view_driver"]`` single ones.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@fleet.example")
    password = factory.django.Password(None)
    is_staff = True

    @factory.post_generation
    def groups(self: User, create: bool, names: Sequence[str] | None, **kwargs: Any) -> None:
        """Put the user in the named groups, which must exist: a role misspelled is a test that proves nothing."""
        for name in names or ():
            self.groups.add(Group.objects.get(name=name))

    @factory.post_generation
    def permissions(self: User, create: bool, names: Sequence[str] | None, **kwargs: Any) -> None:
        for name in names or ():
            app_label, codename = name.split(".")
            self.user_permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))


class DriverFactory(DjangoModelFactory[Driver]):
    class Meta:
        model = Driver

    first_name = factory.Sequence(lambda n: f"First{n}")
    last_name = factory.Sequence(lambda n: f"Last{n}")
    tlc_license = factory.Sequence(lambda n: f"{1_000_000 + n}")


class VehicleFactory(DjangoModelFactory[Vehicle]):
    class Meta:
        model = Vehicle

    vin = factory.Sequence(lambda n: f"1FTDX{n:012d}")
    medallion = factory.Sequence(lambda n: f"{n // 2600 % 10}{chr(65 + n // 100 % 26)}{n % 100:02d}")
    plate = factory.LazyAttribute(lambda vehicle: f"{vehicle.medallion}A")


class LeaseFactory(DjangoModelFactory[Lease]):
    """A full-time lease over the 52 pay weeks from 2026-01-04 to 2027-01-02, without installments."""

    class Meta:
        model = Lease

    primary_driver = factory.SubFactory(DriverFactory)
    vehicle = factory.SubFactory(VehicleFactory)
    start_on = date(2026, 1, 4)
    end_on = date(2027, 1, 2)
    weekly_amount = Decimal("500.00")


class LeaseInstallmentFactory(DjangoModelFactory[LeaseInstallment]):
    """A full week's rent of a lease, by default of its first weeks in turn: give ``number`` for a certain one."""

    class Meta:
        model = LeaseInstallment

    lease = factory.SubFactory(LeaseFactory)
    number = 1
    week_start = factory.LazyAttribute(lambda rent: rent.lease.start_on + timedelta(weeks=rent.number - 1))
    due_on = factory.LazyAttribute(lambda rent: rent.week_start + timedelta(days=6))
    amount = factory.LazyAttribute(lambda rent: rent.lease.weekly_amount)
    reference_id = factory.LazyAttribute(
        lambda rent: "LEASE-{}-{}W{:02d}".format(rent.lease.pk, *rent.due_on.isocalendar()[:2])
    )
