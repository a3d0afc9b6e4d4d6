"""`/livez`, `/readyz`, `/healthz`: 200 when all is well, 503 naming what is not; to whoever asks, in time."""

import json
import logging
import socket
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as at_work
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from config import heartbeat
from config.beat import SigningScheduler
from config.celery import app
from config.watching import health, probes, stores
from core.models import AuditRun, Backup
from core.weeks import week_of
from dtr.models import WeekClose
from ledger import services as ledger
from ledger.models import Seal
from tests.factories import DriverFactory
from tests.ledger.proofs import charge
from tests.owner import as_owner

WELL = dict.fromkeys(("database", "schema", "static", "redis", "worker", "beat", "disk"), "ok")


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch) -> None:
    """Each question is asked, however short it is after another."""
    monkeypatch.setattr(probes, "FRESH", 0)
    health._failing.clear()


@pytest.fixture
def _here(monkeypatch) -> None:
    """The questions are asked by this thread, within the test's own transaction."""
    monkeypatch.setattr(probes, "start_thread", lambda run: run())
    monkeypatch.setattr(probes, "own_connection", lambda seconds: nullcontext())


@pytest.fixture
def signs(monkeypatch) -> Iterator[dict[str, heartbeat.Signature]]:
    """Worker and beat have signed, under names that none uses."""
    monkeypatch.setattr(heartbeat, "_KEY", f"fleet:test:{uuid4()}:{{}}")
    made = {part: heartbeat.Signature(part) for part in (heartbeat.WORKER, heartbeat.BEAT)}
    for part, signature in made.items():
        signature.sign(f"{part}@here")
    yield made
    for signature in made.values():
        signature.redis.delete(heartbeat._KEY.format(signature.part))
        signature.redis.close()


