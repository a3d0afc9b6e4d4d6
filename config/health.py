"""`GET /healthz`: do the database, Redis and a Celery worker answer? And how far sealing is."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from config.heartbeat import MISSING_AFTER_SECONDS, open_redis, worker_signed_in
from ledger.selectors import get_sealing

logger = logging.getLogger(__name__)


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
    with open_redis() as redis:
        redis.ping()


def _check_worker() -> None:
    if not worker_signed_in():
        raise TimeoutError(f"no worker has signed in for {MISSING_AFTER_SECONDS} seconds")
