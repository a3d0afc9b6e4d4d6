"""What the office types about a loan, turned into what services take."""

from datetime import date

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from core.admin import PlainDecimalField
from leases.models import Driver, Lease
from ledger.forms import (
    DateInput,
    DollarsField,
    InstrumentForm,
    MethodField,
    PaperNumberField,
    ReasonField,
    TokenField,
    instrument_field,
)
from ledger.installments.forms import PostsAtOnceField, ResumeField, StartField, choose
from loans.models import DriverLoan


class LoanForm(InstrumentForm):
    """A loan and how the money left."""

    driver = forms.ModelChoiceField(Driver.objects.all(), widget=choose(DriverLoan, "driver"))
    lease = forms.ModelChoiceField(
        Lease.objects.all(),
        required=False,
        widget=choose(DriverLoan, "lease"),
        help_text="Where it shall appear on the statement of one of the driver's leases.",
    )
    principal = DollarsField(label="Amount lent")
    rate_percent = PlainDecimalField(
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
    paper_number = PaperNumberField()
    starts_on = StartField()
    posts_at_once = PostsAtOnceField()
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
    starts_on = ResumeField()


class WriteOffForm(forms.Form):
    as_of = forms.DateField(label="As of", widget=DateInput())
    reason = ReasonField(help_text="Kept with the loan and the postings.")
