"""Webhooks over real HTTP: signed, in order, at least once, tried again, paused; never into one's own network."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.celery import app
from core import errors, selectors, services, tasks
from core.models import WebhookDelivery, WebhookEndpoint
from core.services.deliveries import AT_ONCE, WAITS
from core.webhooks.signatures import sign
from leases.models import Driver
from tests.factories import DriverFactory, UserFactory

PROJECT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 4, 17, tzinfo=UTC)


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker that does at once whatever is sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def add(url: str, name: str = "payroll", **more: Any) -> services.NewSecret:
    return services.add_webhook(name=name, url=url, actor=None, **more)


def deliver(endpoint: WebhookEndpoint, *, at: datetime = NOON) -> int:
    services.number_events()
    return services.deliver_events(endpoint_id=endpoint.pk, clock=lambda: at, seconds=60)


def change(driver: Driver) -> None:
    """One more fact of the driver's."""
    driver.phone = f"{driver.phone}1"
    driver.save()


def states(endpoint: WebhookEndpoint) -> list[tuple[str, int]]:
    return list(endpoint.deliveries.order_by("id").values_list("state", "attempts"))


class TestSignatures:
    def test_of_the_scheme_s_own_example(self):
        headers = sign(
            message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp=1614265330,
            body=b'{"test": 2432232314}',
            keys=[base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
        )

        assert headers == {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }

    @pytest.mark.django_db
    def test_the_document_s_example_verifies_what_is_sent_and_nothing_else(self, receiver):
        code = re.search(r"```python\n(.*?)```", (PROJECT / "docs" / "events.md").read_text(), re.DOTALL)
        assert code is not None
        example: dict[str, Any] = {}
        exec(code[1], example)
        verify = example["verify"]
        made = add(receiver.url)
        DriverFactory.create()
        deliver(made.endpoint)
        ((headers, body),) = receiver.got

        assert verify(made.secret, headers, body, now=NOON.timestamp())["type"] == "driver_added"
        for wrong in (
            {"headers": headers, "body": body + b" ", "now": NOON.timestamp()},
            {"headers": headers | {"webhook-id": "evt_0"}, "body": body, "now": NOON.timestamp()},
            {"headers": headers, "body": body, "now": NOON.timestamp() + 301},
        ):
            with pytest.raises(ValueError):
                verify(made.secret, **wrong)

    @pytest.mark.django_db
    def test_two_secrets_sign_for_a_day_and_then_the_new_one_alone(self, receiver):
        made = add(receiver.url)
        renewed = services.renew_webhook_secret(endpoint_id=made.endpoint.pk, now=NOON, actor=None)
        assert renewed.secret != made.secret
        driver = DriverFactory.create()
        deliver(made.endpoint, at=NOON + timedelta(hours=23))
        change(driver)
        deliver(made.endpoint, at=NOON + timedelta(hours=25))

        signatures = [headers["webhook-signature"].split() for headers, _ in receiver.got]
        keys = [base64.b64decode(secret.secret.removeprefix("whsec_")) for secret in (renewed, made)]
        for (headers, body), signed, valid in zip(receiver.got, signatures, (keys, keys[:1]), strict=True):
            at = int(headers["webhook-timestamp"])
            expected = sign(message_id=headers["webhook-id"], timestamp=at, body=body, keys=valid)
            assert " ".join(signed) == expected["webhook-signature"]
        assert made.secret not in str(WebhookEndpoint.objects.values_list())


@pytest.mark.django_db
class TestDelivering:
    def test_sends_what_is_pulled_from_now_on_and_of_the_kinds_alone(self, receiver):
        DriverFactory.create()
        services.number_events()
        endpoint = add(receiver.url, kinds=["driver_changed"]).endpoint
        driver = DriverFactory.create()
        change(driver)

        assert deliver(endpoint) == 1

        (event,) = receiver.events
        assert event["type"] == "driver_changed"
        assert event["data"] == {"driver_id": driver.pk, "status": "ACTIVE"}
        assert event["id"] == selectors.get_last_event_id()
        assert datetime.fromisoformat(event["timestamp"]).utcoffset() is not None
        headers = receiver.got[0][0]
        assert headers["webhook-id"] == f"evt_{event['id']}"
        assert (headers["content-type"], headers["host"]) == ("application/json", receiver.url.split("/")[2])
        (delivery,) = endpoint.deliveries.all()
        assert (delivery.state, delivery.status, delivery.answer) == ("DELIVERED", 204, "")
        assert deliver(endpoint) == 0

    def test_a_driver_s_later_event_waits_for_the_earlier_one_and_others_do_not(self, receiver):
        endpoint = add(receiver.url).endpoint
        one, other = DriverFactory.create_batch(2)
        for _ in range(3):
            change(one)
        receiver.answers = lambda event: 500 if event["data"]["driver_id"] == one.pk else 200

        deliver(endpoint)
        assert sorted(event["data"]["driver_id"] for event in receiver.events) == [one.pk, other.pk]
        receiver.answers = lambda event: 200
        deliver(endpoint, at=NOON + timedelta(minutes=1))

        mine = [event["id"] for event in receiver.events if event["data"]["driver_id"] == one.pk]
        assert len(mine) == 5
        assert mine[0] == mine[1], "the first of the four was sent twice"
        assert mine == sorted(mine)
        assert {state for state, _ in states(endpoint)} == {"DELIVERED"}

    def test_is_tried_again_after_longer_and_longer_waits_and_then_given_up(self, receiver, settings):
        settings.WEBHOOK_PAUSE_AFTER = 99
        endpoint = add(receiver.url).endpoint
        driver = DriverFactory.create()
        receiver.answers = lambda event: 503
        at, waits = NOON, []
        for attempt in range(1, len(WAITS) + 1):
            assert deliver(endpoint, at=at) == 0
            delivery = endpoint.deliveries.get()
            assert (delivery.state, delivery.attempts, delivery.failure) == ("WAITING", attempt, "It answered 503.")
            assert delivery.due_at is not None
            waits.append(delivery.due_at - at)
            assert deliver(endpoint, at=at + WAITS[attempt - 1] * 0.99) == 0
            at = delivery.due_at + timedelta(hours=1)  # no longer is it left alone
        change(driver)
        deliver(endpoint, at=at)

        assert all(wait <= waited <= wait * 1.2 for wait, waited in zip(WAITS, waits, strict=True))
        assert len(receiver.got) == len(WAITS) + 1
        assert states(endpoint)[0] == ("GIVEN_UP", len(WAITS) + 1)
        receiver.answers = lambda event: 200
        deliver(endpoint, at=at + timedelta(hours=2))
        assert states(endpoint) == [("GIVEN_UP", len(WAITS) + 1), ("DELIVERED", 1)]

    def test_an_endpoint_that_takes_nothing_is_left_alone_then_paused_and_goes_on_with_all_when_resumed(
        self, receiver, settings, caplog
    ):
        settings.WEBHOOK_PAUSE_AFTER = 3
        endpoint = add(receiver.url).endpoint
        DriverFactory.create_batch(AT_ONCE + 2)
        receiver.answers = lambda event: 500
        for minutes in (0, 10, 20):
            at = NOON + timedelta(minutes=minutes)
            deliver(endpoint, at=at)
            deliver(endpoint, at=at + timedelta(seconds=9))
        assert len(receiver.got) == 3 * AT_ONCE

        endpoint.refresh_from_db()
        assert (endpoint.state, endpoint.state_reason) == ("PAUSED", "It took nothing, 3 times in a row.")
        assert endpoint.history.first().history_change_reason == "It took nothing, 3 times in a row."
        assert "payroll is paused" in caplog.text
        later = NOON + timedelta(days=1)
        assert services.list_webhooks_with_work(now=later) == []
        assert deliver(endpoint, at=later) == 0
        DriverFactory.create()
        receiver.answers = lambda event: 200
        services.resume_webhook(endpoint_id=endpoint.pk, now=later, actor=None)
        assert services.list_webhooks_with_work(now=later) == [endpoint.pk]
        assert deliver(endpoint, at=later) == AT_ONCE + 3
        assert len({event["id"] for event in receiver.events}) == AT_ONCE + 3

    def test_one_that_wants_no_more_is_paused_at_once(self, receiver):
        endpoint = add(receiver.url).endpoint
        DriverFactory.create()
        receiver.answers = lambda event: 410

        deliver(endpoint)

        endpoint.refresh_from_db()
        assert (endpoint.state, endpoint.state_reason) == ("PAUSED", "It answered 410: it is wanted no more.")

    def test_beat_numbers_sends_and_purges(self, receiver, worker):
        endpoint = add(receiver.url).endpoint
        driver = DriverFactory.create()

        tasks.send_events_task()
        tasks.purge_deliveries_task()

        assert [event["data"]["driver_id"] for event in receiver.events] == [driver.pk]
        assert states(endpoint) == [("DELIVERED", 1)]
        tasks.send_events_task()
        assert len(receiver.got) == 1

    def test_another_worker_is_left_at_it_and_a_dead_one_is_not_waited_for_long(self, receiver):
        endpoint = add(receiver.url).endpoint
        DriverFactory.create()
        services.number_events()
        WebhookEndpoint.objects.update(held_until=NOON + timedelta(seconds=90))

        assert services.list_webhooks_with_work(now=NOON) == []
        assert deliver(endpoint) == 0
        assert deliver(endpoint, at=NOON + timedelta(seconds=91)) == 1

    def test_follows_no_redirect_and_keeps_the_beginning_of_an_answer(self, receiver):
        endpoint = add(receiver.url).endpoint
        DriverFactory.create()
        receiver.answers, receiver.headers = (lambda event: 302), {"Location": receiver.url}
        receiver.text = b"\xff\x00" + b"x" * 5000

        deliver(endpoint)

        assert len(receiver.got) == 1
        (delivery,) = endpoint.deliveries.all()
        assert (delivery.status, delivery.failure) == (302, "It answered 302.")
        assert delivery.answer == "\ufffd\ufffd" + "x" * 498

    def test_the_log_is_purged_of_what_is_over(self, receiver):
        endpoint = add(receiver.url).endpoint
        DriverFactory.create_batch(2)
        receiver.answers = lambda event: 200 if event["id"] % 2 else 500
        deliver(endpoint)
        soon = datetime.now(tz=UTC) + timedelta(minutes=1)

        assert services.purge_deliveries(before=soon - timedelta(days=1)) == 0
        assert services.purge_deliveries(before=soon) == 1
        assert [state for state, _ in states(endpoint)] == ["WAITING"]


@pytest.mark.django_db
class TestSendAgain:
    def test_under_the_same_id_and_in_nobody_s_way(self, receiver):
        endpoint, clerk = add(receiver.url).endpoint, UserFactory.create()
        DriverFactory.create()
        deliver(endpoint)
        first = endpoint.deliveries.get()

        again = services.send_again(delivery_id=first.pk, now=NOON, actor=clerk)
        with pytest.raises(errors.DeliveryWaits):
            services.send_again(delivery_id=first.pk, now=NOON, actor=clerk)
        deliver(endpoint)

        assert again.asked_by == clerk
        assert states(endpoint) == [("DELIVERED", 1), ("DELIVERED", 1)]
        (one, other) = receiver.got
        assert (one[0]["webhook-id"], one[1]) == (other[0]["webhook-id"], other[1])

    def test_is_refused_where_it_would_lie(self, receiver):
        endpoint = add(receiver.url).endpoint
        DriverFactory.create()
        deliver(endpoint)
        delivery = endpoint.deliveries.get()
        services.pause_webhook(endpoint_id=endpoint.pk, reason="moving", now=NOON, actor=None)

        with pytest.raises(errors.WebhookNotActive):
            services.send_again(delivery_id=delivery.pk, now=NOON, actor=None)
        with pytest.raises(errors.DeliveryNotFound):
            services.send_again(delivery_id=0, now=NOON, actor=None)
        assert WebhookDelivery.objects.count() == 1


@pytest.mark.django_db
class TestEndpoints:
    def test_each_act_is_refused_by_name_where_it_can_t_be(self):
        url = "https://example.com/hook"
        endpoint = add(url, kinds=["paid"]).endpoint
        by: dict[str, Any] = {"endpoint_id": endpoint.pk, "actor": None}
        with pytest.raises(errors.WebhookNameTaken):
            add(url)
        with pytest.raises(errors.EventKindUnknown):
            add(url, name="other", kinds=["paid", "sold"])
        with pytest.raises(errors.WebhookNotPaused):
            services.resume_webhook(now=NOON, **by)
        services.pause_webhook(reason="moving", now=NOON, **by)
        with pytest.raises(errors.AlreadyPaused):
            services.pause_webhook(reason="moving", now=NOON, **by)
        with pytest.raises(errors.ReasonRequired):
            services.delete_webhook(reason=" ", **by)
        services.delete_webhook(reason="over", **by)
        with pytest.raises(errors.WebhookNotFound):
            services.change_webhook(name="payroll", url=url, **by)
        assert add(url).endpoint.pk != endpoint.pk, "its name is free again"
        assert [row.state for row in endpoint.history.order_by("history_id")] == ["ACTIVE", "PAUSED", "DELETED"]

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/",
            "ftp://example.com/",
            "//example.com",
            "https://",
            "https://user@example.com/",
            "https://example.com/#part",
            "https://example.com:99999/",
            "https://exa mple.com/",
            "https://example.com/\r\nX: 1",
            "https://bücher.example/",
            "https://example.com/" + "x" * 500,
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
        ],
    )
    def test_an_address_that_leads_nowhere_good_is_refused(self, url):
        with pytest.raises(errors.WebhookAddressInvalid):
            add(url)
        assert WebhookEndpoint.objects.count() == 0
