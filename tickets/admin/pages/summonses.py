"""TLC summonses entered by hand."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage
from core.admin.search import number_in
from leases.models import Vehicle
from tickets import services
from tickets.forms import SummonsForm
from tickets.models import Ticket


class SummonsPage(ActPage):
    permission_required = "tickets.add_ticket"
    title = "Enter a TLC summons"
    form_class = SummonsForm
    verb = "Enter and charge"

    def get_initial(self) -> dict[str, Any]:
        """Return the medallion of the vehicle from whose page somebody came."""
        asked = number_in(self.request.GET.get("vehicle", ""))
        cab = Vehicle.objects.filter(pk=asked).first() if asked is not None else None
        return {"medallion": cab.medallion} if cab else {}

    def act(self, form: forms.Form) -> Ticket:
        return services.enter_summons(**form.cleaned_data, today=timezone.localdate(), actor=self.actor)

    def describe(self, result: Ticket) -> str:
        if result.state == Ticket.State.WAITING:
            return f"{result} waits in review: {result.get_waits_for_display()}."
        return f"{result} is charged."

    def get_success_url(self, result: Ticket) -> str:
        return reverse("admin:tickets_ticket_change", args=[result.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_ticket_changelist")
