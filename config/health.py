"""`GET /healthz`: do the database, Redis and a Celery worker answer? And how far sealing is."""

import logging
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis import Redis

from ledger.selectors import get_sealing

logger = logging.getLogger(__name__)

_HEARTBEAT_KEY = "fleet:worker-heartbeat"
_BEAT_SECONDS = 5
_MISSING_AFTER_SECONDS = 3 * _BEAT_SECONDS


class Heartbeat(bootsteps.StartStopStep):
    """Makes a Celery worker sign in Redis every few seconds: cheaper and quicker to ask than the worker itself."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.redis = _redis()
        self.entry: Any = None

    def start(self, worker: Any) -> None:
        self.entry = worker.timer.call_repeatedly(_BEAT_SECONDS, self.beat, (worker.hostname,))
        self.beat(worker.hostname)

    def stop(self, worker: Any) -> None:
        if self.entry is not None:
            self.entry.cancel()

    def beat(self, hostname: str) -> None:
        try:
            self.redis.set(_HEARTBEAT_KEY, hostname, ex=_MISSING_AFTER_SECONDS)
        except Exception:
            logger.warning("The worker's heartbeat was not written", exc_info=True)


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all is well, and 503 naming what fails.

    How far sealing is comes with it, and is no reason to fail: whoever watches the fleet watches the figures.
    """
    report = {
        "database": _ask(_check_database, "database"),
        "redis": _ask(_check_redis, "redis"),
        "worker": _ask(_check_worker, "worker"),
    }
    is_well = set(report.values()) == {"ok"}
    seals = _tell_seals() if report["database"] == "ok" else None
    return JsonResponse({**report, "seals": seals}, status=200 if is_well else 503)


def worker_signed_in() -> bool:
    """Return whether a Celery worker has signed within the last seconds."""
    with _redis() as redis:
        return bool(redis.exists(_HEARTBEAT_KEY))


def _ask(check: Callable[[], None], name: str) -> str:
    """Run ``check``; its reason to fail goes to the log alone, since anybody may ask for the report."""
    try:
        check()
    except Exception as error:
        logger.warning("Health: %s fails: %s", name, error)
        return "fails"
    return "ok"


def _tell_seals() -> dict[str, Any] | None:
    """The head of the seals, and what waits for its seal; None where that can't be told now."""
    try:
        sealing = get_sealing()
    except DatabaseError as error:
        logger.warning("Health: the seals can't be read: %s", error)
        return None
    return {
        "number": sealing.number,
        "head": sealing.digest,
        "waiting_rows": sealing.waiting_rows,
        "lag_seconds": sealing.lag_seconds,
    }


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_redis() -> None:
    with _redis() as redis:
        redis.ping()


def _check_worker() -> None:
    if not worker_signed_in():
        raise TimeoutError(f"no worker has signed in for {_MISSING_AFTER_SECONDS} seconds")


def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
