"""The pages that add, change, pause and delete an endpoint of webhooks, show its secret once, and send events again."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from core import services
from core.admin.acts import ActPage, RecordActPage
from core.admin.several import SeveralPage
from core.checks import MAX_REASON
from core.events import list_kinds
from core.models import WebhookDelivery, WebhookEndpoint

_MANAGE = "core.manage_webhookendpoint"


class EndpointForm(forms.Form):
    name = forms.CharField(max_length=80, widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}))
    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://", "inputmode": "url"}),
    )
    kinds = forms.MultipleChoiceField(
        label="Events",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="All of them, if none is ticked.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kinds"]
        kinds.choices = [(kind, f"{title} ({kind})") for kind, title in list_kinds().items()]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=MAX_REASON, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "autofocus": True})
    )


class SecretShown:
    """What ends by showing a secret: in the answer itself, so that it is kept in no session and no cookie."""

    def finish(self, result: services.NewSecret) -> HttpResponse:
        page: Any = self
        url = reverse("admin:core_webhookendpoint_change", args=[result.endpoint.pk])
        shown = page.request, "core/webhook_secret.html", page.get_context_data(made=result, endpoint_url=url)
        answer: HttpResponse = page.response_class(*shown, using=page.template_engine)
        return answer


class AddWebhookPage(SecretShown, ActPage):
    permission_required = _MANAGE
    title = "Add a webhook"
    form_class = EndpointForm
    verb = "Add"

    def act(self, form: forms.Form) -> services.NewSecret:
        return services.add_webhook(**form.cleaned_data, actor=self.actor)

    def get_cancel_url(self) -> str:
        return reverse("admin:core_webhookendpoint_changelist")


class EndpointActPage(RecordActPage):
    """An act on one endpoint; a deleted one has none."""

    permission_required = _MANAGE
    model = WebhookEndpoint
    template_name = "core/webhook_act.html"

    def get_title(self) -> str:
        return f"{self.verb}: {self.record}"


class ChangeWebhookPage(EndpointActPage):
    verb = "Change"
    form_class = EndpointForm
    sentence = "What waits already goes to the new address."

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.record.name, "url": self.record.url, "kinds": self.record.kinds}

    def act(self, form: forms.Form) -> WebhookEndpoint:
        return services.change_webhook(endpoint_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: WebhookEndpoint) -> str:
        return f"{result} was changed."


class PauseWebhookPage(EndpointActPage):
    verb = "Pause"
    form_class = ReasonForm
    sentence = "Nothing more is sent to it. What happens meanwhile waits, and is sent once it is resumed."

    def act(self, form: forms.Form) -> WebhookEndpoint:
        return services.pause_webhook(
            endpoint_id=self.record.pk, **form.cleaned_data, now=timezone.now(), actor=self.actor
        )

    def describe(self, result: WebhookEndpoint) -> str:
        return f"{result} is paused."


class ResumeWebhookPage(EndpointActPage):
    verb = "Resume"
    sentence = "All that waits is sent to it now, in order."

    def act(self, form: forms.Form) -> WebhookEndpoint:
        return services.resume_webhook(endpoint_id=self.record.pk, now=timezone.now(), actor=self.actor)

    def describe(self, result: WebhookEndpoint) -> str:
        return f"{result} is active again."


class RenewSecretPage(SecretShown, EndpointActPage):
    verb = "New secret"
    sentence = "For 24 hours each message is signed with both, the old one and the new one."

    def act(self, form: forms.Form) -> services.NewSecret:
        return services.renew_webhook_secret(endpoint_id=self.record.pk, now=timezone.now(), actor=self.actor)


class DeleteWebhookPage(EndpointActPage):
    verb = "Delete"
    is_dangerous = True
    form_class = ReasonForm
    sentence = "Nothing is sent to it ever again; what waits for it is dropped. What was sent stays in the log."

    def act(self, form: forms.Form) -> WebhookEndpoint:
        return services.delete_webhook(endpoint_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: WebhookEndpoint) -> str:
        return f"{result} is deleted."


class SendAgainPage(RecordActPage):
    permission_required = "core.send_webhookdelivery"
    model = WebhookDelivery
    template_name = "core/webhook_act.html"
    related = ("endpoint", "event")
    title = "Send again"
    verb = "Send again"
    sentence = "The event is sent once more, under the same id, out of turn. A receiver may take it for one it had."

    def act(self, form: forms.Form) -> WebhookDelivery:
        return services.send_again(delivery_id=self.record.pk, now=timezone.now(), actor=self.actor)

    def describe(self, result: WebhookDelivery) -> str:
        return f"Event {result.event_id} is on its way again."

    def get_success_url(self, result: WebhookDelivery) -> str:
        return reverse("admin:core_webhookdelivery_change", args=[result.pk])


class SendSeveralAgainPage(SeveralPage):
    permission_required = "core.send_webhookdelivery"
    model = WebhookDelivery
    related = ("endpoint", "event")
    name = "again"
    verb = "Send again"
    done = "sent again"
    sentence = SendAgainPage.sentence
    heads: ClassVar[tuple[str, ...]] = ("Event", "Endpoint", "State")
    amount_head = ""
    blank: ClassVar[Mapping[str, Any] | None] = {}

    def cells_of(self, record: WebhookDelivery) -> tuple[Any, ...]:
        return f"{record.event_id} {record.event.kind}", record.endpoint, record.get_state_display()

    def amount_of(self, record: WebhookDelivery) -> None:
        return None

    def act_on(self, record: WebhookDelivery, facts: Mapping[str, Any]) -> WebhookDelivery:
        return services.send_again(delivery_id=record.pk, now=timezone.now(), actor=self.actor)
