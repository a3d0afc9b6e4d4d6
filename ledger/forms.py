"""What people type at the counter, turned into what services take."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from core.admin.fields import DateInput, PlausibleDateField
from core.checks import MAX_PAPER_NUMBER, SAY_WHY
from ledger.categories import OBLIGATION_CATEGORIES, REFUNDED_CATEGORIES, Category, PaymentMethod
from ledger.errors import AmountInvalid
from ledger.money import ZERO, parse_amount


def _class_of(widget: forms.Widget) -> str:
    return str(widget.attrs.get("class", ""))


class DollarsField(forms.CharField):
    """An amount as it is typed; cleaned to dollars with two places, or None where nothing was typed."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 20, **kwargs})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attributes: dict[str, Any] = super().widget_attrs(widget)
        return {
            **attributes,
            "inputmode": "decimal",
            "autocomplete": "off",
            "class": f"{_class_of(widget)} money-input",
        }

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            amount = parse_amount(typed, allow_zero=not self.required)
        except AmountInvalid as refusal:
            # A comma before the cents is how half the world writes them.
            cents = re.fullmatch(r"(\d{1,9}),(\d{2})", typed)
            rather = f" Write {cents[1]}.{cents[2]}." if cents else ""
            raise ValidationError(refusal.message + rather) from refusal
        return amount or None


class ReasonField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})
        told = {"widget": widget, "help_text": "Kept with the posting.", "error_messages": {"required": SAY_WHY}}
        super().__init__(**{"max_length": 500, **told, **kwargs})


class MethodField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"choices": PaymentMethod.choices, "widget": UnfoldAdminSelectWidget(), **kwargs})


class TokenField(forms.CharField):
    """A hidden mark of one showing of a form: the same form sent twice is done once."""

    def __init__(self) -> None:
        super().__init__(max_length=36, widget=forms.HiddenInput, initial=lambda: str(uuid.uuid4()))

    def clean(self, value: Any) -> str:
        try:
            return str(uuid.UUID(super().clean(value)))
        except ValueError:
            raise ValidationError("The page has lost its mark; open it again.") from None


def instrument_field(help_text: str = "Checks need one.") -> forms.CharField:
    return forms.CharField(
        label="Check or bank number",
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=help_text,
    )


class PaperNumberField(forms.CharField):
    """The number of the agreement that a driver signed for a charge."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": "Signed paper's number",
                "max_length": MAX_PAPER_NUMBER,
                "required": False,
                "widget": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
                "help_text": "Printed with the charge, where there is one.",
                **kwargs,
            }
        )


class InstrumentForm(forms.Form):
    """What a counter payment and a payout share: a check needs its number."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("method") == PaymentMethod.CHECK and not cleaned.get("instrument_number", "").strip():
            self.add_error("instrument_number", "A check needs its number.")
        return cleaned


@dataclass(frozen=True, slots=True)
class PayableLine:
    """Something a payment can name: an open obligation, or an installment that is posted when it is paid."""

    reference_id: str
    category: str
    due_on: date | None
    remaining: Decimal
    is_posted: bool = True
    #: Typed for, but no longer open.
    is_closed: bool = False
    #: What it is, in words that the driver knows.
    description: str = ""

    @property
    def field_name(self) -> str:
        return f"pay:{self.reference_id}"

    @property
    def category_label(self) -> str:
        return str(Category(self.category).label) if self.category else ""


class LinesForm(forms.Form):
    """Lines that money can be named for, and beside each what of it is for that line."""

    lines: list[PayableLine]

    def add_lines(self, lines: Iterable[PayableLine]) -> None:
        self.lines = list(lines)
        for line in self.lines:
            label = f"Amount for {line.reference_id}"
            self.fields[line.field_name] = DollarsField(
                label=label,
                required=False,
                widget=UnfoldAdminTextInputWidget(
                    attrs={
                        "aria-label": label,
                        "data-remaining": str(line.remaining),
                        "data-charged": line.is_posted and not line.is_closed,
                        "class": "line-input",
                    }
                ),
            )

    def rows(self) -> list[tuple[PayableLine, forms.BoundField]]:
        """Return each line with its input."""
        return [(line, self[line.field_name]) for line in self.lines]

    def allocations(self) -> dict[str, Decimal]:
        """Return what was typed beside the lines."""
        typed = ((line.reference_id, self.cleaned_data.get(line.field_name)) for line in self.lines)
        return {reference_id: amount for reference_id, amount in typed if amount is not None}


