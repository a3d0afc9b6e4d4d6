"""Drivers, vehicles and leases at the office's desk."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest

from config.kit.admin.history import HistoryAdmin
from config.kit.errors import DomainError
from leases import selectors, services
from leases.models import Driver, Lease, Vehicle


@admin.register(Driver)
class DriverAdmin(HistoryAdmin):
    list_display = ["name", "tlc_license", "status", "phone", "email"]
    list_filter = ["status"]
    # Each word is matched on its own, so that "smith jo" finds Smith, John.
    search_fields = ["last_name__istartswith", "first_name__istartswith", "tlc_license__startswith"]
    search_help_text = "First letters of a name, or of a TLC license number"
    change_form_outer_before_template = "leases/driver_links.html"
    change_form_outer_after_template = "leases/driver_panels.html"

    @admin.display(description="Name", ordering="last_name")
    def name(self, driver: Driver) -> str:
        return f"{driver.last_name}, {driver.first_name}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Driver | None = None, **kwargs: Any
    ) -> Any:
        if obj is not None:
            context["leases"] = selectors.list_leases_of_driver(obj.pk)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


@admin.register(Vehicle)
class VehicleAdmin(HistoryAdmin):
    list_display = ["medallion", "plate", "vin", "make_and_model", "status"]
    list_filter = ["status"]
    search_fields = ["medallion__istartswith", "plate__istartswith", "vin__istartswith"]
    search_help_text = "First characters of a medallion, plate or VIN"


class StartLeaseForm(forms.ModelForm):
    #: What the service answered to these very inputs, when it refused.
    refusal: DomainError | None = None

    #: The service's names for inputs that the form calls otherwise.
    INPUTS = {"driver": "primary_driver"}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal is not None:
            at_field = self.INPUTS.get(self.refusal.at_field or "", self.refusal.at_field)
            self.add_error(at_field if at_field in self.fields else None, self.refusal.message)
        return cleaned


@admin.register(Lease)
class LeaseAdmin(HistoryAdmin):
    """A lease is started here; afterwards it is looked at, with its rent as the ledger has it."""

    form = StartLeaseForm
    list_display = [
        "__str__",
        "primary_driver",
        "vehicle",
        "lease_type",
        "shift",
        "start_on",
        "end_on",
        "weekly_amount",
        "status",
    ]
    list_filter = ["status", "lease_type", "shift"]
    list_select_related = ["primary_driver", "vehicle"]
    search_fields = [
        "id__exact",
        "vehicle__medallion__istartswith",
        "primary_driver__last_name__istartswith",
        "primary_driver__tlc_license__startswith",
    ]
    search_help_text = "Number of the lease, or first characters of a medallion, last name or TLC license number"
    autocomplete_fields = ["primary_driver", "vehicle"]
    fields = ["primary_driver", "vehicle", "lease_type", "shift", "start_on", "end_on", "weekly_amount"]
    change_form_outer_after_template = "leases/lease_schedule.html"

    def has_change_permission(self, request: HttpRequest, obj: Lease | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Lease | None = None) -> list[str]:
        return [*self.fields, "status"] if obj else self.fields

    def get_form(self, request: HttpRequest, obj: Lease | None = None, **kwargs: Any) -> type[forms.ModelForm]:
        form: type[forms.ModelForm] = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "lease_refusal", None)})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as refusal:
            # All is rolled back. The form is shown again with the refusal at its field: it can't be valid now.
            request.lease_refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Lease, form: forms.ModelForm, change: bool) -> None:
        lease = services.start_lease(
            driver_id=obj.primary_driver_id,
            vehicle_id=obj.vehicle_id,
            lease_type=obj.lease_type,
            shift=obj.shift,
            start_on=obj.start_on,
            end_on=obj.end_on,
            weekly_amount=obj.weekly_amount,
            actor=cast("User", request.user),
        )
        obj.pk = lease.pk  # what the admin logs, names in its message, and leads to

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Lease | None = None, **kwargs: Any
    ) -> Any:
        if obj is not None:
            context["schedule"] = selectors.list_schedule(obj.pk)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)
