"""The settings of a streaming replica that reports and files are read from; `core.replica` says when."""

from typing import Any

from config.databases import database_from_url, with_pool

#: libpq's least; whoever opens a report waits as long when the replica is gone, once in half a minute.
_CONNECT_SECONDS = 2
#: What was sent and is not acknowledged by then was sent to nobody.
_TCP_MILLISECONDS = 5000


def read_replica(url: str) -> dict[str, Any] | None:
    """Return Django's settings of the replica, without a pool; None where there is none."""
    if not url:
        return None
    database = database_from_url(url)
    bounds = {"connect_timeout": _CONNECT_SECONDS, "tcp_user_timeout": _TCP_MILLISECONDS}
    return with_pool({**database, "OPTIONS": {**bounds, **database["OPTIONS"]}}, threads=0)
