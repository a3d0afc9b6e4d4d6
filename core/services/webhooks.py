"""Endpoints of webhooks: added, changed, paused and deleted by people; each act stands in their history."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from core.checks import check_reason, check_text
from core.errors import (
    AlreadyPaused,
    DeliveryNotFound,
    DeliveryWaits,
    EventKindUnknown,
    WebhookAddressInvalid,
    WebhookNameTaken,
    WebhookNotActive,
    WebhookNotFound,
    WebhookNotPaused,
)
from core.events import list_kinds
from core.history import save_as
from core.models import WebhookDelivery, WebhookEndpoint
from core.selectors import get_last_event_id
from core.transactions import bounded_transaction
from core.webhooks.signatures import key_of, make_seed, write_secret
from core.webhooks.targets import TargetRefused, check_url

#: How long a secret that was replaced signs beside the new one.
BOTH_SIGN_FOR = timedelta(hours=24)
MAX_NAME = 80

State = WebhookEndpoint.State


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An endpoint and the secret by which its receiver verifies; ``secret`` can be had this once only."""

    endpoint: WebhookEndpoint
    secret: str


@bounded_transaction
def add_webhook(*, name: str, url: str, kinds: Collection[str] = (), actor: User | None) -> NewSecret:
    """Have events sent to an address from now on: those of these kinds, or all.

    :raises core.errors.ValueInvalid: no name, or one that is too long
    :raises WebhookAddressInvalid: the address is none to which anything is sent
    :raises EventKindUnknown: there is no such kind
    :raises WebhookNameTaken: another endpoint has the name
    """
    endpoint = WebhookEndpoint(seed=make_seed(), queued_through=get_last_event_id())
    _fill(endpoint, name, url, kinds)
    _save(endpoint, actor)
    return NewSecret(endpoint, write_secret(key_of(endpoint.seed)))


@bounded_transaction
def change_webhook(
    *, endpoint_id: int, name: str, url: str, kinds: Collection[str] = (), actor: User | None
) -> WebhookEndpoint:
    """Change an endpoint's name, address or kinds; what waits already is sent to the new address.

    :raises: what :func:`add_webhook` raises, and :class:`WebhookNotFound`
    """
    endpoint = _lock(endpoint_id)
    _fill(endpoint, name, url, kinds)
    _save(endpoint, actor)
    return endpoint


@bounded_transaction
def pause_webhook(*, endpoint_id: int, reason: str, now: datetime, actor: User | None) -> WebhookEndpoint:
    """Send nothing more to an endpoint until it is resumed; what happens meanwhile waits.

    :raises WebhookNotFound: there is no such endpoint
    :raises core.errors.ReasonRequired: no reason given
    :raises AlreadyPaused: it is paused
    """
    reason = check_reason(reason)
    endpoint = _lock(endpoint_id)
    if endpoint.state == State.PAUSED:
        raise AlreadyPaused(f"{endpoint} is paused already.")
    endpoint.state, endpoint.state_reason, endpoint.paused_at = State.PAUSED, reason, now
    save_as(endpoint, actor, reason=reason)
    return endpoint


@bounded_transaction
def resume_webhook(*, endpoint_id: int, now: datetime, actor: User | None) -> WebhookEndpoint:
    """Go on sending to a paused endpoint, at once, with all that waits, in order.

    :raises WebhookNotFound: there is no such endpoint
    :raises WebhookNotPaused: it is not paused
    """
    endpoint = _lock(endpoint_id)
    if endpoint.state != State.PAUSED:
        raise WebhookNotPaused(f"{endpoint} is not paused.")
    endpoint.state, endpoint.state_reason, endpoint.paused_at = State.ACTIVE, "", None
    endpoint.failures, endpoint.held_until = 0, None
    save_as(endpoint, actor)
    endpoint.deliveries.filter(state=WebhookDelivery.State.WAITING).update(due_at=now, attempts=0)
    return endpoint


@bounded_transaction
def renew_webhook_secret(*, endpoint_id: int, now: datetime, actor: User | None) -> NewSecret:
    """Give an endpoint a new secret. For a day the former one signs beside it, and then no more.

    :raises WebhookNotFound: there is no such endpoint
    """
    endpoint = _lock(endpoint_id)
    endpoint.former_seed, endpoint.former_until = endpoint.seed, now + BOTH_SIGN_FOR
    endpoint.seed = make_seed()
    save_as(endpoint, actor, reason="New secret")
    return NewSecret(endpoint, write_secret(key_of(endpoint.seed)))


@bounded_transaction
def delete_webhook(*, endpoint_id: int, reason: str, actor: User | None) -> WebhookEndpoint:
    """Send nothing to an endpoint ever again. What was sent stays in the log; what waits is dropped.

    :raises WebhookNotFound: there is no such endpoint
    :raises core.errors.ReasonRequired: no reason given
    """
    reason = check_reason(reason)
    endpoint = _lock(endpoint_id)
    endpoint.deliveries.filter(state=WebhookDelivery.State.WAITING).delete()
    endpoint.state, endpoint.state_reason = State.DELETED, reason
    endpoint.seed = endpoint.former_seed = ""
    save_as(endpoint, actor, reason=reason)
    return endpoint


@bounded_transaction
def send_again(*, delivery_id: int, now: datetime, actor: User | None) -> WebhookDelivery:
    """Send an event to its endpoint once more, under the same id; it waits for no other, and no other for it.

    :raises DeliveryNotFound: there is no such delivery
    :raises DeliveryWaits: it is on its way already
    :raises WebhookNotActive: its endpoint is paused or deleted
    """
    delivery = WebhookDelivery.objects.select_related("endpoint").filter(pk=delivery_id).first()
    if delivery is None:
        raise DeliveryNotFound(f"There is no delivery {delivery_id}.")
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    if endpoint.state != State.ACTIVE:
        raise WebhookNotActive(f"{endpoint} is {endpoint.get_state_display().lower()}: nothing is sent to it.")
    if endpoint.failures:  # it is left alone for a while; whoever asks for this knows better
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(held_until=None)
    on_its_way = endpoint.deliveries.filter(event=delivery.event_id, state=WebhookDelivery.State.WAITING)
    if on_its_way.exists():
        raise DeliveryWaits(f"Event {delivery.event_id} is on its way to {endpoint} already.")
    return WebhookDelivery.objects.create(endpoint=endpoint, event_id=delivery.event_id, due_at=now, asked_by=actor)


def _lock(endpoint_id: int) -> WebhookEndpoint:
    live = WebhookEndpoint.objects.exclude(state=State.DELETED)
    endpoint = live.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise WebhookNotFound(f"There is no webhook endpoint {endpoint_id}.")
    return endpoint


def _fill(endpoint: WebhookEndpoint, name: str, url: str, kinds: Collection[str]) -> None:
    endpoint.name = check_text(name, field="name", longest=MAX_NAME)
    try:
        check_url(url, allow_private=settings.WEBHOOK_ALLOW_PRIVATE)
    except TargetRefused as refusal:
        raise WebhookAddressInvalid(str(refusal)) from None
    unknown = sorted(set(kinds) - set(list_kinds()))
    if unknown:
        raise EventKindUnknown(f"There is no kind of event {unknown[0][:40]!r}.")
    endpoint.url, endpoint.kinds = url, sorted(set(kinds))


def _save(endpoint: WebhookEndpoint, actor: User | None) -> None:
    try:
        with transaction.atomic():
            save_as(endpoint, actor)
    except IntegrityError:
        raise WebhookNameTaken(f"There is an endpoint named {endpoint.name} already.") from None
