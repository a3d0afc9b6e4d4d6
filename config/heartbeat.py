"""Signs of life in Redis: a Celery worker's, and beat's. Asked before the apps are there, so it knows none of them."""

import logging
from dataclasses import dataclass
from typing import Any

from celery import bootsteps
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

WORKER, BEAT = "worker", "beat"
_KEY = "fleet:{}-heartbeat"
_BEAT_SECONDS = 5
MISSING_AFTER_SECONDS = 3 * _BEAT_SECONDS
#: Beat sends what is due before it signs again.
BEAT_MISSING_AFTER_SECONDS = 30
#: So long a sign is kept: what is left of that tells its age, by the clock of Redis alone.
_KEEP_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of life of a part: seconds since, and on which machine."""

    age: float
    host: str


class Signature:
    """How a part signs: a Redis that does not answer is told once, and once when it does again."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.redis = open_redis()
        self.is_lost = False

    def sign(self, host: str) -> None:
        try:
            self.redis.set(_KEY.format(self.part), host, ex=_KEEP_SECONDS)
        except Exception as error:
            if not self.is_lost:
                logger.warning("The sign of life of %s was not written: %s", self.part, error)
            self.is_lost = True
        else:
            if self.is_lost:
                logger.warning("The sign of life of %s is written again.", self.part)
            self.is_lost = False


class Heartbeat(bootsteps.StartStopStep):
    """Makes a Celery worker sign every few seconds: cheaper and quicker to ask than the worker itself."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.signature = Signature(WORKER)
        self.entry: Any = None

    def start(self, worker: Any) -> None:
        self.entry = worker.timer.call_repeatedly(_BEAT_SECONDS, self.signature.sign, (worker.hostname,))
        self.signature.sign(worker.hostname)

    def stop(self, worker: Any) -> None:
        if self.entry is not None:
            self.entry.cancel()


def read_signs(redis: Redis) -> dict[str, Sign]:
    """Return the last sign of worker and beat, of each that has signed within a week; one round trip."""
    parts = (WORKER, BEAT)
    pipeline = redis.pipeline(transaction=False)
    for part in parts:
        pipeline.pttl(_KEY.format(part))
        pipeline.get(_KEY.format(part))
    told = iter(pipeline.execute())
    found = {part: (next(told), next(told)) for part in parts}
    return {
        part: Sign(_KEEP_SECONDS - left / 1000, (host or b"").decode(errors="replace"))
        for part, (left, host) in found.items()
        if left >= 0
    }


def worker_signed_in() -> bool:
    """Return whether a Celery worker has signed within the last seconds."""
    with open_redis() as redis:
        return is_alive(WORKER, read_signs(redis))


def is_alive(part: str, signs: dict[str, Sign]) -> bool:
    """Return whether a part has signed lately."""
    most = BEAT_MISSING_AFTER_SECONDS if part == BEAT else MISSING_AFTER_SECONDS
    return part in signs and signs[part].age < most


def open_redis(*, seconds: float = 2) -> Redis:
    """Return Redis as it is asked here: once, and not for longer than so many seconds."""
    once = Retry(NoBackoff(), retries=0)
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=seconds, socket_connect_timeout=seconds, retry=once, retry_on_timeout=False
    )