@pytest.fixture
def _database_that_hangs(monkeypatch) -> Iterator[None]:
    """It takes the connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = {**connections.settings["default"], "HOST": "127.0.0.1", "PORT": str(server.getsockname()[1])}
        monkeypatch.setitem(connections.settings, "default", there)
        yield


def servers_of(answer: Any) -> dict[str, str]:
    report: dict[str, Any] = answer.json()
    return {name: state for name, state in report.items() if name not in ("close", "audit", "backup", "seals")}


@pytest.mark.django_db
@pytest.mark.usefixtures("_here")
class TestHealthz:
    def test_all_is_well(self, client: Client, signs, django_assert_num_queries):
        with django_assert_num_queries(7):
            answer = client.get("/healthz")

        assert (answer.status_code, servers_of(answer)) == (200, WELL)
        told = dict.fromkeys(("close", "audit", "backup"), "none")
        assert answer.json() | {"seals": None} == {**WELL, **told, "seals": None}

    def test_tells_how_far_sealing_is(self, client: Client):
        charge(DriverFactory.create(), "MISC-1")
        before = client.get("/healthz").json()["seals"]
        assert (before["number"], before["head"], before["waiting_rows"]) == (0, "", 1)
        ledger.seal_rows()
        after = client.get("/healthz").json()["seals"]
        assert after == {"number": 1, "head": Seal.objects.get().digest, "waiting_rows": 0, "lag_seconds": 0}

    @pytest.mark.parametrize(
        ("findings", "hours", "told"), [(0, 3, "ok"), (0, 27, "fails"), (2, 3, "fails")], ids=["well", "old", "wrong"]
    )
    def test_tells_how_the_last_audit_ended_and_is_well_all_the_same(self, client, signs, findings, hours, told):
        AuditRun.objects.create(findings=findings, finished_at=timezone.now() - timedelta(hours=hours))

        answer = client.get("/healthz")

        assert (answer.status_code, answer.json()["audit"]) == (200, told)

    @pytest.mark.parametrize(("hours", "told"), [(25, "ok"), (27, "fails")])
    def test_tells_how_old_the_last_backup_is_and_is_well_all_the_same(self, client, signs, hours, told):
        with as_owner():
            for age in (50, hours):
                Backup.objects.create(taken_at=timezone.now() - timedelta(hours=age), size=2**21)

        answer = client.get("/healthz")

        assert (answer.status_code, answer.json()["backup"]) == (200, told)

    @pytest.mark.parametrize(("weeks", "told"), [(1, "ok"), (3, "fails")])
    def test_tells_a_close_that_is_late(self, client, signs, weeks, told):
        week = week_of(timezone.localdate() - timedelta(weeks=weeks))
        WeekClose.objects.create(week_end=week.end, state="CLOSED", finished_at=timezone.now())

        answer = client.get("/healthz")

        assert (answer.status_code, answer.json()["close"]) == (200, told)

    @pytest.mark.parametrize("part", ["worker", "beat"])
    def test_a_part_that_does_not_sign(self, client: Client, signs, part):
        key = heartbeat._KEY.format(part)
        signs[part].redis.pexpire(key, (heartbeat._KEEP_SECONDS - 31) * 1000)  # signed 31 seconds ago

        answer = client.get("/healthz")

        assert (answer.status_code, servers_of(answer)) == (503, {**WELL, part: "fails"})

    def test_no_redis(self, client: Client, settings):
        settings.REDIS_URL = "unix:///nowhere/redis.sock"

        answer = client.get("/healthz")

        gone = dict.fromkeys(("redis", "worker", "beat"), "fails")
        assert (answer.status_code, servers_of(answer)) == (503, {**WELL, **gone})

    def test_a_full_disk(self, client: Client, signs, monkeypatch):
        monkeypatch.setattr(health.disk_probe, "_ask", lambda: stores.Disk(free=499 * 2**20, size=2**40))

        assert servers_of(client.get("/healthz")) == {**WELL, "disk": "fails"}

    def test_a_reason_is_in_the_log_once_and_nowhere_else(self, client: Client, signs, monkeypatch, caplog):
        def refuse() -> None:
            raise ConnectionError("no route to 10.0.0.7")

        with monkeypatch.context() as gone:
            gone.setattr(connection, "cursor", refuse)
            answers = [client.get("/healthz") for _ in range(2)]
        client.get("/healthz")

        for answer in answers:
            assert servers_of(answer) == {**WELL, "database": "fails", "schema": "fails"}
            assert "10.0.0.7" not in answer.content.decode()
        told = [record.getMessage() for record in caplog.records if "database" in record.getMessage()]
        assert not [record for record in caplog.records if record.name == "django.request"]
        assert told[0] == "Health: database fails: no route to 10.0.0.7"
        assert told[-1] == "Health: database is ok again."
        assert len([words for words in told if words.startswith("Health: database fails")]) == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("_here")
class TestReadyz:
    def test_people_may_come_without_redis(self, client: Client, settings, django_assert_num_queries):
        settings.REDIS_URL = "unix:///nowhere/redis.sock"

        with django_assert_num_queries(1):
            answer = client.get("/readyz")

        assert (answer.status_code, answer.json()) == (200, {"database": "ok", "schema": "ok", "static": "ok"})

    def test_a_migration_is_missing(self, client: Client, monkeypatch, caplog):
        ours = stores._list_migrations() | {("core", "9999_to_come")}
        monkeypatch.setattr(stores, "_list_migrations", lambda: ours)

        answer = client.get("/readyz")

        assert (answer.status_code, answer.json()) == (503, {"database": "ok", "schema": "fails", "static": "ok"})
        assert "lacks core.9999_to_come of 1 migrations" in caplog.text

    def test_a_database_that_is_ahead_is_no_trouble(self, client: Client, monkeypatch):
        ours = stores._list_migrations() - {("core", "0002_guards")}
        monkeypatch.setattr(stores, "_list_migrations", lambda: ours)

        assert client.get("/readyz").status_code == 200

    def test_static_files_were_not_collected(self, client: Client, monkeypatch, settings, tmp_path):
        settings.STATIC_ROOT = tmp_path
        monkeypatch.setattr(stores, "staticfiles_storage", ManifestStaticFilesStorage(location=tmp_path))
        assert client.get("/readyz").json()["static"] == "fails"

        (tmp_path / "staticfiles.json").write_text(
            json.dumps({"version": "1.1", "paths": {"core/admin.css": "core/admin.1.css"}, "hash": ""})
        )
        monkeypatch.setattr(stores, "staticfiles_storage", ManifestStaticFilesStorage(location=tmp_path))
        assert client.get("/readyz").json()["static"] == "fails"  # its file is not there

        (tmp_path / "core").mkdir()
        (tmp_path / "core" / "admin.1.css").touch()
        assert client.get("/readyz").json()["static"] == "ok"


class TestWhoeverAsks:
    @pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz"])
    @pytest.mark.usefixtures("_database_that_hangs")
    def test_is_answered_by_any_host_over_plain_http_while_the_database_hangs(self, path, settings):
        settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["ledger.example.com"]
        settings.REDIS_URL = "unix:///nowhere/redis.sock"

        answer = Client().get(path, headers={"host": "10.0.0.5:8000"})

        assert answer.json().get("database") == (None if path == "/livez" else "fails")
        assert answer.status_code == (200 if path == "/livez" else 503)

    def test_livez_asks_nothing(self, django_assert_num_queries):
        answer = Client().get("/livez")

        assert (answer.status_code, answer.json()) == (200, {"process": "ok"})

    def test_nothing_is_sent_there(self):
        assert Client().post("/healthz").status_code == 405


class TestProbe:
    def test_what_hangs_holds_one_thread(self, monkeypatch):
        started: list[Any] = []
        monkeypatch.setattr(probes, "start_thread", started.append)
        probe = probes.Probe(lambda: 7)

        asked = [probe.begin() for _ in range(3)]
        for answer in asked:
            with pytest.raises(probes.NoAnswer):
                probes.Deadline(0).wait_for(answer)
        (run,) = started
        run()

        assert [probes.Deadline(0).wait_for(answer) for answer in asked] == [7, 7, 7]

    def test_an_answer_is_good_for_a_moment(self, monkeypatch):
        monkeypatch.setattr(probes, "FRESH", 60)
        monkeypatch.setattr(probes, "start_thread", lambda run: run())
        answers = iter(range(2))
        probe = probes.Probe(lambda: next(answers))

        assert [probe.begin().result() for _ in range(3)] == [0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_it_asks_beside_the_pool_by_a_connection_that_ends():
    """The real thing, thread and all: what a server does."""
    asked = health.schema_probe.begin().result(30)

    assert asked.missing == ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() != ("1500ms",)


@pytest.mark.django_db(transaction=True)
def test_beat_signs_by_itself_after_a_round(signs):
    signs["beat"].redis.delete(heartbeat._KEY.format("beat"))
    scheduler = SigningScheduler(app=app, lazy=True)

    with heartbeat.open_redis() as redis:
        assert not heartbeat.is_alive("beat", heartbeat.read_signs(redis))
        scheduler.tick()
        assert heartbeat.is_alive("beat", heartbeat.read_signs(redis))
    assert at_work.CELERY_BEAT_SCHEDULER == "config.beat:SigningScheduler"


def test_a_lost_redis_is_told_once_and_once_when_it_is_back(signs, caplog, monkeypatch):
    signature = signs["worker"]
    lost = signature.redis
    with monkeypatch.context() as gone, heartbeat.open_redis() as elsewhere:
        elsewhere.connection_pool.connection_kwargs.update(path="/nowhere/redis.sock", host="127.0.0.1", port=1)
        gone.setattr(signature, "redis", elsewhere)
        for _ in range(3):
            signature.sign("here")
    signature.redis = lost
    signature.sign("here")

    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [words.split(":")[0] for words in told] == [
        "The sign of life of worker was not written",
        "The sign of life of worker is written again.",
    ]
