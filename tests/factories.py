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

from leases import rules
from leases.models import (
    Driver,
    Lease,
    LeaseDriver,
    LeaseInstallment,
    LeaseRate,
    LeaseVehicle,
    Vehicle,
    VehiclePlate,
    VehicleTag,
    WeeklyCap,
)


class UserFactory(DjangoModelFactory[User]):
    """A member of staff without rights of their own.

    ``UserFactory.create(groups=["Cashier"])`` gives them a role's, ``permissions=["leases.view_driver"]`` single ones.
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
    """A full-time lease over the 52 pay weeks from 2026-01-04 to 2027-01-02, without installments.

    Its vehicle, its primary driver and its weekly amount hold for all of it.
    """

    class Meta:
        model = Lease
        skip_postgeneration_save = True

    primary_driver = factory.SubFactory(DriverFactory)
    vehicle = factory.SubFactory(VehicleFactory)
    start_on = date(2026, 1, 4)
    end_on = date(2027, 1, 2)
    weekly_amount = Decimal("500.00")
    shift = Lease.Shift.FULL
    shift_from = factory.LazyAttribute(lambda lease: _hours_of(lease, "begin"))
    shift_until = factory.LazyAttribute(lambda lease: _hours_of(lease, "end"))

    @factory.post_generation
    def spans(self: Lease, create: bool, extracted: None, **kwargs: Any) -> None:
        """Lay down what every lease has from its start."""
        LeaseVehicleFactory.create(lease=self)
        LeaseDriverFactory.create(lease=self, driver=self.primary_driver, is_primary=True)
        LeaseRateFactory.create(lease=self)


def _hours_of(lease: Any, end: str) -> Any:
    hours = rules.USUAL_HOURS.get(lease.shift)
    return getattr(hours, end) if hours else None


class LeaseVehicleFactory(DjangoModelFactory[LeaseVehicle]):
    """A lease's hold on its vehicle for all of its days."""

    class Meta:
        model = LeaseVehicle

    lease = factory.SubFactory(LeaseFactory)
    vehicle = factory.SelfAttribute("lease.vehicle")
    shift = factory.SelfAttribute("lease.shift")
    from_at = factory.LazyAttribute(lambda held: _span_of(held.lease).from_at)
    until_at = factory.LazyAttribute(lambda held: _span_of(held.lease).until_at)


def _span_of(lease: Lease) -> rules.Span:
    return rules.span_of_days(lease.start_on, lease.end_on, rules.USUAL_HOURS.get(lease.shift))


class LeaseDriverFactory(DjangoModelFactory[LeaseDriver]):
    """A further driver for all the days of a lease."""

    class Meta:
        model = LeaseDriver

    lease = factory.SubFactory(LeaseFactory)
    driver = factory.SubFactory(DriverFactory)
    start_on = factory.SelfAttribute("lease.start_on")
    end_on = factory.SelfAttribute("lease.end_on")


class LeaseRateFactory(DjangoModelFactory[LeaseRate]):
    """A lease's weekly amount from its start on."""

    class Meta:
        model = LeaseRate

    lease = factory.SubFactory(LeaseFactory)
    from_on = factory.SelfAttribute("lease.start_on")
    weekly_amount = factory.SelfAttribute("lease.weekly_amount")


class VehiclePlateFactory(DjangoModelFactory[VehiclePlate]):
    """A New York plate since ever."""

    class Meta:
        model = VehiclePlate

    vehicle = factory.SubFactory(VehicleFactory)
    plate = factory.Sequence(lambda n: f"Y{100_000 + n}C")


class VehicleTagFactory(DjangoModelFactory[VehicleTag]):
    """An E-ZPass tag since ever."""

    class Meta:
        model = VehicleTag

    vehicle = factory.SubFactory(VehicleFactory)
    tag = factory.Sequence(lambda n: f"{2_200_000_000 + n}")


class WeeklyCapFactory(DjangoModelFactory[WeeklyCap]):
    """A cap on full-time long-term leases since 2026."""

    class Meta:
        model = WeeklyCap

    lease_type = "LONG_TERM"
    shift = "FULL"
    from_on = date(2026, 1, 1)
    amount = Decimal("1000.00")


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
