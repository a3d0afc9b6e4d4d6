"""The database settings, from a URL or for the embedded server."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from config.embedded import Address

#: How long a thread waits for a connection of the pool before the request is answered 503.
_POOL_TIMEOUT_SECONDS = 5
#: How long a connection may take to be made; libpq itself would wait for a host that is gone as long as TCP does.
_CONNECT_TIMEOUT_SECONDS = 5
#: A server that is gone without a word (its host, a cable) is noticed within half a minute, where TCP takes hours. On a
#: socket libpq asks for none of it.
_NOTICED = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}


class UnsupportedDatabase(ValueError):
    """DATABASE_URL names something other than PostgreSQL."""


def database_from_url(url: str) -> dict[str, Any]:
    """Return Django's settings for `postgresql://user:password@host:port/name?option=value` (libpq's own options)."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise UnsupportedDatabase(f"DATABASE_URL must begin with postgresql://, and not with {parts.scheme}://")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def database_for_owner(url: str, product: dict[str, Any]) -> dict[str, Any]:
    """Return Django's settings for migrations: those of ``url``, or, where there is none, the product's own.

    :raises UnsupportedDatabase: there are two roles, and the product's is not named
    """
    if not url:
        return product
    if not product["USER"]:
        raise UnsupportedDatabase("With MIGRATE_DATABASE_URL, DATABASE_URL must name its user, who is granted what.")
    return database_from_url(url)


def database_from_address(address: Address, role: str) -> dict[str, Any]:
    """Return Django's settings for the embedded server, as one of its roles."""
    return {
        "NAME": address.postgres_name,
        "USER": role,
        "HOST": address.postgres_host,
        "OPTIONS": {},
    }


def with_pool(database: dict[str, Any], *, threads: int) -> dict[str, Any]:
    """Return ``database`` with a connection pool for ``threads`` threads; none for 0."""
    options = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS, **_NOTICED, **database["OPTIONS"]}
    database = {**database, "ENGINE": "core.postgresql", "OPTIONS": options}
    if threads:
        pool = {"min_size": 0, "max_size": threads, "timeout": _POOL_TIMEOUT_SECONDS}
        database["OPTIONS"] = {**database["OPTIONS"], "pool": pool}
        # One that died with its server is replaced before it is handed out (core/postgresql/base.py).
    return database
