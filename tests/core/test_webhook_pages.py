"""The pages of webhooks: who may open them, a secret that is shown once, and an event that is sent again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse

from core import services
from core.models import ListAct, WebhookDelivery, WebhookEndpoint
from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 17, tzinfo=UTC)
URL = "https://example.com/hook"
LIST = "admin:core_webhookendpoint_changelist"
LOG = "admin:core_webhookdelivery_changelist"


@pytest.fixture
def endpoint() -> WebhookEndpoint:
    return services.add_webhook(name="payroll", url=URL, kinds=["driver_added", "paid"], actor=None).endpoint


@pytest.fixture
def delivery(endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch) -> WebhookDelivery:
    """One that was answered with a failure, for good."""
    DriverFactory.create()
    services.number_events()
    answer = services.deliveries.targets.TargetAnswer(500, "<b>sorry</b>")
    monkeypatch.setattr("core.webhooks.targets.post", lambda *args, **kwargs: answer)
    services.deliver_events(endpoint_id=endpoint.pk, clock=lambda: NOON, seconds=60)
    WebhookDelivery.objects.update(state="GIVEN_UP", due_at=None)
    return endpoint.deliveries.get()


def address_of(name: str, record: Any = None) -> str:
    return reverse(name if ":" in name else f"admin:core_{name}", args=[record.pk] if record else [])


def test_a_supervisor_adds_one_and_sees_its_secret_once():
    supervisor = browse("Supervisor")
    typed = {"name": "payroll", "url": URL, "kinds": ["paid", "voided"], "_confirm": "1"}

    page = supervisor.post(address_of("webhookendpoint_add"), typed)

    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.name, endpoint.url, endpoint.kinds) == ("payroll", URL, ["paid", "voided"])
    assert b"whsec_" in page.content
    assert "no-store" in page["Cache-Control"]
    shown = supervisor.get(address_of("webhookendpoint_change", endpoint)).content.decode()
    assert "whsec_" not in shown
    assert "A payment was received" in shown
    again = supervisor.post(address_of("webhookendpoint_add"), typed)
    assert "There is an endpoint named payroll already." in again.content.decode()
    inside = supervisor.post(address_of("webhookendpoint_add"), typed | {"name": "x", "url": "https://10.0.0.1/"})
    assert "10.0.0.1 is not an address of the open internet." in inside.content.decode()
    assert WebhookEndpoint.objects.count() == 1
    assert endpoint.history.get().history_user is not None


def test_it_is_paused_told_at_home_resumed_changed_and_deleted(endpoint):
    supervisor = browse("Supervisor")

    def act(which: str, **typed: Any) -> str:
        page = supervisor.post(
            address_of(f"webhookendpoint_{which}", endpoint), {"_confirm": "1", **typed}, follow=True
        )
        endpoint.refresh_from_db()
        return page.content.decode()

    assert "payroll is paused." in act("pause", reason="the receiver moves")
    assert (endpoint.state, endpoint.state_reason) == ("PAUSED", "the receiver moves")
    waiting = supervisor.get(reverse("admin:index"), follow=True).content.decode()
    counts = supervisor.get(reverse("home_waiting")).content.decode()
    assert "Webhooks that are paused" in waiting + counts
    assert "payroll is active again." in act("resume")
    assert "payroll was changed." in act("change_it", name="payroll", url=URL + "2")
    assert (endpoint.url, endpoint.kinds) == (URL + "2", [])
    before = endpoint.seed
    assert "whsec_" in act("secret")
    assert (endpoint.former_seed, endpoint.seed != before) == (before, True)
    assert "payroll is deleted." in act("delete_it", reason="over")
    assert endpoint.state == "DELETED"
    assert "There is no webhook endpoint" in act("resume")


def test_an_event_is_sent_again_one_and_several(delivery):
    supervisor = browse("Supervisor")
    page = supervisor.get(address_of("webhookdelivery_change", delivery)).content.decode()
    assert "&lt;b&gt;sorry&lt;/b&gt;" in page
    assert "It answered 500." in page

    done = supervisor.post(address_of("webhookdelivery_again", delivery), {"_confirm": "1"}, follow=True)

    assert f"Event {delivery.event_id} is on its way again." in done.content.decode()
    again = WebhookDelivery.objects.exclude(pk=delivery.pk).get()
    assert (again.event_id, again.state, again.lane) == (delivery.event_id, "WAITING", None)
    WebhookDelivery.objects.filter(pk=again.pk).delete()
    chosen = {"action": "again", "_selected_action": [delivery.pk]}
    supervisor.post(address_of(LOG), chosen, follow=True)
    act = ListAct.objects.get()
    several = reverse("admin:core_webhookdelivery_again_several_act", args=[act.pk])
    result = supervisor.post(several, {"_confirm": "1"}, follow=True).content.decode()
    assert "1 sent again" in result
    assert WebhookDelivery.objects.filter(state="WAITING").count() == 1


def test_each_page_opens_for_whom_it_is_and_for_nobody_else(endpoint, delivery, django_assert_max_num_queries):
    looks = [
        *(address_of(LIST), address_of(LOG)),
        *(address_of("webhookendpoint_change", endpoint), address_of("webhookdelivery_change", delivery)),
    ]
    acts = [
        address_of("webhookendpoint_add"),
        *(address_of(f"webhookendpoint_{act}", endpoint) for act in ("change_it", "pause", "resume", "secret")),
        address_of("webhookendpoint_delete_it", endpoint),
        address_of("webhookdelivery_again", delivery),
    ]
    for role, may_look, may_act in (
        ("Supervisor", 200, 200),
        ("Auditor", 200, 403),
        ("Office", 403, 403),
        ("Cashier", 403, 403),
    ):
        client = browse(role)
        assert {client.get(url).status_code for url in looks} == {may_look}, role
        assert {client.get(url).status_code for url in acts} == {may_act}, role
        if may_act == 403:
            assert {client.post(url, {"_confirm": "1", "reason": "x"}).status_code for url in acts} == {403}, role
            assert b"send-again" not in client.get(looks[3]).content
    client = browse("Auditor")
    for number in range(20):
        services.add_webhook(name=f"hook {number}", url=URL, actor=None)
    with django_assert_max_num_queries(15):
        client.get(address_of(LIST))
    with django_assert_max_num_queries(15):
        client.get(address_of(LOG))
