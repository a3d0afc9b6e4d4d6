"""PostgreSQL and Redis, as who supervises the product sees them: ours are started again, and anybody's are asked."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis, RedisError

from config import embedded
from config.embedded import EmbeddedServerError

_ASK_SECONDS = 3
_LONGEST_PAUSE = 30.0


@dataclass
class Stores:
    """The two servers that everything needs. Each is ours, and runs in ``data_dir``, or somebody else's."""

    data_dir: Path
    has_own_postgres: bool
    has_own_redis: bool
    #: What psycopg connects with, and Redis's address.
    database: Mapping[str, Any]
    redis_url: str
    tell: Callable[[str], None]
    _pause: float = 1.0
    _again_at: float = field(default=0.0)

    def keep(self) -> None:
        """Start again what is ours and was killed; where that fails, say why, and try later, as often as it takes.

        They did run before, so whatever hinders them now (a full disk, say) may pass.
        """
        if time.monotonic() < self._again_at:
            return
        dead = embedded.list_dead(self.data_dir, needs_postgres=self.has_own_postgres, needs_redis=self.has_own_redis)
        if not dead:
            self._pause = 1.0
            return
        self.tell(f"{' and '.join(dead)} ended, or did not start; started again.")
        try:
            embedded.hold(self.data_dir, needs_postgres=self.has_own_postgres, needs_redis=self.has_own_redis)
        except EmbeddedServerError as reason:
            self.tell(f"That failed, and is tried again in {self._pause:.0f} s: {_last_word_of(reason)}")
        self._again_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def find_silent(self) -> str:
        """Return the name of one that does not answer, or nothing."""
        try:
            psycopg.connect(**{**self.database, "connect_timeout": _ASK_SECONDS}).close()
        except psycopg.Error:
            return "PostgreSQL"
        try:
            with Redis.from_url(
                self.redis_url, socket_timeout=_ASK_SECONDS, socket_connect_timeout=_ASK_SECONDS
            ) as asked:
                asked.ping()
        except (RedisError, OSError):
            return "Redis"
        return ""


def _last_word_of(reason: Exception) -> str:
    """Return the line of a server's log that says why."""
    lines = str(reason).strip().splitlines() or [type(reason).__name__]
    return next((line for line in reversed(lines) if "FATAL" in line or "No space" in line), lines[-1]).strip()
