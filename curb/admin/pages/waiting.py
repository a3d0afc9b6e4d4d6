"""The queue of trips whose license or cab nobody knows, and the ways out: rematch, or assign to a driver."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.urls import reverse

from core.admin import ActPage, Button, Page, RecordActPage, list_url
from curb import selectors, services
from curb.models import Trip, WaitsFor
from leases.models import Driver, Lease, Vehicle

#: Groups on the page, the most numerous first.
MAX_GROUPS = 200


class WaitingTripsPage(Page):
    """Waiting trips, one line for each license and cab."""

    permission_required = "curb.view_trip"
    title = "Waiting trips"
    template_name = "curb/waiting_trips.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_match = self.request.user.has_perm("curb.match_trip")
        groups = list(selectors.list_waiting_groups()[: MAX_GROUPS + 1])
        for group in groups:
            group["reason"] = WaitsFor(group["waits_for"]).label
            group["trips_url"] = list_url(
                Trip, waits_for__exact=group["waits_for"], license__exact=group["license"], cab__exact=group["cab"]
            )
            group["bind_url"] = reverse("admin:curb_trip_bind", args=[group["example_id"]]) if may_match else ""
        buttons = [Button("Rematch", reverse("admin:curb_trip_match"), is_main=True)] if may_match and groups else []
        return super().get_context_data(
            groups=groups[:MAX_GROUPS],
            has_more=len(groups) > MAX_GROUPS,
            total=selectors.count_waiting_trips(),
            buttons=buttons,
            **kwargs,
        )


class RematchPage(ActPage):
    permission_required = "curb.match_trip"
    title = "Rematch waiting trips"
    template_name = "curb/rematch.html"
    verb = "Rematch"

    def act(self, form: forms.Form) -> int:
        return services.match_waiting_trips()

    def describe(self, result: int) -> str:
        return {0: "Nothing new is known: all go on waiting.", 1: "1 trip is matched now."}.get(
            result, f"{result} trips are matched now."
        )

    def get_success_url(self, result: int) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:curb_trip_waiting")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(total=selectors.count_waiting_trips(), **kwargs)


def search_for(field: str) -> AutocompleteSelect:
    """An input that finds a driver, cab or lease as it is typed."""
    return AutocompleteSelect(Trip._meta.get_field(field), admin.site, attrs={"class": "unfold-admin-autocomplete"})


class BindForm(forms.Form):
    driver = forms.ModelChoiceField(Driver.objects.all(), widget=search_for("driver"))
    vehicle = forms.ModelChoiceField(Vehicle.objects.all(), label="Cab", widget=search_for("vehicle"))
    lease = forms.ModelChoiceField(
        Lease.objects.all(),
        required=False,
        widget=search_for("lease"),
        help_text="Only where the driver was on several of the cab that day; else it is found by driver, cab and day.",
    )
    with_alike = forms.BooleanField(required=False)

    def __init__(self, *args: Any, alike: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["with_alike"].label = f"And the {alike} other waiting trips of this license and cab"
        if not alike:
            del self.fields["with_alike"]


class BindTripPage(RecordActPage):
    """Assign a waiting trip to a driver, with those alike."""

    permission_required = "curb.match_trip"
    model = Trip
    related = ("driver", "vehicle", "lease")
    record_name = "trip"
    template_name = "curb/bind_trip.html"
    form_class = BindForm
    verb = "Assign"

    def get_title(self) -> str:
        return f"Assign trip {self.record} to a driver"

    def get_initial(self) -> dict[str, Any]:
        return {"driver": self.record.driver_id, "vehicle": self.record.vehicle_id, "lease": self.record.lease_id}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"alike": selectors.list_alike_trips(self.record).count()}

    def act(self, form: forms.Form) -> int:
        lease = form.cleaned_data["lease"]
        return services.bind_trip(
            trip_id=self.record.pk,
            driver_id=form.cleaned_data["driver"].pk,
            vehicle_id=form.cleaned_data["vehicle"].pk,
            lease_id=lease.pk if lease else None,
            with_alike=form.cleaned_data.get("with_alike", False),
            actor=self.actor,
        )

    def describe(self, result: int) -> str:
        return "The trip counts in the next close." if result == 1 else f"{result} trips count in the next close."

    def get_success_url(self, result: int) -> str:
        return reverse("admin:curb_trip_waiting")
