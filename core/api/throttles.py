"""How often: each token or user so many requests a minute, each address so many that are let in by nobody's name.

Redis counts, for all processes together. Where it does not answer nobody is held up: tills work without it.
"""

import logging
import threading
import time
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from core.doors.addresses import address_of

logger = logging.getLogger(__name__)

#: What its counts are called in Redis.
PREFIX = "fleet:api:"
_WINDOW_MS = 60_000
_ANSWER_SECONDS = 0.5
#: For how long a Redis that did not answer is not asked again.
_REST_SECONDS = 10.0

# One step, so that no process ever leaves a count without its end.
_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


class Health:
    """Whether Redis answers, so that an outage is logged once and slows nobody down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_down = False
        self._ask_again_at = 0.0

    def may_ask(self) -> bool:
        with self._lock:
            return not self._is_down or time.monotonic() >= self._ask_again_at

    def failed(self, error: Exception) -> None:
        with self._lock:
            was_down, self._is_down = self._is_down, True
            self._ask_again_at = time.monotonic() + _REST_SECONDS
        if not was_down:
            logger.warning("Redis does not answer, so the API counts nobody's requests: %s", error)

    def answered(self) -> None:
        with self._lock:
            was_down, self._is_down = self._is_down, False
        if was_down:
            logger.warning("Redis answers again; the API counts requests.")


health = Health()


def count_request(caller: str) -> None:
    """Count a request of a caller who is known, as ``token:7``.

    :raises Throttled: there were too many in this minute
    """
    limit = settings.API_REQUESTS_PER_MINUTE
    wait = _count(caller, limit)
    if wait is not None:
        raise Throttled(wait, f"More than {limit:,} requests in a minute.")


def find_throttle_of_strangers(request: Request | HttpRequest) -> Throttled | None:
    """Count a request that nobody is known by; return the refusal where its address sent too many in this minute.

    A good token is let in all the same: one program with an old token must not shut out the tills behind the same
    address, and 256 random bits are not guessed.
    """
    limit = settings.API_REFUSED_PER_MINUTE
    wait = _count(f"address:{address_of(request)}", limit)
    if wait is None:
        return None
    return Throttled(wait, f"More than {limit:,} requests in a minute without a token that is good.")


def find_wait(name: str, limit: int, *, seconds: int) -> float | None:
    """Count something that may be asked so often in so many seconds; return for how long there is no more room."""
    return _count(name, limit, window_ms=seconds * 1000)


def _count(name: str, limit: int, *, window_ms: int = _WINDOW_MS) -> float | None:
    """Return for how many seconds there is no more room, or None where there is."""
    if not limit or not health.may_ask():
        return None
    try:
        count, left_ms = _redis(settings.REDIS_URL).eval(_COUNT, 1, f"{PREFIX}{name}", window_ms)
    except (RedisError, OSError) as error:
        health.failed(error)
        return None
    health.answered()
    return max(left_ms, 1) / 1000 if count > limit else None


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
