"""The queue of trips whose license or cab nobody knows, and the ways out: rematch, or assign to a driver."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.urls import reverse

from core.admin import ActPage, Button, LeftAlone, Page, RecordActPage, SeveralPage, list_url
from core.previews import rolled_back
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
        buttons = []
        if may_match and groups:
            buttons.append(Button("Rematch", reverse("admin:curb_trip_match"), is_main=True))
            buttons.append(Button("Choose several in the list", list_url(Trip, waiting="yes")))
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


class BindTripsForm(forms.Form):
    driver = forms.ModelChoiceField(Driver.objects.all(), widget=search_for("driver"))
    vehicle = forms.ModelChoiceField(
        Vehicle.objects.all(),
        label="Cab",
        required=False,
        widget=search_for("vehicle"),
        help_text="Blank: the cab of each trip, where it is known.",
    )


class BindTripsPage(SeveralPage):
    """Assigns the trips chosen in their list to one driver, each on the lease of its own day."""

    model = Trip
    related = ("driver", "vehicle")
    permission_required = "curb.match_trip"
    form_class = BindTripsForm
    name, verb, done = "bind", "Assign to one driver", "assigned"
    heads = ("Start", "License", "Cab", "Waits for")
    amount_head = "Total"
    #: Whose they are, nobody has said yet.
    blank = None
    sentence = "Each on the lease that the driver was on with the cab that day, where it is exactly one."

    def get_title(self) -> str:
        return "Assign trips to one driver"

    def cells_of(self, record: Trip) -> tuple[Any, ...]:
        return record.start_at, record.license, record.cab, WaitsFor(record.waits_for).label

    def amount_of(self, record: Trip) -> Decimal:
        return record.total

    def act_on(self, record: Trip, facts: Mapping[str, Any]) -> int:
        vehicle_id = facts["vehicle"].pk if facts["vehicle"] else record.vehicle_id
        if vehicle_id is None:
            raise LeftAlone("Its cab is not known: name the cab.")
        return services.bind_trip(
            trip_id=record.pk, driver_id=facts["driver"].pk, vehicle_id=vehicle_id, actor=self.actor
        )

    def foresee(self, record: Trip, facts: Mapping[str, Any]) -> tuple[str, ...]:
        with rolled_back():
            self.act_on(record, facts)
            record.refresh_from_db(fields=["lease"])
        return (f"On lease {record.lease_id}." if record.lease_id else "On no lease of the cab.",)


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