class UseCreditForm(LinesForm):
    reason = ReasonField(help_text="At whose word, and why. Kept with the postings.")

    def __init__(self, *args: Any, lines: Iterable[PayableLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_lines(lines)


class CorrectAmountForm(forms.Form):
    amount = DollarsField(label="The right amount")
    reason = ReasonField()


class ChargeAgainForm(forms.Form):
    amount = DollarsField(label="Amount")
    pay_again = forms.BooleanField(
        label="What had paid it pays it again", required=False, initial=True, widget=UnfoldBooleanWidget()
    )
    reason = ReasonField()


class WinBackForm(forms.Form):
    reason = ReasonField()


#: Said where nothing was typed that could be filled in or reviewed.
TYPE_AMOUNT = "Type the amount first."


class PaymentForm(LinesForm, InstrumentForm):
    """A counter payment: its amount, and beside each open line what of it is for that line."""

    amount = DollarsField(
        label="Amount received",
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
        error_messages={"required": TYPE_AMOUNT},
    )
    method = MethodField(
        label="Paid with", initial=PaymentMethod.CASH, widget=forms.RadioSelect(attrs={"class": "segment"})
    )
    instrument_number = instrument_field(help_text="")
    lease = forms.TypedChoiceField(
        label="Lease", required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget()
    )
    deposit = DollarsField(label="Lease deposit in it", required=False)
    token = TokenField()

    def __init__(self, *args: Any, lines: Iterable[PayableLine], leases: Iterable[tuple[int, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        lease = self.fields["lease"]
        assert isinstance(lease, forms.TypedChoiceField)
        lease.choices = [("", "—"), *leases]
        lease.error_messages["invalid_choice"] = "The driver is not on lease %(value)s."
        self.add_lines(lines)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("method") == PaymentMethod.CASH:
            # Its input is not shown then: what was typed before is of another method.
            cleaned["instrument_number"] = ""
        if cleaned.get("deposit") and not cleaned.get("lease") and not self.has_error("lease"):
            self.add_error("lease", "A deposit names its lease.")
        return cleaned


class VoidForm(forms.Form):
    reason = ReasonField()
    cascade = forms.BooleanField(
        label="Undo these too", required=False, widget=UnfoldBooleanWidget(), help_text="What they paid is owed again."
    )

    def __init__(self, *args: Any, offers_cascade: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not offers_cascade:
            del self.fields["cascade"]


class VoidPaymentForm(VoidForm):
    returned_item = forms.BooleanField(
        label="The bank returned it",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="What has already left to the driver is then charged back to them as a recovery.",
    )
    was_at_bank = forms.ChoiceField(
        label="Was it at the bank?",
        choices=[("", "—"), ("yes", "Yes, it came back from the bank"), ("no", "No, it never got there")],
        required=False,
        widget=UnfoldAdminSelectWidget(),
        help_text="No bank deposit names this check. Asked only where the bank returned it.",
    )
    field_order = ("returned_item", "was_at_bank", "cascade", "reason")

    def __init__(self, *args: Any, may_be_returned: bool, asks_for_bank: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_be_returned:
            del self.fields["returned_item"]
        if not asks_for_bank:
            del self.fields["was_at_bank"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "was_at_bank" in self.fields and cleaned.get("returned_item") and not cleaned.get("was_at_bank"):
            self.add_error("was_at_bank", "Was the check at the bank? No bank deposit names it.")
        return cleaned

    def tells_bank(self) -> bool | None:
        """Return whether it was at the bank; None where that is not asked."""
        answer = self.cleaned_data.get("was_at_bank")
        return answer == "yes" if answer and self.cleaned_data.get("returned_item") else None


class WriteOffForm(forms.Form):
    amount = DollarsField(label="Amount to forgive", help_text="At most what remains.")
    reason = ReasonField()


class CreditMemoForm(forms.Form):
    category = forms.ChoiceField(
        label="What is refunded",
        # None is chosen before a person does: of which account the money comes is no guess.
        choices=[
            ("", "Choose \u2026"),
            *((name, Category(name).label) for name in REFUNDED_CATEGORIES),
        ],
        widget=UnfoldAdminSelectWidget(attrs={"autofocus": True}),
    )
    amount = DollarsField()
    reason = ReasonField()
    token = TokenField()


class PayoutForm(InstrumentForm):
    amount = DollarsField(label="Amount to pay out")
    method = MethodField(label="Method")
    instrument_number = instrument_field()
    token = TokenField()


class ApplyForm(forms.Form):
    as_of = forms.DateField(
        label="As of",
        widget=DateInput(),
        help_text="What is held by this day pays what is due by this day. Deposits are never used.",
    )


class WaterfallOrderForm(forms.Form):
    """One select per place."""

    effective_on = forms.DateField(label="In force from", widget=DateInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, Category(name).label) for name in OBLIGATION_CATEGORIES]
        for place in range(len(choices)):
            self.fields[f"place_{place}"] = forms.ChoiceField(
                label=f"{place + 1}.", choices=choices, widget=UnfoldAdminSelectWidget()
            )

    def categories(self) -> list[str]:
        return [self.cleaned_data[f"place_{place}"] for place in range(len(OBLIGATION_CATEGORIES))]


class CloseBooksForm(forms.Form):
    through = forms.DateField(label="Close through", widget=DateInput())
    reason = ReasonField(help_text="Kept with the day.")


class ReopenDayForm(forms.Form):
    day = forms.DateField(label="Day to reopen", widget=DateInput())
    hours = forms.IntegerField(
        label="For how many hours", min_value=1, max_value=24, widget=UnfoldAdminIntegerFieldWidget()
    )
    reason = ReasonField(help_text="Kept with the day.")


class VerifySealsForm(forms.Form):
    head = forms.CharField(
        label="Head from a paper",
        required=False,
        max_length=100,
        help_text="The seal on a DTR, or a head that was kept elsewhere: is what it stood for still there?",
        widget=UnfoldAdminTextInputWidget(),
    )


class StatementForm(forms.Form):
    from_on = PlausibleDateField(label="From")
    to_on = PlausibleDateField(label="to")


class DayForm(forms.Form):
    on = PlausibleDateField(label="Day")


def sum_typed(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), start=ZERO)
