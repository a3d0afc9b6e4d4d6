"""What the office types about leases and vehicles, turned into what services take."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from core.checks import MAX_REASON, SAY_WHY
from leases import selectors
from leases.models import MAX_NOTE, Driver, Lease, Paper, Vehicle
from ledger.categories import PaymentMethod

_INPUT_CLASS = UnfoldAdminTextInputWidget().attrs.get("class", "")


def _text(**attrs: str) -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", **attrs})


class DateField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"class": _INPUT_CLASS, "type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, **kwargs})


class MomentField(forms.DateTimeField):
    """A date and a clock time of New York."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"class": _INPUT_CLASS, "type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**{"widget": widget, "help_text": "New York time.", **kwargs})


class ClockField(forms.TimeField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(attrs={"class": _INPUT_CLASS, "type": "time"}, format="%H:%M")
        super().__init__(**{"widget": widget, "required": False, **kwargs})


class AmountField(forms.DecimalField):
    """Dollars; what else must hold of them the services say."""

    def __init__(self, **kwargs: Any) -> None:
        widget = _text(inputmode="decimal")
        super().__init__(**{"max_digits": 12, "decimal_places": 2, "widget": widget, **kwargs})


class ReasonField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        told = {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 2}), "error_messages": {"required": SAY_WHY}}
        super().__init__(**{"max_length": MAX_REASON, **told, **kwargs})


class DriverField(forms.ModelChoiceField):
    """A driver with whom something is begun: of one who is locked, the form says so before anybody asks for it."""

    def label_from_instance(self, obj: Driver) -> str:
        return f"{obj}{selectors.LOCKED}" if selectors.find_lock_reason(obj.pk) is not None else str(obj)


def _driver_field(**kwargs: Any) -> forms.ModelChoiceField:
    widget = AutocompleteSelect(
        Lease._meta.get_field("primary_driver"), admin.site, attrs={"class": "unfold-admin-autocomplete"}
    )
    return DriverField(Driver.objects.filter(status=Driver.Status.ACTIVE), widget=widget, **kwargs)


def _vehicle_field(**kwargs: Any) -> forms.ModelChoiceField:
    widget = AutocompleteSelect(
        Lease._meta.get_field("vehicle"), admin.site, attrs={"class": "unfold-admin-autocomplete"}
    )
    return forms.ModelChoiceField(Vehicle.objects.filter(status=Vehicle.Status.IN_SERVICE), widget=widget, **kwargs)


class StartLeaseForm(forms.Form):
    primary_driver = _driver_field()
    vehicle = _vehicle_field()
    lease_type = forms.ChoiceField(choices=Lease.Type.choices, widget=UnfoldAdminSelectWidget())
    shift = forms.ChoiceField(choices=Lease.Shift.choices, widget=UnfoldAdminSelectWidget())
    shift_from = ClockField(label="Shift from", help_text="Left out: 05:00 by day, 17:00 by night.")
    shift_until = ClockField(label="Shift until", help_text="Left out: 17:00 by day, 05:00 by night.")
    start_on = DateField(label="Start")
    end_on = DateField(label="End", help_text="The last day.")
    weekly_amount = AmountField(label="Weekly amount")
    deposit = AmountField(required=False, help_text="What is asked. A payment brings it in.")
    cancellation_fee = AmountField(label="Early-termination fee", required=False)


class SwapForm(forms.Form):
    vehicle = _vehicle_field(label="New vehicle")
    swapped_at = MomentField(label="From")


class AddDriverForm(forms.Form):
    driver = _driver_field()
    start_on = DateField(label="From")
    end_on = DateField(label="To", required=False, help_text="The last day. Left out: the end of the lease.")


