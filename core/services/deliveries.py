"""Events on their way to webhooks: queued, sent, tried again, given up.

One worker at a time sends to an endpoint: some events at once, never two of one lane (a driver). A later event of a
driver is sent once the earlier one was taken or given up. Nothing of the database is held while the network is waited
for. A worker that dies has its right to an endpoint end by itself, and what it had sent without noting it is sent
again: each event arrives at least once, under its own id.

An event that fails is tried again after longer and longer waits. An endpoint that takes nothing at all is left alone
for longer and longer too, so that it costs the workers nothing, and is paused after some of that.
"""

import json
import logging
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.history import save_as
from core.models import WebhookDelivery, WebhookEndpoint
from core.selectors import ToldEvent, get_last_event_id, tell_events
from core.transactions import bounded_transaction
from core.webhooks import targets
from core.webhooks.signatures import key_of, sign

logger = logging.getLogger(__name__)

#: How long is waited after each attempt that failed; after the last one it is given up. Some 75 hours in all.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: By up to so much of itself each wait is longer, so that what failed together is not tried again together.
JITTER = 0.2
#: Events sent at once to one endpoint.
AT_ONCE = 8
#: Events queued for an endpoint ahead; the others wait in their own table.
MOST_QUEUED = 10_000
#: How long an endpoint is left alone after rounds in a row in which it took nothing: twice as long each time.
FIRST_REST, LONGEST_REST = timedelta(seconds=10), timedelta(hours=1)
#: Longer than any sending takes (a name may be looked for long).
RIGHT = timedelta(seconds=90)
#: Its own sign that it is wanted no more.
GONE = 410

Clock = Callable[[], datetime]
State = WebhookDelivery.State


@dataclass(frozen=True, slots=True)
class _Attempt:
    """How sending went: an HTTP status and the beginning of the answer, or why there was none."""

    status: int | None
    answer: str
    failure: str

    @property
    def is_taken(self) -> bool:
        return not self.failure


def list_webhooks_with_work(*, now: datetime) -> list[int]:
    """Return the active endpoints to which something is to be sent now, and that no worker is at."""
    live = WebhookEndpoint.objects.filter(state=WebhookEndpoint.State.ACTIVE)
    due = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=State.WAITING, due_at__lte=now)
    has_work = Q(queued_through__lt=get_last_event_id()) | Exists(due)
    return list(live.filter(has_work, _is_free(now)).order_by("pk").values_list("pk", flat=True))


def deliver_events(*, endpoint_id: int, clock: Clock, seconds: float) -> int:
    """Send what is due to one endpoint, in order, for so many seconds at most; return how many were taken.

    It may run at any time: where another worker is at it, nothing is done.
    """
    until = clock() + timedelta(seconds=seconds)
    right = _take(endpoint_id, now=clock())
    taken = 0
    while right is not None:
        _queue(endpoint_id, now=clock())
        endpoint, due = _list_due(endpoint_id, right, now=clock())
        if endpoint is None or not due or clock() >= until:
            break
        attempts = _send(endpoint, due, now=clock())
        right = _note(endpoint_id, right, due, attempts, now=clock())
        taken += sum(attempt.is_taken for attempt in attempts)
    if right is not None:
        WebhookEndpoint.objects.filter(pk=endpoint_id, held_until=right).update(held_until=None)
    return taken


def purge_deliveries(*, before: datetime) -> int:
    """Delete the deliveries that were queued before that moment and are over; return how many."""
    over = WebhookDelivery.objects.filter(created_at__lt=before).exclude(state=State.WAITING)
    deleted, _ = over.delete()
    return deleted


def _is_free(now: datetime) -> Q:
    return Q(held_until=None) | Q(held_until__lt=now)


def _take(endpoint_id: int, *, now: datetime) -> datetime | None:
    """Take the right to send to an endpoint; None where it is paused, or another worker has it."""
    live = WebhookEndpoint.objects.filter(_is_free(now), pk=endpoint_id, state=WebhookEndpoint.State.ACTIVE)
    return now + RIGHT if live.update(held_until=now + RIGHT) else None


_QUEUE = """
    WITH next AS (
        SELECT id, driver_id FROM core_events
         WHERE id > %(after)s AND id <= %(last)s AND (%(kinds)s::varchar[] = '{}' OR kind = ANY(%(kinds)s))
         ORDER BY id LIMIT %(room)s
    ), queued AS (
        INSERT INTO core_webhook_deliveries (endpoint_id, event_id, lane, state, attempts, due_at, answer, failure)
        SELECT %(endpoint)s, id, coalesce(driver_id, 0), 'WAITING', 0, %(now)s, '', '' FROM next ORDER BY id
    )
    SELECT count(*), max(id) FROM next
"""


@bounded_transaction
def _queue(endpoint_id: int, *, now: datetime) -> None:
    """Queue what has got a number since, as far as there is room."""
    last = get_last_event_id()
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)
    if endpoint.state != WebhookEndpoint.State.ACTIVE or endpoint.queued_through >= last:
        return
    room = MOST_QUEUED - endpoint.deliveries.filter(state=State.WAITING).count()
    if room <= 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _QUEUE,
            {
                "after": endpoint.queued_through,
                "last": last,
                "kinds": endpoint.kinds,
                "room": room,
                "endpoint": endpoint_id,
                "now": now,
            },
        )
        count, highest = cursor.fetchone() or (0, None)
    through = highest if count == room else last
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(queued_through=through)


