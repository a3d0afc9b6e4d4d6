"""`GET /healthz`: 200 when all answer, 503 naming what does not."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from config import health


@pytest.fixture
def sign_in(monkeypatch):
    """A worker's signature in Redis, under a name that no worker uses."""
    monkeypatch.setattr(health, "_HEARTBEAT_KEY", f"fleet:test:{uuid4()}")
    with health._redis() as redis:
        redis.set(health._HEARTBEAT_KEY, "test", ex=30)
        yield
        redis.delete(health._HEARTBEAT_KEY)


@pytest.mark.django_db
class TestHealthz:
    def test_all_is_well(self, client: Client, sign_in, django_assert_num_queries):
        with django_assert_num_queries(1):
            answer = client.get("/healthz")

        assert (answer.status_code, answer.json()) == (200, {"database": "ok", "redis": "ok", "worker": "ok"})

    def test_no_worker(self, client: Client, monkeypatch):
        monkeypatch.setattr(health, "_HEARTBEAT_KEY", "fleet:nobody-signs-here")

        answer = client.get("/healthz")

        assert (answer.status_code, answer.json()) == (503, {"database": "ok", "redis": "ok", "worker": "fails"})

    def test_no_redis(self, client: Client, settings):
        settings.REDIS_URL = "unix:///nowhere/redis.sock"

        answer = client.get("/healthz")

        assert (answer.status_code, answer.json()) == (503, {"database": "ok", "redis": "fails", "worker": "fails"})

    def test_no_database(self, client: Client, sign_in, monkeypatch):
        def refuse() -> None:
            raise ConnectionError("no route")

        monkeypatch.setattr(connection, "cursor", refuse)

        answer = client.get("/healthz")

        assert (answer.status_code, answer.json()) == (503, {"database": "fails", "redis": "ok", "worker": "ok"})
        assert "no route" not in answer.content.decode()

    def test_answers_plain_http_behind_a_proxy(self, client: Client, settings, sign_in):
        settings.SECURE_SSL_REDIRECT = True

        assert client.get("/healthz").status_code == 200
