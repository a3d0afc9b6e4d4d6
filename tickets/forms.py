"""What the office types and uploads, turned into what services take."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.admin.fields import PlausibleDateField
from leases.models import Driver, Lease
from ledger.forms import DateInput, DollarsField, PaperNumberField, ReasonField
from tickets.models import ChargeType, MiscCharge, Ticket, Wait
from tickets.rules import FILE_KIND_LABELS, SUMMONS_TYPES
from tickets.selectors import QueueFilter

MAX_UPLOAD = 200 * 2**20


def _choose(model: type[Ticket] | type[MiscCharge], field: str) -> AutocompleteSelect:
    return AutocompleteSelect(model._meta.get_field(field), admin.site, attrs={"style": "width: 100%"})


def _text(**kwargs: Any) -> forms.CharField:
    return forms.CharField(widget=UnfoldAdminTextInputWidget(), **kwargs)


class ReadForm(forms.Form):
    """How a file is read."""

    kind = forms.ChoiceField(
        choices=[("", "As its header tells"), *FILE_KIND_LABELS.items()],
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    extra_field_after = _text(
        label="Field without a name after",
        max_length=200,
        required=False,
        help_text="Only where each row has one field more than the header names: the column before it, as PLATE.",
    )


class UploadForm(ReadForm):
    field_order = ["file", "kind", "extra_field_after"]
    file = forms.FileField(widget=UnfoldAdminFileFieldWidget(), help_text="CSV or XLSX. Nothing is charged yet.")


class ReasonForm(forms.Form):
    reason = ReasonField(help_text="Kept with the ticket and the posting.")


class RestoreForm(forms.Form):
    reason = ReasonField(help_text="Kept with the ticket.")


class AssignForm(forms.Form):
    driver = forms.ModelChoiceField(Driver.objects.all(), widget=_choose(Ticket, "driver"))
    lease = forms.ModelChoiceField(
        Lease.objects.all(),
        required=False,
        widget=_choose(Ticket, "lease"),
        help_text="The lease under which they had the cab; blank where there was none.",
    )
    reason = ReasonField(required=False, help_text="Needed where another driver is charged already.")


class CorrectForm(ReasonForm):
    field_order = ["amount", "reason"]
    amount = DollarsField(label="Amount due")


class QueueForm(forms.Form):
    """What of the review queue is asked for; what can't be read asks for all."""

    waits_for = forms.ChoiceField(choices=Wait.choices, required=False, widget=forms.HiddenInput())
    kind = forms.ChoiceField(
        choices=[("", "All kinds"), *Ticket.Kind.choices], required=False, widget=UnfoldAdminSelectWidget()
    )
    cab = _text(max_length=16, required=False)
    from_on = PlausibleDateField(label="From", required=False)
    to_on = PlausibleDateField(label="To", required=False)

    def read(self) -> QueueFilter:
        self.is_valid()
        known = {name: value for name, value in self.cleaned_data.items() if value}
        return QueueFilter(**known)


class SummonsForm(forms.Form):
    number = _text(label="Summons number", max_length=40)
    violation = forms.ChoiceField(
        label="Type", choices=[(name, name) for name in SUMMONS_TYPES], widget=UnfoldAdminSelectWidget()
    )
    issued_on = forms.DateField(label="Issued", widget=DateInput())
    issued_at = forms.TimeField(label="Time", required=False, widget=UnfoldAdminTextInputWidget(), help_text="As 17:05")
    license = _text(label="TLC license", max_length=8, required=False)
    medallion = _text(max_length=6, required=False)
    plate = _text(max_length=10, required=False)
    amount = DollarsField()
    due_on = forms.DateField(label="Due", required=False, widget=DateInput(), help_text="As the summons states it.")
    note = _text(max_length=120, required=False)


class MiscChargeForm(forms.Form):
    charge_type = forms.ModelChoiceField(
        ChargeType.objects.filter(is_active=True, added_to=""), label="For", widget=UnfoldAdminSelectWidget()
    )
    driver = forms.ModelChoiceField(Driver.objects.all(), widget=_choose(MiscCharge, "driver"))
    lease = forms.ModelChoiceField(Lease.objects.all(), required=False, widget=_choose(MiscCharge, "lease"))
    amount = DollarsField(required=False, help_text="Blank: the type's usual amount.")
    due_on = forms.DateField(label="Due", required=False, widget=DateInput(), help_text="Blank: this week's Saturday.")
    note = _text(max_length=500, required=False)
    paper_number = PaperNumberField()
    entry_key = forms.CharField(max_length=64, widget=forms.HiddenInput())
