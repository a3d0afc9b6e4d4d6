"""Drivers: who they are, and their locks."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.api.acts import Act
from core.api.fields import StrictSerializer, TextField, choice_field
from core.api.looks import Look, PageFilters, Rows
from leases import selectors, services
from leases.api.records import get_driver
from leases.api.told import DriverLockSerializer, DriverSerializer
from leases.models import Driver, DriverLock
from ledger.api.money_acts import ReasonBody


class DriverFilters(PageFilters):
    q = TextField(
        required=False,
        max_length=200,
        help_text="Words that all name them: names, license, phone, e-mail, or cab, plate, tag or lease that they have "
        "now. At most 200 are found; more letters find fewer.",
    )
    status = choice_field(Driver.Status, required=False)


class Drivers(Rows):
    """Drivers, newest first."""

    required_permissions = ("leases.view_driver",)
    serializer_class = DriverSerializer
    filters = DriverFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        drivers = selectors.list_drivers()
        if "status" in asked:
            drivers = drivers.filter(status=asked["status"])
        if "q" in asked:
            found = selectors.list_found_drivers(selectors.split_words(asked["q"]), at=timezone.now())
            drivers = drivers.filter(pk__in=found[: selectors.MAX_FOUND])
        return drivers


class ShowDriver(Look):
    """One driver."""

    required_permissions = ("leases.view_driver",)
    answers = DriverSerializer

    def find(self, asked: dict[str, Any]) -> Driver:
        return get_driver(asked["driver_id"])


class DriverBody(StrictSerializer):
    """Who a driver is. The license is their identity."""

    # What a license or an address may be, the service says.
    first_name = TextField(max_length=80)
    last_name = TextField(max_length=80)
    tlc_license = TextField(max_length=10)
    phone = TextField(required=False, allow_blank=True, max_length=30)
    email = TextField(required=False, allow_blank=True, max_length=254)


class CreateDriver(Act):
    """Enter a driver, who is active from now on. A license that is known already is refused."""

    required_permissions = ("leases.add_driver",)
    body = DriverBody
    answers = DriverSerializer
    status = 201
    example = {"first_name": "Anil", "last_name": "Jeudy", "tlc_license": "5401838", "phone": "718-555-0117"}

    def perform(self, asked: dict[str, Any]) -> Driver:
        return get_driver(services.create_driver(**asked, actor=self.actor).pk)


class DriverChangeBody(StrictSerializer):
    """What changes; what is left out stays."""

    first_name = TextField(required=False, max_length=80)
    last_name = TextField(required=False, max_length=80)
    tlc_license = TextField(required=False, max_length=10)
    status = choice_field(Driver.Status, required=False, help_text="INACTIVE: they are put on no new lease.")
    phone = TextField(required=False, allow_blank=True, max_length=30)
    email = TextField(required=False, allow_blank=True, max_length=254)


class ChangeDriver(Act):
    """Change what is known of a driver."""

    required_permissions = ("leases.change_driver",)
    body = DriverChangeBody
    answers = DriverSerializer
    example = {"phone": "718-555-0118"}

    def perform(self, asked: dict[str, Any]) -> Driver:
        return get_driver(services.change_driver(**asked, actor=self.actor).pk)


class DriverLocks(Rows):
    """A driver's locks, newest first; the one without `unlocked_at` stands."""

    required_permissions = ("leases.view_driverlock",)
    serializer_class = DriverLockSerializer

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        return DriverLock.objects.filter(driver=get_driver(asked["driver_id"]))


class LockDriver(Act):
    """Lock a driver: nothing is paid out to them and no lease is started. They pay as always."""

    required_permissions = ("leases.lock_driver",)
    body = ReasonBody
    answers = DriverLockSerializer
    status = 201
    example = {"reason": "License suspended until the hearing"}

    def perform(self, asked: dict[str, Any]) -> DriverLock:
        return services.lock_driver(**asked, actor=self.actor)


class UnlockDriver(Act):
    """Lift a driver's lock."""

    required_permissions = ("leases.lock_driver",)
    body = ReasonBody
    answers = DriverLockSerializer
    example = {"reason": "License reinstated"}

    def perform(self, asked: dict[str, Any]) -> DriverLock:
        return services.unlock_driver(**asked, actor=self.actor)
