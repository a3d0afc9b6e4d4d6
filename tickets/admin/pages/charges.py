"""Miscellaneous charges, acted on: made and voided."""

import uuid
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage
from ledger.money import format_dollars
from tickets import services
from tickets.admin.pages.acts import DriverActPage
from tickets.forms import MiscChargeForm
from tickets.models import MiscCharge


class CreateChargePage(ActPage):
    permission_required = "tickets.add_misccharge"
    title = "Enter a miscellaneous charge"
    template_name = "tickets/form.html"
    form_class = MiscChargeForm
    verb = "Charge"

    filled_in = ("driver", "lease")

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
            paper_number=typed["paper_number"],
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


class VoidChargePage(DriverActPage):
    permission_required = "tickets.void_misccharge"
    model = MiscCharge
    title = "Void the charge"
    verb = "Void"
    is_dangerous = True
    sentence = "What was paid of it is free again."

    def act(self, form: forms.Form) -> MiscCharge:
        return services.void_misc_charge(
            charge_id=self.record.pk, reason=form.cleaned_data["reason"], today=timezone.localdate(), actor=self.actor
        )

    def describe(self, result: MiscCharge) -> str:
        return f"{result} is voided."
