"""Where this process runs, by its variables: a person's own machine, or a server; half a server is refused."""

from collections.abc import Mapping

#: Whoever gives one of these means a server; a switch that is off says nothing.
_SAY_SERVER = (
    *("DATABASE_URL", "MIGRATE_DATABASE_URL", "REPLICA_DATABASE_URL", "REDIS_URL", "SECRET_KEY"),
    *("SECRET_KEY_FALLBACKS", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "BEHIND_PROXY"),
)
_STORES = ("DATABASE_URL", "REDIS_URL")
_OFF = {"", "0", "false", "no", "off"}

#: What Django's own check of a key asks for.
_KEY_LENGTH = 50
_KEY_CHARACTERS = 5
_TOKEN_LENGTH = 20


def refuse_half_a_server(environment: Mapping[str, str]) -> None:
    """End this process with one sentence where a server is meant and one of its stores is not given.

    An empty PostgreSQL or Redis of our own in its place would look well, and nothing of the fleet's would be in it.
    """
    told = [name for name in _SAY_SERVER if environment.get(name, "").strip().lower() not in _OFF]
    missing = [name for name in _STORES if not environment.get(name)]
    if told and missing:
        raise SystemExit(
            f"{' and '.join(told)} mean{'s' if len(told) == 1 else ''} a server, but {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not set (a name may be misspelt), so nothing was started. "
            "On your own machine set FLEET_LOCAL=1 to have what is missing started for you."
        )


def refuse_weak_token(token: str) -> None:
    """End this process with one sentence where the token of /metrics could be guessed."""
    if token and len(token) < _TOKEN_LENGTH:
        raise SystemExit(
            f"METRICS_TOKEN must be a random text of {_TOKEN_LENGTH} characters or more, so nothing was started. "
            'This makes one: python3 -c "import secrets; print(secrets.token_urlsafe(24))"'
        )


def refuse_weak_key(key: str) -> None:
    """End this process with one sentence where whoever guesses the key could sign in as anybody."""
    if len(key) < _KEY_LENGTH or len(set(key)) < _KEY_CHARACTERS or key.startswith("django-insecure-"):
        raise SystemExit(
            f"SECRET_KEY must be a long random text of {_KEY_LENGTH} characters or more, so nothing was started. "
            'This makes one: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
