"""Corrections of a trip: moved to its right driver, counted back, or said how it was paid. The next close counts it."""

from typing import Any

from django import forms

from core.admin import RecordActPage
from core.checks import MAX_REASON
from curb import selectors, services
from curb.admin.pages.waiting import search_for
from curb.models import Trip
from curb.services.corrections import DECISIONS
from leases.models import Driver, Lease, Vehicle


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=MAX_REASON, help_text="Kept with the trip.")


class MoveForm(forms.Form):
    driver = forms.ModelChoiceField(Driver.objects.all(), widget=search_for("driver"))
    vehicle = forms.ModelChoiceField(Vehicle.objects.all(), label="Cab", widget=search_for("vehicle"))
    lease = forms.ModelChoiceField(
        Lease.objects.all(),
        required=False,
        widget=search_for("lease"),
        help_text="Only where the driver was on several of the cab that day; else it is found by driver, cab and day.",
    )
    reason = forms.CharField(max_length=MAX_REASON, help_text="Kept with the trip.")


class DecideForm(forms.Form):
    counts_as = forms.ChoiceField(
        choices=[(choice.value, choice.label) for choice in DECISIONS],
        label="How it was paid",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(max_length=MAX_REASON, help_text="Kept with the trip.")


class CorrectionPage(RecordActPage):
    """An act on a trip, whose preview says what the next close will do."""

    permission_required = "curb.correct_trip"
    model = Trip
    related = ("driver", "vehicle", "lease", "paired_with")
    record_name = "trip"
    template_name = "curb/correct_trip.html"
    has_preview = True

    def preview(self, form: forms.Form) -> services.CorrectionPreview:
        return services.preview_correction(lambda: self.act(form))

    def describe(self, result: Trip) -> str:
        steps = [row.words for row in selectors.list_pending(result)]
        return f"In the next close: {'; '.join(steps)}." if steps else "The next close changes nothing of it."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(live=selectors.find_live_count(self.record), **kwargs)


class MoveTripPage(CorrectionPage):
    form_class = MoveForm
    verb = "Move"

    def get_title(self) -> str:
        return f"Move trip {self.record} to another driver"

    def get_initial(self) -> dict[str, Any]:
        return {"vehicle": self.record.vehicle_id}

    def act(self, form: forms.Form) -> Trip:
        lease = form.cleaned_data["lease"]
        return services.move_trip(
            trip_id=self.record.pk,
            driver_id=form.cleaned_data["driver"].pk,
            vehicle_id=form.cleaned_data["vehicle"].pk,
            lease_id=lease.pk if lease else None,
            reason=form.cleaned_data["reason"],
            actor=self.actor,
        )


class CountBackPage(CorrectionPage):
    form_class = ReasonForm
    verb = "Count back"
    is_dangerous = True
    sentence = "The trip is nobody's: it counts for no driver, unless it is moved to one."

    def get_title(self) -> str:
        return f"Count trip {self.record} back"

    def act(self, form: forms.Form) -> Trip:
        return services.count_trip_back(trip_id=self.record.pk, reason=form.cleaned_data["reason"], actor=self.actor)


class DecidePage(CorrectionPage):
    form_class = DecideForm
    verb = "Say so"

    def get_title(self) -> str:
        return f"How trip {self.record} was paid"

    def get_initial(self) -> dict[str, Any]:
        return {"counts_as": self.record.counts_as}

    def act(self, form: forms.Form) -> Trip:
        return services.decide_payment(
            trip_id=self.record.pk,
            counts_as=form.cleaned_data["counts_as"],
            reason=form.cleaned_data["reason"],
            actor=self.actor,
        )
