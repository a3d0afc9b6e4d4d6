"""The queue of trips whose license or cab nobody knows, and the ways out: match again, or say whose it was."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property

from core.admin import ActPage, Button, Page, list_url
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
        buttons = (
            [Button("Match again", reverse("admin:curb_trip_match"), is_main=True)] if may_match and groups else []
        )
        return super().get_context_data(
            groups=groups[:MAX_GROUPS],
            has_more=len(groups) > MAX_GROUPS,
            total=selectors.count_waiting_trips(),
            buttons=buttons,
            **kwargs,
        )


class MatchAgainPage(ActPage):
    permission_required = "curb.match_trip"
    title = "Match waiting trips again"
    template_name = "curb/match_again.html"
    verb = "Match again"

    def act(self, form: forms.Form) -> int:
        return services.match_waiting_trips()

    def describe(self, result: int) -> str:
        return {0: "Nothing new is known: all go on waiting.", 1: "1 trip is matched anew."}.get(
            result, f"{result} trips are matched anew."
        )

    def get_success_url(self, result: int) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:curb_trip_waiting")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(total=selectors.count_waiting_trips(), **kwargs)


def _search(field: str) -> AutocompleteSelect:
    return AutocompleteSelect(Trip._meta.get_field(field), admin.site, attrs={"class": "unfold-admin-autocomplete"})


class BindForm(forms.Form):
    driver = forms.ModelChoiceField(Driver.objects.all(), widget=_search("driver"))
    vehicle = forms.ModelChoiceField(Vehicle.objects.all(), label="Cab", widget=_search("vehicle"))
    lease = forms.ModelChoiceField(
        Lease.objects.all(),
        required=False,
        widget=_search("lease"),
        help_text="Only where the cab had several that day; else it is found by the driver, the cab and the day.",
    )
    with_alike = forms.BooleanField(required=False)

    def __init__(self, *args: Any, alike: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["with_alike"].label = f"And the {alike} other waiting trips of this license and cab"
        if not alike:
            del self.fields["with_alike"]


class BindTripPage(ActPage):
    permission_required = "curb.match_trip"
    template_name = "curb/bind_trip.html"
    form_class = BindForm
    verb = "It was theirs"
    inputs = {"lease_id": "lease"}

    @cached_property
    def trip(self) -> Trip:
        trip = selectors.list_trips().filter(pk=self.kwargs["trip_id"]).first()
        if trip is None:
            raise Http404
        return trip

    def get_title(self) -> str:
        return f"Whose trip was {self.trip}?"

    def get_initial(self) -> dict[str, Any]:
        return {"driver": self.trip.driver_id, "vehicle": self.trip.vehicle_id, "lease": self.trip.lease_id}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"alike": selectors.list_alike_trips(self.trip).count()}

    def act(self, form: forms.Form) -> int:
        lease = form.cleaned_data["lease"]
        return services.bind_trip(
            trip_id=self.trip.pk,
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

    def get_cancel_url(self) -> str:
        return reverse("admin:curb_trip_change", args=[self.trip.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(trip=self.trip, **kwargs)
