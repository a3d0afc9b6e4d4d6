"""What the office types about a repair, turned into what services take."""

from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from leases.models import Driver, Lease, Vehicle
from ledger.forms import DateInput, DollarsField, PaperNumberField
from ledger.installments.forms import PostsAtOnceField, StartField, choose
from repairs.models import RepairInvoice
from repairs.services import InvoiceItem


class InvoiceForm(forms.Form):
    """A workshop's invoice, with room for some lines; an empty line is left out."""

    ROWS = 10
    HEAD = (
        "driver",
        "vehicle",
        "invoiced_on",
        "lease",
        "workshop",
        "workshop_number",
        "paper_number",
        "amount",
        "starts_on",
        "posts_at_once",
    )

    driver = forms.ModelChoiceField(Driver.objects.all(), widget=choose(RepairInvoice, "driver"))
    vehicle = forms.ModelChoiceField(Vehicle.objects.all(), widget=choose(RepairInvoice, "vehicle"))
    invoiced_on = forms.DateField(label="Invoice date", widget=DateInput())
    lease = forms.ModelChoiceField(
        Lease.objects.all(),
        required=False,
        widget=choose(RepairInvoice, "lease"),
        help_text="Needed only where the driver held the vehicle by several that day.",
    )
    workshop = forms.CharField(max_length=80, widget=UnfoldAdminTextInputWidget())
    workshop_number = forms.CharField(
        label="Workshop's invoice number", max_length=40, widget=UnfoldAdminTextInputWidget()
    )
    paper_number = PaperNumberField()
    amount = DollarsField(label="Amount of the invoice")
    starts_on = StartField()
    posts_at_once = PostsAtOnceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(self.ROWS):
            self.fields[f"line_{row}"] = forms.CharField(
                label=f"Line {row + 1}", max_length=200, required=False, widget=UnfoldAdminTextInputWidget()
            )
            self.fields[f"line_{row}_amount"] = DollarsField(label=f"Amount of line {row + 1}", required=False)

    def head(self) -> list[forms.BoundField]:
        """Return the inputs above the lines."""
        return [self[name] for name in self.HEAD]

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the two inputs of each line."""
        return [(self[f"line_{row}"], self[f"line_{row}_amount"]) for row in range(self.ROWS)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for row in range(self.ROWS):
            description, amount = cleaned.get(f"line_{row}"), cleaned.get(f"line_{row}_amount")
            if description and amount is None and f"line_{row}_amount" not in self.errors:
                self.add_error(f"line_{row}_amount", "What did it cost?")
            if amount is not None and not description and f"line_{row}" not in self.errors:
                self.add_error(f"line_{row}", "What was done?")
        return cleaned

    def lines(self) -> list[InvoiceItem]:
        typed: list[tuple[str, Decimal | None]] = [
            (self.cleaned_data[f"line_{row}"], self.cleaned_data[f"line_{row}_amount"]) for row in range(self.ROWS)
        ]
        return [InvoiceItem(description, amount) for description, amount in typed if amount is not None]
