"""What the pages of acts on tickets and charges share."""

from typing import Any

from django import forms
from django.utils import timezone

from core.admin import RecordActPage
from leases.models import Driver
from ledger import services as ledger
from tickets.forms import ReasonForm


class DriverActPage(RecordActPage):
    """An act on a record of a driver. Its preview is the service itself, run and rolled back, for each driver."""

    template_name = "tickets/act.html"
    related = ("driver",)
    has_preview = True
    form_class: type[forms.Form] = ReasonForm

    def list_drivers(self, form: forms.Form) -> list[Driver]:
        """Return the drivers whose money it moves."""
        return [self.record.driver] if self.record.driver else []

    def preview(self, form: forms.Form) -> list[tuple[str, ledger.MoneyPreview]]:
        today = timezone.localdate()
        return [
            (str(driver), ledger.preview_money(driver_id=driver.pk, act=lambda: self.act(form), today=today))
            for driver in self.list_drivers(form)
        ]

    def act(self, form: forms.Form) -> Any:
        raise NotImplementedError
