"""`/metrics`: for whoever shows the token; figures of all promises, in few statements; requests by view."""

import re
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config import heartbeat
from config.surroundings import refuse_weak_token
from config.watching import metrics, probes
from core.desk import list_stacks
from core.models import AuditResult, AuditRun, Backup
from core.weeks import week_of
from dtr.models import CloseBatch, WeekClose
from tests.config.test_structure import PROJECT
from tests.factories import DriverFactory, UserFactory
from tests.ledger.proofs import charge
from tests.owner import as_owner

TOKEN = "a-token-of-twenty-signs-or-more"


@pytest.fixture(autouse=True)
def _asked_here_and_anew(monkeypatch) -> None:
    monkeypatch.setattr(probes, "FRESH", 0)
    monkeypatch.setattr(probes, "start_thread", lambda run: run())
    monkeypatch.setattr(probes, "own_connection", lambda seconds: nullcontext())


@pytest.fixture(autouse=True)
def _token(settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(**headers: str) -> Any:
    return Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}", **headers})


def read_figures() -> dict[tuple[str, ...], float]:
    """Each figure of the fleet's, by its name and its labels' values."""
    families = text_string_to_metric_families(scrape().content.decode())
    return {
        (one.name.removeprefix("fleet_"), *one.labels.values()): one.value
        for family in families
        for one in family.samples
        if one.name.startswith("fleet_")
    }


class TestWhoReadsIt:
    @pytest.mark.parametrize("shown", ["", TOKEN, f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", "Bearer é"])
    def test_nobody_without_the_token(self, shown):
        answer = Client().get("/metrics", headers={"authorization": shown} if shown else {})

        assert (answer.status_code, answer.content) == (401, b"")
        assert answer["WWW-Authenticate"] == 'Bearer realm="metrics"'

    def test_without_one_in_the_settings_there_is_no_page(self, settings):
        settings.METRICS_TOKEN = ""

        assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404

    def test_a_token_that_could_be_guessed_is_refused(self):
        refuse_weak_token("")
        refuse_weak_token(TOKEN)
        with pytest.raises(SystemExit, match="METRICS_TOKEN must be a random text of 20 characters"):
            refuse_weak_token("secret")

    @pytest.mark.django_db
    def test_by_any_host_over_plain_http(self, settings):
        settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, []

        assert scrape(host="10.0.0.5:8000").status_code == 200


@pytest.mark.django_db
class TestFigures:
    def test_all_of_them_by_few_statements(self, django_assert_num_queries):
        AuditRun.objects.create(finished_at=timezone.now())
        with django_assert_num_queries(10):
            answer = scrape()

        assert answer["Content-Type"].startswith("text/plain")

    def test_each_promise_has_a_figure(self):
        now = timezone.now()
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        run = AuditRun.objects.create(finished_at=now - timedelta(hours=5), findings=3)
        AuditResult.objects.create(run=run, name="core.tried", promise="x", findings=3, seconds=0)
        AuditResult.objects.create(run=run, name="core.well", promise="x", findings=0, seconds=0)
        with as_owner():
            Backup.objects.create(taken_at=now - timedelta(hours=7), size=1)
        last = week_of(timezone.localdate()).previous.previous.previous
        WeekClose.objects.create(week_end=last.end, state="CLOSED", finished_at=now - timedelta(days=9))
        opened = WeekClose.objects.create(week_end=last.next.end)
        CloseBatch.objects.create(week=opened, step=1, number=1, driver_ids=[driver.pk], failed_at=now)

        told = read_figures()

        assert told["up", "database"] == 1
        assert told["migrations_missing",] == 0
        assert round(told["close_age_seconds",] / 86400) == 9
        assert told["close_overdue_seconds",] > 0
        assert (told["close_open",], told["close_batches_failed",]) == (1, 1)
        assert round(told["audit_age_seconds",] / 3600) == 5
        assert round(told["backup_age_seconds",] / 3600) == 7
        assert (told["audit_findings", "core.tried"], told["audit_findings", "core.well"]) == (3, 0)
        assert {stack.name for stack in list_stacks()} == {key[1] for key in told if key[0] == "waiting"}
        assert told["waiting", "dtr.failed"] == 1
        assert told["seal_waiting_rows",] == 1
        assert told["events_lag_seconds",] >= 0
        assert told["disk_free_bytes",] > 0

    def test_what_nobody_has_done_yet_has_no_age(self):
        told = read_figures()

        assert not {"close_age_seconds", "audit_age_seconds", "backup_age_seconds"} & {key[0] for key in told}
        assert ("close_overdue_seconds",) not in told

    def test_a_session_of_somebody_counts(self, client):
        before = read_figures()["signed_in",]
        client.force_login(UserFactory.create())

        assert read_figures()["signed_in",] == before + 1


def test_a_store_that_is_silent_takes_no_other_with_it(monkeypatch, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"

    def refuse(**given: Any) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(metrics, "read_figures", refuse)

    told = read_figures()

    assert {key: value for key, value in told.items() if key[0] == "up"} == {
        ("up", "database"): 0,
        ("up", "redis"): 0,
        ("up", "disk"): 1,
    }
    assert told["disk_free_bytes",] > 0


def test_requests_are_counted_by_view_and_nothing_that_a_stranger_makes_up():
    for path in ("/no-such-page-1", "/no-such-page-2"):
        Client().generic("BREW", path)
    exported = scrape().content.decode()

    assert "no-such-page" not in exported
    assert "BREW" not in exported
    counted = re.findall(r"django_http_responses_total_by_status_view_method_total\{(.*)\}", exported)
    assert 'method="other",status="404",view="<unnamed view>"' in counted


@pytest.mark.django_db
def test_the_document_names_each_figure_and_its_alarms_no_other(monkeypatch):
    monkeypatch.setattr(heartbeat, "_KEY", f"fleet:test:{uuid4()}:{{}}")
    now = timezone.now()
    with as_owner():
        Backup.objects.create(taken_at=now, size=1)
    run = AuditRun.objects.create(finished_at=now)
    AuditResult.objects.create(run=run, name="core.tried", promise="x", findings=0, seconds=0)
    WeekClose.objects.create(week_end=week_of(timezone.localdate()).previous.end, state="CLOSED", finished_at=now)
    document = (PROJECT / "docs" / "watching.md").read_text()

    with heartbeat.open_redis() as redis:
        redis.set(heartbeat._KEY.format("worker"), "here", ex=heartbeat._KEEP_SECONDS)
        there = {f"fleet_{key[0]}" for key in read_figures()} | {"fleet_waiting_days"}
        redis.delete(heartbeat._KEY.format("worker"))

    table = document[document.index("| figure |") : document.index("`django_http_")]
    of_a_pool = {"fleet_pool_size", "fleet_pool_available", "fleet_pool_requests_waiting"}
    assert set(re.findall(r"fleet_\w+", table)) == there | of_a_pool
    assert set(re.findall(r"fleet_\w+", document)) == there | of_a_pool
