"""Where events are sent, and what became of each that was."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from simple_history.models import HistoricalRecords

from core.models.events import Event


class WebhookEndpoint(models.Model):
    """An address of a program outside, to which events are sent.

    Its keys are made of seeds (``core/webhooks/signatures.py``); the former one signs too, until ``former_until``.
    """

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        PAUSED = "PAUSED", "Paused"
        DELETED = "DELETED", "Deleted"

    name = models.CharField(max_length=80)
    url = models.CharField("address", max_length=500)
    #: Which are sent; all, where none is named.
    kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.ACTIVE)
    state_reason = models.CharField("reason", max_length=500, blank=True, default="")
    seed = models.CharField(max_length=64, editable=False)
    former_seed = models.CharField(max_length=64, blank=True, default="", editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField("added", db_default=Now())
    paused_at = models.DateTimeField("paused", null=True, editable=False)
    #: Rounds in a row in which it took nothing.
    failures = models.PositiveIntegerField("failures in a row", default=0, editable=False)
    #: All events up to this number are among its deliveries, or were not asked for.
    queued_through = models.BigIntegerField(default=0, editable=False)
    #: One worker sends to it at a time, whose right ends then by itself; after a failure, nobody does until then.
    held_until = models.DateTimeField(null=True, editable=False)

    history = HistoricalRecords(
        excluded_fields=["seed", "former_seed", "former_until", "failures", "queued_through", "held_until"]
    )

    class Meta:
        db_table = "core_webhook_endpoints"
        ordering = ["name", "id"]
        default_permissions = ("view",)
        permissions = [("manage_webhookendpoint", "Can add, change, pause and delete webhook endpoints")]
        verbose_name = "webhook endpoint"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=~Q(state="DELETED"), name="core_webhook_endpoints_live_name"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ACTIVE", "PAUSED", "DELETED"]), name="core_webhook_endpoints_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint: how often it was tried, and how that went the last time."""

    class State(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        DELIVERED = "DELIVERED", "Delivered"
        GIVEN_UP = "GIVEN_UP", "Given up"

    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="deliveries", db_index=False)
    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    #: Those of one lane go one after the other: a driver's, or 0 for the fleet's. What is sent again is in none.
    lane = models.BigIntegerField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField("next attempt", null=True)
    tried_at = models.DateTimeField("last attempt", null=True)
    status = models.PositiveSmallIntegerField("answered", null=True)
    #: The beginning of the answer.
    answer = models.CharField(max_length=500, blank=True, default="")
    failure = models.CharField(max_length=300, blank=True, default="")
    #: Who had it sent again.
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField("queued", db_default=Now())

    class Meta:
        db_table = "core_webhook_deliveries"
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("send_webhookdelivery", "Can have an event sent to a webhook again")]
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event"], condition=Q(lane__isnull=False), name="core_webhook_deliveries_once"
            ),
            models.CheckConstraint(
                condition=Q(state="WAITING", due_at__isnull=False)
                | Q(state__in=["DELIVERED", "GIVEN_UP"], due_at=None, tried_at__isnull=False),
                name="core_webhook_deliveries_state_tells",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "lane", "event"],
                condition=Q(state="WAITING"),
                name="core_webhook_deliveries_queue",
            ),
            models.Index(fields=["created_at"], name="core_webhook_deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"