def _list_due(
    endpoint_id: int, right: datetime, *, now: datetime
) -> tuple[WebhookEndpoint | None, Sequence[WebhookDelivery]]:
    """Return the endpoint, while it is active and ours, and the first of each lane that is due, lowest number first."""
    live = WebhookEndpoint.objects.filter(pk=endpoint_id, held_until=right, state=WebhookEndpoint.State.ACTIVE)
    endpoint = live.first()
    if endpoint is None:
        return None, []
    waiting: QuerySet[WebhookDelivery] = endpoint.deliveries.filter(state=State.WAITING)
    earlier = waiting.filter(lane=OuterRef("lane"), event__lt=OuterRef("event"))
    due = waiting.filter(due_at__lte=now).exclude(Exists(earlier))
    return endpoint, list(due.select_related("event").order_by("event_id", "id")[:AT_ONCE])


def _send(endpoint: WebhookEndpoint, due: Sequence[WebhookDelivery], *, now: datetime) -> list[_Attempt]:
    """Send these, at once; return how each went."""
    keys = [key_of(endpoint.seed)]
    if endpoint.former_seed and endpoint.former_until is not None and now < endpoint.former_until:
        keys.append(key_of(endpoint.former_seed))
    told = tell_events(delivery.event for delivery in due)
    with ThreadPoolExecutor(max_workers=len(due)) as threads:
        sent = [threads.submit(_send_one, endpoint.url, event, keys, now) for event in told]
        return [attempt.result() for attempt in sent]


def write_event(event: ToldEvent) -> bytes:
    """Return an event as it is sent: the same bytes, however often."""
    told = {"id": event.id, "type": event.kind, "timestamp": timezone.localtime(event.at).isoformat()}
    return json.dumps({**told, "data": event.data}, ensure_ascii=False, separators=(",", ":")).encode()


def _send_one(url: str, event: ToldEvent, keys: Sequence[bytes], now: datetime) -> _Attempt:
    body = write_event(event)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "fleet-ledger-webhooks/1",
        **sign(message_id=f"evt_{event.id}", timestamp=int(now.timestamp()), body=body, keys=keys),
    }
    try:
        answer = targets.post(url, body=body, headers=headers, allow_private=settings.WEBHOOK_ALLOW_PRIVATE)
    except (targets.TargetRefused, targets.TargetFailed) as failure:
        return _Attempt(None, "", str(failure)[:300])
    failure_text = "" if answer.is_taken else f"It answered {answer.status}."
    return _Attempt(answer.status, answer.text[:500], failure_text)


def _note(
    endpoint_id: int,
    right: datetime,
    due: Sequence[WebhookDelivery],
    attempts: Sequence[_Attempt],
    *,
    now: datetime,
) -> datetime | None:
    """Keep how it went; return the right to the endpoint, renewed, or None where it is left alone from now on."""
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)
        if endpoint.held_until != right:
            return None
        for delivery, attempt in zip(due, attempts, strict=True):
            _settle(delivery, attempt, now)
        WebhookDelivery.objects.bulk_update(
            due, ["state", "attempts", "due_at", "tried_at", "status", "answer", "failure"]
        )
        is_alive = any(attempt.is_taken for attempt in attempts)
        is_gone = any(attempt.status == GONE for attempt in attempts)
        endpoint.failures = 0 if is_alive else endpoint.failures + 1
        endpoint.held_until = now + (RIGHT if is_alive else _rest_after(endpoint.failures))
        kept = WebhookEndpoint.objects.filter(pk=endpoint_id)
        kept.update(failures=endpoint.failures, held_until=endpoint.held_until)
        if is_gone or endpoint.failures >= settings.WEBHOOK_PAUSE_AFTER:
            _pause(endpoint, is_gone=is_gone, now=now)
        return endpoint.held_until if is_alive and not is_gone else None


def _rest_after(failures: int) -> timedelta:
    doubled = min(failures - 1, 20)
    return min(FIRST_REST * (1 << doubled), LONGEST_REST)


def _settle(delivery: WebhookDelivery, attempt: _Attempt, now: datetime) -> None:
    delivery.attempts += 1
    delivery.tried_at, delivery.due_at = now, None
    delivery.status, delivery.answer, delivery.failure = attempt.status, attempt.answer, attempt.failure
    if attempt.is_taken:
        delivery.state = State.DELIVERED
    elif delivery.attempts > len(WAITS):
        delivery.state = State.GIVEN_UP
    else:
        delivery.due_at = now + WAITS[delivery.attempts - 1] * (1 + JITTER * random.random())  # nosec B311  # spreads


def _pause(endpoint: WebhookEndpoint, *, is_gone: bool, now: datetime) -> None:
    if endpoint.state != WebhookEndpoint.State.ACTIVE:
        return
    why = (
        "It answered 410: it is wanted no more." if is_gone else f"It took nothing, {endpoint.failures} times in a row."
    )
    endpoint.state, endpoint.state_reason, endpoint.paused_at = WebhookEndpoint.State.PAUSED, why, now
    save_as(endpoint, None, reason=why, update_fields=["state", "state_reason", "paused_at"])
    logger.warning("Webhook endpoint %s is paused. %s", endpoint, why)