class EndDriverForm(forms.Form):
    driver = forms.ModelChoiceField(Driver.objects.none(), widget=UnfoldAdminSelectWidget())
    last_on = DateField(label="Last day")

    def __init__(self, *args: Any, drivers: QuerySet[Driver], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["driver"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = drivers


class HoldForm(forms.Form):
    """What a hold means: the cab is away and nothing is owed for these days, or the rent is charged later."""

    CAB_AWAY, RENT_LATER = "CAB_AWAY", "RENT_LATER"
    KINDS: ClassVar[dict[str, str]] = {
        CAB_AWAY: "Cab away: no rent is owed for these days",
        RENT_LATER: "Rent later: nothing is charged until it is resumed, then all of it",
    }

    kind = forms.ChoiceField(label="Hold", widget=UnfoldAdminSelectWidget())
    start_on = DateField(label="Cab away from", required=False)
    end_on = DateField(label="Cab away to", required=False, help_text="The last day without a cab; past or to come.")
    reason = ReasonField()

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(kind, self.KINDS[kind]) for kind in kinds]

    def clean(self) -> None:
        is_away = self.cleaned_data.get("kind") == self.CAB_AWAY
        for name in ("start_on", "end_on"):
            if name in self.errors:
                continue
            if is_away and not self.cleaned_data[name]:
                self.add_error(name, "Say which days the cab is away.")
            elif not is_away and self.cleaned_data[name]:
                self.add_error(name, "Rent later has no days: it lasts until it is resumed.")


class TakeBackDaysForm(forms.Form):
    start_on = DateField(label="From")
    end_on = DateField(label="To", help_text="The last day that is taken back.")
    reason = ReasonField()


class ChangeAmountForm(forms.Form):
    weekly_amount = AmountField(label="New weekly amount")
    from_on = DateField(label="From")


class TerminateForm(forms.Form):
    last_on = DateField(label="Last day", help_text="Rent is owed up to this day.")
    reason = ReasonField()
    cancellation_charge = AmountField(
        required=False, help_text="Left out: the fee agreed on in the lease. 0 charges nothing."
    )


class SettleForm(forms.Form):
    reason = ReasonField(initial="Settlement of the lease's deposit", help_text="Kept with the postings.")
    method = forms.ChoiceField(
        label="The rest leaves by", choices=PaymentMethod.choices, widget=UnfoldAdminSelectWidget()
    )
    instrument_number = forms.CharField(
        label="Check or bank number", max_length=40, required=False, widget=_text(), help_text="Checks need one."
    )
    keeps_for_claims = forms.BooleanField(
        label="Keep back for what is on hold, and for tickets in dispute or review",
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget(),
        help_text="Rents, repairs and loans on hold; tickets of the lease's cab in its time. What is kept can be "
        "settled again once they are resumed or decided.",
    )


class LockForm(forms.Form):
    reason = ReasonField()


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note", max_length=MAX_NOTE, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), strip=True
    )


class FileForm(forms.Form):
    file = forms.FileField(label="File", widget=UnfoldAdminFileFieldWidget())
    about = forms.CharField(
        label="Belongs to",
        max_length=80,
        required=False,
        widget=_text(),
        help_text="A receipt, charge or plan, like PAY-000155 or REPAIR-6. Left out: the driver.",
    )

    def __init__(self, *args: Any, asks_about: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_about:
            del self.fields["about"]


class PaperForm(forms.Form):
    kind = forms.ChoiceField(label="Paper", widget=UnfoldAdminSelectWidget())
    number = forms.CharField(max_length=40, required=False, widget=_text())
    good_to = DateField(label="Good to", help_text="The last day on which it is good.")

    def __init__(self, *args: Any, kinds: Sequence[Paper.Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(kind.value, kind.label) for kind in kinds]


class CorrectPaperForm(forms.Form):
    number = forms.CharField(max_length=40, required=False, widget=_text())
    good_to = DateField(label="Good to", help_text="The last day on which it is good.")
    reason = ReasonField()


class RegisterVehicleForm(forms.Form):
    vin = forms.CharField(label="VIN", max_length=17, widget=_text())
    medallion = forms.CharField(max_length=6, widget=_text())
    make_and_model = forms.CharField(max_length=80, required=False, widget=_text())
    plate = forms.CharField(max_length=10, required=False, widget=_text())
    state = forms.CharField(max_length=2, initial="NY", required=False, widget=_text())
    tag = forms.CharField(label="E-ZPass tag", max_length=16, required=False, widget=_text())
    from_at = MomentField(label="In service from")


class PlateForm(forms.Form):
    plate = forms.CharField(max_length=10, widget=_text())
    state = forms.CharField(max_length=2, initial="NY", widget=_text())
    from_at = MomentField(label="On vehicle since")


class TagForm(forms.Form):
    tag = forms.CharField(label="E-ZPass tag", max_length=16, widget=_text())
    from_at = MomentField(label="On vehicle since")


class UntilForm(forms.Form):
    until_at = MomentField(label="Until")


class RetireForm(forms.Form):
    retired_at = MomentField(label="From")
