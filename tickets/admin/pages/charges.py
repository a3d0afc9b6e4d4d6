"""Miscellaneous charges, acted on: made and voided."""

import uuid
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from core.admin import ActPage
from ledger import services as ledger
from ledger.money import format_dollars
from tickets import services
from tickets.forms import MiscChargeForm, ReasonForm
from tickets.models import MiscCharge


class CreateChargePage(ActPage):
    permission_required = "tickets.add_misccharge"
    title = "Charge something odd"
    template_name = "tickets/form.html"
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
    template_name = "tickets/act.html"
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

    def preview(self, form: forms.Form) -> list[tuple[str, ledger.MoneyPreview]]:
        driver = self.charge.driver
        return [
            (
                str(driver),
                ledger.preview_money(driver_id=driver.pk, act=lambda: self.act(form), today=timezone.localdate()),
            )
        ]

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
