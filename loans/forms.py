"""What the office types about a loan, turned into what services take."""

from datetime import date

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from leases.models import Driver, Lease
from ledger.forms import DateInput, DollarsField, InstrumentForm, MethodField, ReasonField, TokenField, instrument_field
from ledger.installments.pages import StartField
from loans.models import DriverLoan


def _choose(field: str) -> AutocompleteSelect:
    return AutocompleteSelect(DriverLoan._meta.get_field(field), admin.site, attrs={"style": "width: 100%"})


class LoanForm(InstrumentForm):
    """A loan and how the money left."""

    driver = forms.ModelChoiceField(Driver.objects.all(), widget=_choose("driver"))
    lease = forms.ModelChoiceField(
        Lease.objects.all(),
        required=False,
        widget=_choose("lease"),
        help_text="Where it shall appear on the statement of one of the driver's leases.",
    )
    principal = DollarsField(label="Amount lent")
    rate_percent = forms.DecimalField(
        label="Interest, % a year",
        max_digits=5,
        decimal_places=2,
        initial=0,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text="Simple, by actual days, on the principal still scheduled.",
    )
    disbursed_on = forms.DateField(label="Disbursed", widget=DateInput())
    method = MethodField(label="How it left")
    instrument_number = instrument_field()
    starts_on = StartField()
    posts_at_once = forms.BooleanField(
        label="Charge all now",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Each installment keeps its own due date.",
    )
    token = TokenField()


class PayoffForm(forms.Form):
    as_of = forms.DateField(label="As of", widget=DateInput())


class AmountForm(forms.Form):
    """Asks for the payoff amount of a day; for looking, so it travels in the address."""

    payoff_on = forms.DateField(label="Payoff amount as of", widget=DateInput())

    def day_or(self, default: date) -> date:
        """Return the day asked for, or the default where none or no date was."""
        asked: date | None = self.cleaned_data.get("payoff_on") if self.is_valid() else None
        return asked or default


class RestoreForm(forms.Form):
    reason = ReasonField(help_text="Kept with the loan.")
    starts_on = StartField(
        label="Goes on", help_text="What fell due meanwhile, and what follows, moves by whole weeks."
    )


class WriteOffForm(forms.Form):
    as_of = forms.DateField(label="As of", widget=DateInput())
    reason = ReasonField(help_text="Kept with the loan and the postings.")
