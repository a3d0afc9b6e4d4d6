"""Say since when card trips are expected, or that they are not."""

from typing import Any

from django import forms
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin import ActPage
from curb import selectors, services
from curb.models import CardTripsExpected
from ledger.forms import DateInput


class ExpectForm(forms.Form):
    since = forms.DateField(
        label="Card trips are expected since",
        required=False,
        widget=DateInput(),
        help_text="The first day whose card fares come through the fleet. Without a day, none are expected.",
    )
    reason = forms.CharField(
        max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}), help_text="Kept with your name."
    )


class ExpectCardTripsPage(ActPage):
    """A week does not close without the card trips that are expected of its days."""

    permission_required = "curb.expect_card_trips"
    title = "Since when card trips are expected"
    form_class = ExpectForm
    verb = "Say so"

    def get_initial(self) -> dict[str, Any]:
        said = selectors.find_card_trips_expected()
        return {"since": said.since if said else None}

    def act(self, form: forms.Form) -> CardTripsExpected:
        return services.expect_card_trips(
            since=form.cleaned_data["since"], reason=form.cleaned_data["reason"], actor=self.actor
        )

    def describe(self, result: CardTripsExpected) -> str:
        return f"Card trips are {result}."

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:curb_cardtripsexpected_changelist")
