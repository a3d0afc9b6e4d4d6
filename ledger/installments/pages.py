"""The pages that act on plans, whichever module a plan belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage, Fact, RecordActPage
from ledger import services
from ledger.installments.forms import BandsForm, ReasonForm, ResumeForm
from ledger.installments.models import PlanBand
from ledger.installments.rules import Band
from ledger.installments.selectors import PlanRow


@dataclass(frozen=True)
class PlanPreview:
    """The plan as it would be, and what would be posted; ``facts`` are further lines of the page."""

    rows: list[PlanRow]
    money: services.MoneyPreview
    facts: Sequence[Fact] = ()


class PlanActPage(RecordActPage):
    """An act on one plan. Its preview is the service itself, run and rolled back."""

    template_name = "ledger/installments/act.html"
    has_preview = True
    form_class: type[forms.Form] = ReasonForm
    related = ("driver",)
    #: Whether its installments keep principal and interest apart.
    has_interest: bool = False

    def list_rows(self) -> list[PlanRow]:
        """Return the plan's installments as the database has them now."""
        raise NotImplementedError

    def list_facts(self) -> Sequence[Fact]:
        """Return what else the page shows of the plan after the act was tried."""
        return ()

    def preview(self, form: forms.Form) -> PlanPreview:
        rows: list[PlanRow] = []
        facts: list[Fact] = []

        def act_and_look() -> None:
            self.act(form)
            rows.extend(self.list_rows())
            facts.extend(self.list_facts())

        money = services.preview_money(driver_id=self.record.driver_id, act=act_and_look, today=timezone.localdate())
        # What is only tried opened its balances under numbers that the next posting takes: they are no part of it.
        return PlanPreview([replace(row, balance_id=None) for row in rows], money, facts)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(driver=self.record.driver, has_interest=self.has_interest, **kwargs)


class HoldPage(PlanActPage):
    """Holds a plan: no further installment is charged."""

    verb = "Hold"
    sentence = "No further installment is charged until it is resumed. What is charged already stays owed."

    def describe(self, result: Any) -> str:
        return f"{result} is on hold."


class ResumePage(PlanActPage):
    """Ends the hold of a plan."""

    verb = "Resume"
    form_class = ResumeForm

    def describe(self, result: Any) -> str:
        return f"{result} is resumed."


class VoidPlanPage(PlanActPage):
    """Undoes a plan, and what was charged of it."""

    verb = "Void"
    is_dangerous = True

    def describe(self, result: Any) -> str:
        return f"{result} is voided."


class BandsPage(ActPage):
    """Sets the bands of a module's plans from a date on."""

    template_name = "ledger/installments/set_bands.html"
    form_class = BandsForm
    verb = "Set the bands"
    inputs: ClassVar[dict[str, str]] = {"bands": "up_to_0"}
    model: ClassVar[type[PlanBand]]

    def list_bands(self, on: date) -> list[Band]:
        """Call the module's selector."""
        raise NotImplementedError

    def set_bands(self, *, effective_on: date, bands: list[Band], today: date) -> object:
        """Call the module's service."""
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        today = timezone.localdate()
        return {"effective_on": today, **BandsForm.initial_of(self.list_bands(today))}

    def act(self, form: Any) -> date:
        effective_on: date = form.cleaned_data["effective_on"]
        self.set_bands(effective_on=effective_on, bands=form.bands(), today=timezone.localdate())
        return effective_on

    def describe(self, result: date) -> str:
        return f"The bands are in force from {result:%b %-d, %Y}."

    def get_success_url(self, result: date) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_changelist")
