"""What the admin pages of payment plans share, whichever module a plan belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.widgets import UnfoldAdminSelectWidget

from core.admin import ActPage, Fact, ReadOnlyAdmin
from core.weeks import week_of
from ledger import services
from ledger.forms import BandsForm, ReasonField
from ledger.installments.rules import Band
from ledger.selectors import PlanRow


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
        (this_week.start.isoformat(), f"This week, {this_week}"),
        (this_week.next.start.isoformat(), f"Next week, {this_week.next}"),
    ]


class ReasonForm(forms.Form):
    reason = ReasonField(help_text="Kept with the record.")


class ResumeForm(forms.Form):
    starts_on = StartField(
        label="Goes on", help_text="What fell due meanwhile, and what follows, moves by whole weeks."
    )


@dataclass(frozen=True)
class PlanPreview:
    """The plan as it would be, and what would be posted; ``facts`` are further lines of the page."""

    rows: list[PlanRow]
    money: services.MoneyPreview
    facts: Sequence[Fact] = ()


class PlanActPage(ActPage):
    """An act on one plan. Its preview is the service itself, run and rolled back."""

    template_name = "ledger/installments/act.html"
    has_preview = True
    form_class: type[forms.Form] = ReasonForm
    #: The plan's model; its rows name a driver.
    model: ClassVar[type[Model]]
    #: What the act does, in a sentence above its form.
    sentence: str = ""
    #: Whether its installments keep principal and interest apart.
    has_interest: bool = False

    def list_rows(self) -> list[PlanRow]:
        """Return the plan's installments as the database has them now."""
        raise NotImplementedError

    def list_facts(self) -> Sequence[Fact]:
        """Return what else the page shows of the plan after the act was rehearsed."""
        return ()

    @cached_property
    def record(self) -> Any:
        return self.read()

    def read(self) -> Any:
        record = self.model._default_manager.select_related("driver").filter(pk=self.kwargs["record_id"]).first()
        if record is None:
            raise Http404
        return record

    def preview(self, form: forms.Form) -> PlanPreview:
        rows: list[PlanRow] = []
        facts: list[Fact] = []

        def act_and_look() -> None:
            self.act(form)
            rows.extend(self.list_rows())
            facts.extend(self.list_facts())

        money = services.preview_money(driver_id=self.record.driver_id, act=act_and_look, today=timezone.localdate())
        # What is only rehearsed opened its balances under numbers that the next posting takes: they are no part of it.
        return PlanPreview([replace(row, balance_id=None) for row in rows], money, facts)

    def get_cancel_url(self) -> str:
        return reverse(f"admin:{self.model._meta.label_lower.replace('.', '_')}_change", args=[self.record.pk])

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            record=self.record,
            record_url=self.get_cancel_url(),
            driver=self.record.driver,
            sentence=self.sentence,
            has_interest=self.has_interest,
            **kwargs,
        )


class BandsPage(ActPage):
    """Sets the bands of a module's plans from a date on."""

    template_name = "ledger/installments/set_bands.html"
    form_class = BandsForm
    verb = "Set the bands"
    inputs: ClassVar[dict[str, str]] = {"bands": "up_to_0"}
    changelist: str = ""

    def list_bands(self, on: date) -> list[Band]:
        raise NotImplementedError

    def set_bands(self, *, effective_on: date, bands: list[Band], today: date) -> Any:
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
        return reverse(f"admin:{self.changelist}")


class BandAdmin(ReadOnlyAdmin):
    """The bands, newest set first."""

    list_display = ["effective_on", "band", "a_week"]
    change_list_template = "ledger/installments/bands.html"
    #: The page that sets them: its class and the name of its address.
    bands_page: ClassVar[type[BandsPage]]
    bands_url: str = ""

    def get_urls(self) -> list[URLPattern]:
        return [self.page("set/", self.bands_page, self.bands_url), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        bands: QuerySet[Any] = self.model._default_manager.all()
        return bands

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_set = request.user.has_perm(str(self.bands_page.permission_required))
        context = {"set_url": reverse(f"admin:{self.bands_url}") if may_set else ""}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.display(description="Amounts")
    def band(self, band: Any) -> str:
        return "above" if band.up_to is None else f"up to {band.up_to:,.2f}"

    @admin.display(description="A week")
    def a_week(self, band: Any) -> str:
        return "in full" if band.weekly_amount is None else f"{band.weekly_amount:,.2f}"

    def get_detail(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {
            "facts": [
                Fact("In force from", record.effective_on),
                Fact("Amounts", self.band(record)),
                Fact("A week", self.a_week(record)),
            ]
        }
