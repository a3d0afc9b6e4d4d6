"""Recording what no act of the ledger makes, and reversing it."""

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from core.admin import ActPage, Button, Page, RecordActPage
from core.previews import rolled_back
from ledger import services
from ledger.admin.recordings import RECORDINGS, PreviewedEntry, Recording, preview_of
from ledger.forms import DateInput, ReasonField
from ledger.models import Transfer
from ledger.money import format_dollars


class RecordMenuPage(Page):
    """What can be recorded, each a way to its page."""

    permission_required = "ledger.add_transfer"
    template_name = "ledger/record_menu.html"
    title = "Record a transfer"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offered = [
            (recording, reverse("admin:ledger_transfer_record", args=[slug]))
            for slug, recording in RECORDINGS.items()
            if self.request.user.has_perm(recording.permission)
        ]
        return super().get_context_data(offered=offered, **kwargs)


class RecordTransferPage(ActPage):
    template_name = "ledger/record_transfer.html"
    verb = "Record"
    has_preview = True

    @cached_property
    def recording(self) -> Recording:
        recording = RECORDINGS.get(self.kwargs["what"])
        if recording is None:
            raise Http404
        return recording

    def get_permission_required(self) -> tuple[str, ...]:
        return ("ledger.add_transfer", self.recording.permission)

    def get_title(self) -> str:
        return self.recording.title

    def make_form(self, data: Any = None) -> forms.Form:
        # A page that leads here says what it knows already.
        known = self.recording.form_class.base_fields.keys() & self.request.GET.keys()
        given = {name: self.request.GET[name] for name in known}
        return self.recording.form_class(data, initial={"effective_on": timezone.localdate(), **given})

    def preview(self, form: forms.Form) -> tuple[PreviewedEntry, ...]:
        with rolled_back():
            return preview_of(self.act(form))

    def act(self, form: forms.Form) -> list[Transfer]:
        return self.recording.record({**form.cleaned_data, "today": timezone.localdate()}, self.actor)

    def describe(self, result: list[Transfer]) -> str:
        total = format_dollars(sum((transfer.amount for transfer in result[1:]), start=result[0].amount))
        return f"{self.recording.title} {result[0].reference_id} of {total} is recorded."

    def get_success_url(self, result: list[Transfer]) -> str:
        return reverse("admin:ledger_transfer_change", args=[result[0].pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_transfer_record_menu")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sentence=self.recording.help, **kwargs)


class ReversalForm(forms.Form):
    effective_on = forms.DateField(label="Day", widget=DateInput(), help_text="The transfer's own day, or later.")
    reason = ReasonField(help_text="Kept with the reversal.")


class ReverseTransferPage(RecordActPage):
    model = Transfer
    permission_required = "ledger.reverse_transfer"
    template_name = "ledger/record_transfer.html"
    form_class = ReversalForm
    verb = "Reverse"
    is_dangerous = True
    has_preview = True

    def get_title(self) -> str:
        return f"Reverse {self.record}"

    def get_initial(self) -> dict[str, Any]:
        return {"effective_on": timezone.localdate()}

    def preview(self, form: forms.Form) -> tuple[PreviewedEntry, ...]:
        with rolled_back():
            return preview_of([self.act(form)])

    def act(self, form: forms.Form) -> Transfer:
        return services.reverse_transfer(
            transfer_id=self.record.pk,
            reason=form.cleaned_data["reason"],
            effective_on=form.cleaned_data["effective_on"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: Transfer) -> str:
        return f"{self.record} of {format_dollars(result.amount)} is reversed."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        amount = format_dollars(self.record.amount)
        return {**context, "sentence": f"{self.record}: {amount}, {self.record.debit_id} from {self.record.credit_id}."}


def record_buttons(user: Any) -> list[Button]:
    """The way to recording, for whoever may."""
    if not user.has_perm("ledger.add_transfer"):
        return []
    return [Button("Record a transfer", reverse("admin:ledger_transfer_record_menu"), is_main=True)]
