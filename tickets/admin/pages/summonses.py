"""TLC summonses entered by hand."""

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage
from tickets import services
from tickets.forms import SummonsForm
from tickets.models import Ticket


class SummonsPage(ActPage):
    permission_required = "tickets.add_ticket"
    title = "Enter a TLC summons"
    form_class = SummonsForm
    verb = "Enter and charge"

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
