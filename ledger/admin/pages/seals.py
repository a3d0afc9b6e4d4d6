"""The page that compares the seals with what they seal, and looks a head up that stands on a paper."""

from typing import Any

from django import forms
from django.urls import reverse

from core.admin import ActPage
from ledger import services
from ledger.forms import VerifySealsForm


class VerifySealsPage(ActPage):
    permission_required = "ledger.add_sealcheck"
    title = "Verify the seals now"
    template_name = "ledger/verify_seals.html"
    form_class = VerifySealsForm
    verb = "Verify"

    def act(self, form: forms.Form) -> services.Verification:
        return services.verify_seals(is_whole=False, head=form.cleaned_data["head"], actor=self.actor)

    def describe(self, result: services.Verification) -> str:
        count = result.check.findings
        found = {0: "nothing wrong found", 1: "1 finding"}.get(count, f"{count} findings")
        said = f"{result.check.seals} seals of {result.check.rows} rows were compared: {found}."
        if result.known is None:
            return said
        return f"{said} The head is that of seal {result.known.pk}: all that was sealed by then is still there."

    def get_success_url(self, result: Any) -> str:
        return reverse("admin:ledger_sealcheck_change", args=[result.check.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_seal_changelist")
