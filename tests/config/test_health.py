"""`GET /healthz`: 200 when all answer, 503 naming what does not."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from config import heartbeat
from ledger import services as ledger
from ledger.models import Seal
from tests.factories import DriverFactory
from tests.ledger.proofs import charge


@pytest.fixture
def sign_in(monkeypatch):
    """A worker's signature in Redis, under a name that no worker uses."""
    monkeypatch.setattr(heartbeat, "_HEARTBEAT_KEY", f"fleet:test:{uuid4()}")
    with heartbeat.open_redis() as redis:
        redis.set(heartbeat._HEARTBEAT_KEY, "test", ex=30)
        yield
        redis.delete(heartbeat._HEARTBEAT_KEY)


def told_by(answer: Any) -> dict[str, str]:
    """What it says of the servers."""
    report: dict[str, Any] = answer.json()
    del report["seals"]
    return report


@pytest.mark.django_db
class TestHealthz:
    def test_all_is_well(self, client: Client, sign_in, django_assert_num_queries):
        with django_assert_num_queries(3):
            answer = client.get("/healthz")

        assert (answer.status_code, told_by(answer)) == (200, {"database": "ok", "redis": "ok", "worker": "ok"})

    def test_tells_how_far_sealing_is(self, client: Client):
        charge(DriverFactory.create(), "MISC-1")
        before = client.get("/healthz").json()["seals"]
        assert (before["number"], before["head"], before["waiting_rows"]) == (0, "", 1)
        ledger.seal_rows()
        after = client.get("/healthz").json()["seals"]
        assert after == {"number": 1, "head": Seal.objects.get().digest, "waiting_rows": 0, "lag_seconds": 0}

    def test_no_worker(self, client: Client, monkeypatch):
        monkeypatch.setattr(heartbeat, "_HEARTBEAT_KEY", "fleet:nobody-signs-here")

        answer = client.get("/healthz")

        assert (answer.status_code, told_by(answer)) == (503, {"database": "ok", "redis": "ok", "worker": "fails"})

    def test_no_redis(self, client: Client, settings):
        settings.REDIS_URL = "unix:///nowhere/redis.sock"

        answer = client.get("/healthz")

        assert (answer.status_code, told_by(answer)) == (503, {"database": "ok", "redis": "fails", "worker": "fails"})

    def test_no_database(self, client: Client, sign_in, monkeypatch):
        def refuse() -> None:
            raise ConnectionError("no route")

        monkeypatch.setattr(connection, "cursor", refuse)

        answer = client.get("/healthz")

        assert (answer.status_code, told_by(answer)) == (503, {"database": "fails", "redis": "ok", "worker": "ok"})
        assert "no route" not in answer.content.decode()

    def test_answers_plain_http_behind_a_proxy(self, client: Client, settings, sign_in):
        settings.SECURE_SSL_REDIRECT = True

        assert client.get("/healthz").status_code == 200
