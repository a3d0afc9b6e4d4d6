"""Webhooks: the endpoints with what they want and how they fare, and the log of what was sent to them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from core.admin.pages.webhooks import (
    AddWebhookPage,
    ChangeWebhookPage,
    DeleteWebhookPage,
    PauseWebhookPage,
    RenewSecretPage,
    ResumeWebhookPage,
    SendAgainPage,
    SendSeveralAgainPage,
)
from core.admin.records import Button, Fact, ReadOnlyAdmin, list_url
from core.admin.search import number_in
from core.events import list_kinds
from core.models import WebhookDelivery, WebhookEndpoint
from core.selectors import tell_events

_MANAGE = "core.manage_webhookendpoint"
_STATES = {"Active": "success", "Paused": "danger", "Deleted": "info"}


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    list_display = ["name", "url", "wants", "state_label", "waiting"]
    list_display_links = ["name"]
    ordering = ["name", "id"]
    list_filter = [("state", ChoicesDropdownFilter)]

    def get_urls(self) -> list[URLPattern]:
        name = "core_webhookendpoint"
        return [
            self.page("add/", AddWebhookPage, f"{name}_add"),
            self.page("<int:record_id>/change-it/", ChangeWebhookPage, f"{name}_change_it"),
            self.page("<int:record_id>/pause/", PauseWebhookPage, f"{name}_pause"),
            self.page("<int:record_id>/resume/", ResumeWebhookPage, f"{name}_resume"),
            self.page("<int:record_id>/secret/", RenewSecretPage, f"{name}_secret"),
            self.page("<int:record_id>/delete-it/", DeleteWebhookPage, f"{name}_delete_it"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        # Asked of the index of what waits, however long the log is.
        waiting = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=WebhookDelivery.State.WAITING)
        count = waiting.order_by().values("endpoint").annotate(count=Count("pk")).values("count")
        rows: QuerySet[WebhookEndpoint] = super().get_queryset(request)
        return rows.annotate(waiting_count=Coalesce(Subquery(count), 0))

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm(_MANAGE):
            return []
        return [Button("Add a webhook", reverse("admin:core_webhookendpoint_add"), is_main=True)]

    @admin.display(description="Events")
    def wants(self, endpoint: WebhookEndpoint) -> str:
        shown = ", ".join(endpoint.kinds[:3])
        more = len(endpoint.kinds) - 3
        return f"{shown} and {more} more" if more > 0 else shown or "All"

    @display(description="State", label=_STATES)
    def state_label(self, endpoint: WebhookEndpoint) -> str:
        return endpoint.get_state_display()

    @admin.display(description="Waiting")
    def waiting(self, endpoint: Any) -> int:
        count: int = endpoint.waiting_count
        return count

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> WebhookEndpoint | None:
        return None if number_in(object_id) is None else self.get_queryset(request).filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        titles = list_kinds()
        wanted = "; ".join(titles.get(kind, kind) for kind in record.kinds)
        log = list_url(WebhookDelivery, endpoint__id__exact=record.pk)
        return {
            "facts": [
                Fact("Address", record.url),
                Fact("Events", wanted or "All"),
                Fact("State", record.get_state_display()),
                Fact("Why", record.state_reason),
                Fact("Paused", record.paused_at),
                Fact("Failures in a row", record.failures),
                Fact("Both secrets sign until", record.former_until if record.former_seed else None),
                Fact("Waiting", record.waiting_count, log),
                Fact("Added", record.created_at),
            ],
            "buttons": self._buttons(request, record),
        }

    def _buttons(self, request: HttpRequest, record: WebhookEndpoint) -> list[Button]:
        buttons = [Button("Deliveries", list_url(WebhookDelivery, endpoint__id__exact=record.pk))]
        if not request.user.has_perm(_MANAGE) or record.state == WebhookEndpoint.State.DELETED:
            return buttons

        def lead(act: str) -> str:
            return reverse(f"admin:core_webhookendpoint_{act}", args=[record.pk])

        is_paused = record.state == WebhookEndpoint.State.PAUSED
        return [
            Button("Resume", lead("resume"), is_main=True) if is_paused else Button("Pause", lead("pause")),
            Button("Change", lead("change_it")),
            Button("New secret", lead("secret")),
            *buttons,
            Button("Delete", lead("delete_it"), is_dangerous=True),
        ]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["event_name", "endpoint", "state_label", "attempts", "tried_at", "outcome", "due_at"]
    list_display_links = ["event_name"]
    list_select_related = ["endpoint", "event"]
    ordering = ["-id"]
    list_filter = [("endpoint", RelatedDropdownFilter), ("state", ChoicesDropdownFilter)]
    several_pages = (SendSeveralAgainPage,)
    detail_template = "core/webhook_delivery.html"
    _LABELS: ClassVar = {"Waiting": "warning", "Delivered": "success", "Given up": "danger"}

    def get_urls(self) -> list[URLPattern]:
        again = self.page("<int:record_id>/send-again/", SendAgainPage, "core_webhookdelivery_again")
        return [again, *super().get_urls()]

    @admin.display(description="Event")
    def event_name(self, delivery: WebhookDelivery) -> str:
        return f"{delivery.event_id} {delivery.event.kind}"

    @display(description="State", label=_LABELS)
    def state_label(self, delivery: WebhookDelivery) -> str:
        return delivery.get_state_display()

    @admin.display(description="Answer")
    def outcome(self, delivery: WebhookDelivery) -> str:
        return delivery.failure or str(delivery.status or "")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> WebhookDelivery | None:
        if number_in(object_id) is None:
            return None
        return WebhookDelivery.objects.select_related("endpoint", "event", "asked_by").filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: WebhookDelivery) -> dict[str, Any]:
        (told,) = tell_events([record.event])
        again = reverse("admin:core_webhookdelivery_again", args=[record.pk])
        may_send = request.user.has_perm("core.send_webhookdelivery") and record.state != WebhookDelivery.State.WAITING
        return {
            "facts": [
                Fact("Event", f"{record.event_id} {record.event.kind}"),
                Fact("Happened", told.at),
                Fact("Sent to", record.endpoint, self.link_to(request, record.endpoint)),
                Fact("State", record.get_state_display()),
                Fact("Attempts", record.attempts),
                Fact("Last attempt", record.tried_at),
                Fact("Next attempt", record.due_at),
                Fact("Answered", record.status),
                Fact("Why it failed", record.failure),
                Fact("Sent again by", record.asked_by),
            ],
            "told": [Fact(name, value) for name, value in told.data.items()],
            "answer": record.answer,
            "buttons": [Button("Send again", again)] if may_send else [],
        }
