"""Registering a vehicle, its plates and tags, and taking it out of service."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage, RecordActPage
from core.clock import at
from core.dossier import vehicle_url
from leases import services
from leases.forms import PlateForm, RegisterVehicleForm, RetireForm, TagForm, UntilForm
from leases.models import Vehicle, VehiclePlate, VehicleTag


class RegisterVehiclePage(ActPage):
    permission_required = "leases.add_vehicle"
    title = "Register a vehicle"
    form_class = RegisterVehicleForm
    verb = "Register"

    def get_initial(self) -> dict[str, Any]:
        return {"from_at": at(timezone.localdate())}

    def act(self, form: forms.Form) -> Vehicle:
        return services.register_vehicle(**form.cleaned_data, actor=self.actor)

    def describe(self, result: Vehicle) -> str:
        return f"Vehicle {result} is in service."

    def get_success_url(self, result: Vehicle) -> str:
        return vehicle_url(result.pk)

    def get_cancel_url(self) -> str:
        return reverse("admin:leases_vehicle_changelist")


class VehiclePage(RecordActPage):
    """An act on one vehicle."""

    model = Vehicle
    record_name = "vehicle"
    permission_required = "leases.change_vehicle"
    heading = ""

    def get_title(self) -> str:
        return f"{self.heading} {self.record}"

    def get_record_url(self) -> str:
        return vehicle_url(self.kwargs["record_id"])


class GivePlatePage(VehiclePage):
    heading = "New plate of"
    form_class = PlateForm
    verb = "Give plate"

    def act(self, form: forms.Form) -> VehiclePlate:
        return services.give_plate(vehicle_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: VehiclePlate) -> str:
        return f"Vehicle {self.record} has plate {result}."


class RemovePlatePage(VehiclePage):
    heading = "Take the plate off"
    form_class = UntilForm
    verb = "Take off"

    def act(self, form: forms.Form) -> VehiclePlate:
        return services.remove_plate(vehicle_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: VehiclePlate) -> str:
        return f"{result} is off vehicle {self.record}."


class GiveTagPage(VehiclePage):
    heading = "New E-ZPass tag of"
    form_class = TagForm
    verb = "Give tag"

    def act(self, form: forms.Form) -> VehicleTag:
        return services.give_tag(vehicle_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: VehicleTag) -> str:
        return f"Vehicle {self.record} has tag {result}."


class RemoveTagPage(VehiclePage):
    heading = "Take the E-ZPass tag out of"
    form_class = UntilForm
    verb = "Take out"

    def act(self, form: forms.Form) -> VehicleTag:
        return services.remove_tag(vehicle_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: VehicleTag) -> str:
        return f"Tag {result} is out of vehicle {self.record}."


class RetirePage(VehiclePage):
    permission_required = "leases.retire_vehicle"
    heading = "Retire"
    form_class = RetireForm
    verb = "Retire"
    is_dangerous = True

    def act(self, form: forms.Form) -> Vehicle:
        return services.retire_vehicle(vehicle_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: Vehicle) -> str:
        return f"Vehicle {result} is retired."


class ReturnPage(VehiclePage):
    permission_required = "leases.retire_vehicle"
    heading = "Return to service:"
    verb = "Return to service"

    def act(self, form: forms.Form) -> Vehicle:
        return services.return_vehicle(vehicle_id=self.record.pk, actor=self.actor)

    def describe(self, result: Vehicle) -> str:
        return f"Vehicle {result} is in service."
