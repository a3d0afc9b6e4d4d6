"""The lists of plans and of their bands, whichever module they belong to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.decorators import display

from core.admin import Button, Fact, OwnedRecordAdmin, ReadOnlyAdmin
from core.admin.history import HistoryAdmin
from ledger.installments.models import Plan, PlanBand
from ledger.installments.pages import BandsPage, PlanActPage


@dataclass(frozen=True, slots=True)
class PlanAct:
    """A page that acts on a plan: its button, the end of its address, and whether it undoes or gives away.

    Who may use it, the page says.
    """

    label: str
    name: str
    page: type[PlanActPage]
    is_dangerous: bool = False

    @property
    def permission(self) -> str:
        return str(self.page.permission_required)

    @property
    def path(self) -> str:
        return f"<int:record_id>/{self.name.replace('_', '-')}/"


class PlanAdmin(OwnedRecordAdmin, HistoryAdmin):
    """The plans of a module, newest first; the page of one has the buttons of the acts that fit its status."""

    ordering = ["-id"]
    #: The acts that fit a status, in the order of their buttons.
    acts: ClassVar[Mapping[str, Sequence[PlanAct]]]
    #: The page that makes a plan: its class, the end of its address, and its button.
    new_page: ClassVar[Any]
    new_name: ClassVar[str]
    new_label: ClassVar[str]

    def get_urls(self) -> list[URLPattern]:
        acts = {act.name: act for acts in self.acts.values() for act in acts}
        return [
            self.page(f"{self.new_name}/", self.new_page, self.name_url(self.new_name)),
            *(self.page(act.path, act.page, self.name_url(act.name)) for act in acts.values()),
            *super().get_urls(),
        ]

    def name_url(self, act: str) -> str:
        """Return the name of the address of an act on these plans."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{act}"

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm(str(self.new_page.permission_required)):
            return []
        return [Button(self.new_label, reverse(f"admin:{self.name_url(self.new_name)}"), is_main=True)]

    def list_acts(self, request: HttpRequest, plan: Plan) -> list[Button]:
        """Return the buttons of a plan's page: what may be done to it now, and its history."""
        return [
            *(
                Button(act.label, reverse(f"admin:{self.name_url(act.name)}", args=[plan.pk]), act.is_dangerous)
                for act in self.acts[plan.status]
                if request.user.has_perm(act.permission)
            ),
            Button("History", reverse(f"admin:{self.name_url('history')}", args=[plan.pk])),
        ]

    @display(
        description="State",
        label={
            "Active": "info",
            "On hold": "warning",
            "Paid off early": "success",
            "Written off": "danger",
            "Voided": "danger",
        },
    )
    def state(self, plan: Plan) -> str:
        return plan.get_status_display()


class BandAdmin(ReadOnlyAdmin):
    """The bands of a module's plans, newest set first."""

    list_display = ["effective_on", "band", "per_week"]
    #: The page that sets them.
    bands_page: ClassVar[type[BandsPage]]

    def get_urls(self) -> list[URLPattern]:
        return [self.page("set/", self.bands_page, self._set_url), *super().get_urls()]

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm(str(self.bands_page.permission_required)):
            return []
        return [Button(self.bands_page.verb, reverse(f"admin:{self._set_url}"), is_main=True)]

    @property
    def _set_url(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_set"

    @admin.display(description="Amounts")
    def band(self, band: PlanBand) -> str:
        return "above" if band.up_to is None else f"up to {band.up_to:,.2f}"

    @admin.display(description="Weekly amount")
    def per_week(self, band: PlanBand) -> str:
        return "in full" if band.weekly_amount is None else f"{band.weekly_amount:,.2f}"

    def get_detail(self, request: HttpRequest, record: PlanBand) -> dict[str, Any]:
        return {
            "facts": [
                Fact("In force from", record.effective_on),
                Fact("Amounts", self.band(record)),
                Fact("Weekly amount", self.per_week(record)),
            ]
        }
