"""What people type about a plan, turned into what services take."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from core.weeks import week_of
from core.words import say_week
from ledger.forms import DateInput, DollarsField, ReasonField
from ledger.installments.models import Plan
from ledger.installments.rules import Band


def choose(model: type[Plan], field: str) -> AutocompleteSelect:
    """Return the input that finds what a plan's foreign key names by a few letters."""
    return AutocompleteSelect(model._meta.get_field(field), admin.site, attrs={"style": "width: 100%"})


class StartField(forms.TypedChoiceField):
    """The Sunday of this week or of the next."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": "Plan starts",
                "coerce": date.fromisoformat,
                "choices": _list_starts,
                "widget": UnfoldAdminSelectWidget(),
                "help_text": "Each installment is due the Saturday of its week.",
                **kwargs,
            }
        )


def _list_starts() -> list[tuple[str, str]]:
    this_week = week_of(timezone.localdate())
    return [
        (this_week.start.isoformat(), f"This week, {say_week(this_week)}"),
        (this_week.next.start.isoformat(), f"Next week, {say_week(this_week.next, told_on=this_week.end)}"),
    ]


class ResumeField(StartField):
    """The week in which a plan on hold is charged again."""

    def __init__(self) -> None:
        super().__init__(
            label="Resumes on", help_text="What fell due meanwhile, and what follows, moves by whole weeks."
        )


class PostsAtOnceField(forms.BooleanField):
    """Whether all installments are charged when the plan is made."""

    def __init__(self) -> None:
        super().__init__(
            label="Charge all now",
            required=False,
            widget=UnfoldBooleanWidget(),
            help_text="Each installment keeps its own due date.",
        )


class ReasonForm(forms.Form):
    reason = ReasonField(help_text="Kept with the record.")


class ResumeForm(forms.Form):
    starts_on = ResumeField()


class BandsForm(forms.Form):
    """The bands of payment plans, from a date on: one row each, the one without a bound holding all the rest."""

    ROWS = 8

    effective_on = forms.DateField(label="In force from", widget=DateInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(self.ROWS):
            self.fields[f"up_to_{row}"] = DollarsField(label=f"Band {row + 1}: up to", required=False)
            self.fields[f"weekly_{row}"] = DollarsField(label="Weekly amount", required=False)

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"up_to_{row}"], self[f"weekly_{row}"]) for row in range(self.ROWS)]

    def bands(self) -> list[Band]:
        """Return what was typed, without the empty rows."""
        typed = [
            Band(self.cleaned_data[f"up_to_{row}"], self.cleaned_data[f"weekly_{row}"]) for row in range(self.ROWS)
        ]
        return [band for band in typed if band != Band(None, None)]

    @classmethod
    def initial_of(cls, bands: Iterable[Band]) -> dict[str, Any]:
        """Return the inputs that show these bands."""
        shown: dict[str, Any] = {}
        for row, band in enumerate(bands):
            shown |= {f"up_to_{row}": band.up_to, f"weekly_{row}": band.weekly_amount}
        return shown
