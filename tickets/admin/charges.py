"""Odd charges and their types."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from config.kit.admin import ActPage, Button, Fact, ReadOnlyAdmin, find_url
from config.kit.admin.history import HistoryAdmin
from ledger import services as ledger
from ledger.money import format_dollars
from tickets import selectors, services
from tickets.forms import MiscChargeForm, ReasonForm
from tickets.models import ChargeType, MiscCharge


@admin.register(ChargeType)
class ChargeTypeAdmin(HistoryAdmin):
    list_display = ["name", "default_amount", "added_to", "is_active", "citation"]
    list_filter = ["is_active", "added_to"]
    search_fields = ["name__istartswith"]


class CreateChargePage(ActPage):
    permission_required = "tickets.add_misccharge"
    title = "Charge something odd"
    template_name = "admin/tickets/form.html"
    form_class = MiscChargeForm
    verb = "Charge"
    inputs = {"charge_type_id": "charge_type", "driver_id": "driver", "lease_id": "lease"}

    def get_initial(self) -> dict[str, Any]:
        return {"entry_key": uuid.uuid4().hex}

    def act(self, form: forms.Form) -> MiscCharge:
        typed = form.cleaned_data
        return services.create_misc_charge(
            charge_type_id=typed["charge_type"].pk,
            driver_id=typed["driver"].pk,
            lease_id=typed["lease"].pk if typed["lease"] else None,
            vehicle_id=typed["lease"].vehicle_id if typed["lease"] else None,
            amount=typed["amount"],
            due_on=typed["due_on"],
            note=typed["note"],
            entry_key=typed["entry_key"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: MiscCharge) -> str:
        return f"{result} of {format_dollars(result.amount)} is charged."

    def get_success_url(self, result: MiscCharge) -> str:
        return reverse("admin:tickets_misccharge_change", args=[result.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_misccharge_changelist")


class VoidChargePage(ActPage):
    permission_required = "tickets.void_misccharge"
    title = "Void the charge"
    template_name = "admin/tickets/act.html"
    form_class = ReasonForm
    verb = "Void"
    is_dangerous = True
    has_preview = True

    @cached_property
    def charge(self) -> MiscCharge:
        charge = MiscCharge.objects.select_related("driver").filter(pk=self.kwargs["charge_id"]).first()
        if charge is None:
            raise Http404
        return charge

    def preview(self, form: forms.Form) -> list[tuple[str, ledger.VoidPreview]]:
        driver = self.charge.driver
        return [(str(driver), ledger.rehearse(driver_id=driver.pk, act=lambda: self.act(form)))]

    def act(self, form: forms.Form) -> MiscCharge:
        return services.void_misc_charge(
            charge_id=self.charge.pk, reason=form.cleaned_data["reason"], today=timezone.localdate(), actor=self.actor
        )

    def describe(self, result: MiscCharge) -> str:
        return f"{result} is voided."

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_misccharge_change", args=[self.charge.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(ticket=self.charge, **kwargs)


@admin.register(MiscCharge)
class MiscChargeAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ["__str__", "charge_type", "driver", "money", "charged_on", "note", "void_reason"]
    list_filter = [("driver", AutocompleteSelectFilter), "charge_type"]
    list_select_related = ["charge_type", "driver"]
    search_fields = ["id__exact"]
    search_help_text = "The number of the charge"
    ordering = ["-id"]
    change_list_template = "admin/plans/list.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("enter/", CreateChargePage, "tickets_misccharge_enter"),
            self.page("<int:charge_id>/void/", VoidChargePage, "tickets_misccharge_void"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MiscCharge]:
        return MiscCharge.objects.select_related("charge_type", "driver", "lease", "vehicle", "ticket")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_add = request.user.has_perm("tickets.add_misccharge")
        url = reverse("admin:tickets_misccharge_enter") if may_add else ""
        context = {"add_url": url, "add_label": "Charge something odd"}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.display(description="Amount")
    def money(self, charge: MiscCharge) -> str:
        return f"{charge.amount:,.2f}"

    def get_detail(self, request: HttpRequest, record: MiscCharge) -> dict[str, Any]:
        site = self.admin_site
        balance = selectors.list_ledger_states([record]).get(record.reference_id)
        may_void = selectors.is_live(balance) and request.user.has_perm("tickets.void_misccharge")
        void = Button("Void", reverse("admin:tickets_misccharge_void", args=[record.pk]), is_dangerous=True)
        return {
            "facts": [
                Fact("For", record.charge_type),
                Fact("Driver", record.driver, find_url(site, request, record.driver)),
                Fact("Lease", record.lease, find_url(site, request, record.lease)),
                Fact("Amount", format_dollars(record.amount)),
                Fact("Charged", record.charged_on),
                Fact("Due", record.due_on),
                Fact("Note", record.note),
                Fact("Added to", record.ticket, find_url(site, request, record.ticket)),
                Fact("In the ledger", balance.get_status_display() if balance else ""),
                Fact("Remains", format_dollars(balance.remaining) if balance else ""),
                Fact("Voided because", record.void_reason),
            ],
            "buttons": [
                *([void] if may_void else []),
                Button("History", reverse("admin:tickets_misccharge_history", args=[record.pk])),
            ],
        }
