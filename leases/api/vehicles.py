"""Vehicles: taken into service, their plates and tags, and taken out of service."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import MomentField, StrictSerializer, TextField, choice_field
from core.api.looks import Look, PageFilters, Rows
from leases import selectors, services
from leases.api.records import get_vehicle
from leases.api.told import VehicleSerializer, WholeVehicleSerializer
from leases.models import Vehicle


class VehicleFilters(PageFilters):
    q = TextField(
        required=False,
        max_length=200,
        help_text="The beginning of a medallion, plate, tag or VIN, or words that name who has it now.",
    )
    status = choice_field(Vehicle.Status, required=False)
    leased = serializers.BooleanField(required=False, help_text="Whether a lease has it now.")


class Vehicles(Rows):
    """Vehicles, newest first."""

    required_permissions = ("leases.view_vehicle",)
    serializer_class = VehicleSerializer
    filters = VehicleFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        now, vehicles = timezone.now(), Vehicle.objects.all()
        if "status" in asked:
            vehicles = vehicles.filter(status=asked["status"])
        if "leased" in asked:
            leased = selectors.is_leased_at(now)
            vehicles = vehicles.filter(leased if asked["leased"] else ~leased)
        if "q" in asked:
            vehicles = vehicles.filter(pk__in=selectors.list_named_vehicles(asked["q"], at=now))
        return vehicles


class ShowVehicle(Look):
    """One vehicle, with its plates and E-ZPass tags and their times."""

    required_permissions = ("leases.view_vehicle",)
    answers = WholeVehicleSerializer

    def find(self, asked: dict[str, Any]) -> Vehicle:
        return get_vehicle(asked["vehicle_id"])


class VehicleAct(Act):
    """Answers the vehicle as it is then. A subclass calls its service in :meth:`act`."""

    required_permissions: ClassVar[tuple[str, ...]] = ("leases.change_vehicle",)
    answers: ClassVar[type[serializers.BaseSerializer[Any]]] = WholeVehicleSerializer

    def act(self, asked: dict[str, Any]) -> Any:
        """Ask the service."""
        raise NotImplementedError

    def perform(self, asked: dict[str, Any]) -> Vehicle:
        self.act(asked)
        return get_vehicle(asked["vehicle_id"])


class RegisterBody(StrictSerializer):
    """A vehicle, with the plate and the tag that it has from `from_at` on, if any."""

    vin = TextField(max_length=17)
    medallion = TextField(max_length=6)
    make_and_model = TextField(required=False, allow_blank=True, max_length=80)
    plate = TextField(required=False, allow_blank=True, max_length=10)
    state = TextField(required=False, max_length=2, help_text="Of the plate; NY without it.")
    tag = TextField(required=False, allow_blank=True, max_length=16)
    from_at = MomentField(help_text="In service from.")


class RegisterVehicle(Act):
    """Take a vehicle into service. A VIN or a medallion that is known already is refused."""

    required_permissions = ("leases.add_vehicle",)
    body = RegisterBody
    answers = WholeVehicleSerializer
    status = 201
    example = {
        "vin": "1FTDX000000000017",
        "medallion": "8H59",
        "make_and_model": "Toyota Sienna",
        "plate": "Y205771C",
        "tag": "2200000017",
        "from_at": "2026-03-02T00:00:00-05:00",
    }

    def perform(self, asked: dict[str, Any]) -> Vehicle:
        return services.register_vehicle(**asked, actor=self.actor)


class VehicleChangeBody(StrictSerializer):
    """What changes; what is left out stays."""

    vin = TextField(required=False, max_length=17)
    medallion = TextField(required=False, max_length=6)
    make_and_model = TextField(required=False, allow_blank=True, max_length=80)


class ChangeVehicle(VehicleAct):
    """Change what is known of a vehicle, but for what acts change."""

    body = VehicleChangeBody
    example = {"make_and_model": "Toyota Sienna Hybrid"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.change_vehicle(**asked, actor=self.actor)


class PlateBody(StrictSerializer):
    """A plate, and since when it is on the vehicle."""

    plate = TextField(max_length=10)
    state = TextField(required=False, max_length=2, help_text="NY without it.")
    from_at = MomentField()


class GivePlate(VehicleAct):
    """Put a plate on a vehicle; the one before it leaves it then."""

    body = PlateBody
    status = 201
    example = {"plate": "Y205771C", "from_at": "2026-03-09T08:00:00-04:00"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.give_plate(**asked, actor=self.actor)


class TagBody(StrictSerializer):
    """An E-ZPass tag, and since when it is in the vehicle."""

    tag = TextField(max_length=16)
    from_at = MomentField()


class GiveTag(VehicleAct):
    """Put an E-ZPass tag into a vehicle; the one before it leaves it then."""

    body = TagBody
    status = 201
    example = {"tag": "2200000017", "from_at": "2026-03-09T08:00:00-04:00"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.give_tag(**asked, actor=self.actor)


class UntilBody(StrictSerializer):
    """Until when it was there."""

    until_at = MomentField()


class RemovePlate(VehicleAct):
    """Take a vehicle's plate off; another may have it from then on."""

    body = UntilBody
    example = {"until_at": "2026-03-09T08:00:00-04:00"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.remove_plate(**asked, actor=self.actor)


class RemoveTag(VehicleAct):
    """Take the E-ZPass tag out of a vehicle; another may have it from then on."""

    body = UntilBody
    example = {"until_at": "2026-03-09T08:00:00-04:00"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.remove_tag(**asked, actor=self.actor)


class RetireBody(StrictSerializer):
    """From when on it is out of service."""

    retired_at = MomentField()


class RetireVehicle(VehicleAct):
    """Take a vehicle out of service, and its plate and tag off it."""

    required_permissions = ("leases.retire_vehicle",)
    body = RetireBody
    example = {"retired_at": "2026-03-09T08:00:00-04:00"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.retire_vehicle(**asked, actor=self.actor)


class ReturnVehicle(VehicleAct):
    """Take a retired vehicle into service again; it has neither plate nor tag."""

    required_permissions = ("leases.retire_vehicle",)

    def act(self, asked: dict[str, Any]) -> Any:
        return services.return_vehicle(**asked, actor=self.actor)
