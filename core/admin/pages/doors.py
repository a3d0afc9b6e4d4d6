"""What supervisors do at the doors: a locked sign-in is unlocked, a lost authenticator taken away."""

from typing import Any

from django import forms
from django.urls import reverse
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from core import services
from core.admin.acts import RecordActPage
from core.api.request_ids import current_request_id
from core.checks import MAX_REASON, SAY_WHY
from core.doors.addresses import address_of
from core.models import Authenticator, SignInFailure
from core.services.access import ADDRESS, NAME, PAIR, UNLOCK
from core.services.authenticators import RESET, may_reset


class WhyForm(forms.Form):
    reason = forms.CharField(
        max_length=MAX_REASON,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        error_messages={"required": SAY_WHY},
        help_text="Kept in the log, with your name.",
    )


class UnlockForm(WhyForm):
    scope = forms.ChoiceField(
        label="Unlock",
        initial=PAIR,
        choices=[
            (PAIR, "This name from this address"),
            (ADDRESS, "Everybody from this address"),
            (NAME, "This name from every address"),
        ],
        widget=UnfoldAdminRadioSelectWidget(),
    )
    field_order = ("scope", "reason")


class UnlockPage(RecordActPage):
    model = SignInFailure
    permission_required = UNLOCK
    form_class = UnlockForm
    template_name = "core/door_act.html"
    verb = "Unlock"
    sentence = "It can be tried again at once, by whoever it was. Ask the person first whether it was them."

    def get_title(self) -> str:
        return f"Unlock {self.record}"

    def act(self, form: forms.Form) -> str:
        return services.unlock_sign_in(
            failure_id=self.record.pk,
            actor=self.actor,
            address=address_of(self.request),
            request_id=current_request_id(),
            **form.cleaned_data,
        )

    def describe(self, result: Any) -> str:
        return f"Unlocked: {result}."

    def get_cancel_url(self) -> str:
        return reverse("admin:core_signinfailure_changelist")


class ResetAuthenticatorPage(RecordActPage):
    model = Authenticator
    related = ("user",)
    form_class = WhyForm
    template_name = "core/door_act.html"
    needs = (RESET,)
    verb = "Take it away"
    is_dangerous = True
    sentence = (
        "Their sessions end, and they sign in by their password alone until they have set up another one. Make sure "
        "that it is them who asks."
    )

    def has_permission(self) -> bool:
        return may_reset(self.actor, self.record.user)

    def get_title(self) -> str:
        return f"Take the authenticator of {self.record.user} away"

    def act(self, form: forms.Form) -> Any:
        return services.reset_authenticator(
            device_id=self.record.pk,
            actor=self.actor,
            address=address_of(self.request),
            request_id=current_request_id(),
            **form.cleaned_data,
        )

    def describe(self, result: Any) -> str:
        return f"The authenticator of {result} is taken away, and their sessions are over."

    def get_cancel_url(self) -> str:
        return reverse("admin:core_authenticator_changelist")
