"""API tokens: made, found by a request's secret, revoked."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q

from core.errors import TokenNameInvalid, TokenNameTaken, TokenNotFound
from core.models import ApiToken
from core.transactions import bounded_transaction

#: So that a token is recognized where it should not be: in a log, in a repository.
PREFIX = "fleet_"
_BYTES = 32
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; ``secret`` can be had this once only."""

    row: ApiToken
    secret: str


def create_api_token(*, user: User, name: str, expires_at: datetime | None = None) -> NewToken:
    """Make a token with which a program acts as ``user``.

    :raises TokenNameInvalid: empty, or longer than 80 characters
    :raises TokenNameTaken: the user has a token of this name that is not revoked
    """
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise TokenNameInvalid(f"A token's name has 1 to {MAX_NAME} characters.")
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    try:
        with transaction.atomic():
            row = ApiToken.objects.create(user=user, name=name, digest=_digest_of(secret), expires_at=expires_at)
    except IntegrityError:
        raise TokenNameTaken(f"{user} has a token {name!r} already; revoke it first.") from None
    return NewToken(row, secret)


def find_token(secret: str, *, now: datetime) -> ApiToken | None:
    """Return the token with its user, or None where it is unknown, expired or revoked, or its user may not log in."""
    live = ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, user__is_active=True)
    return live.select_related("user").filter(digest=_digest_of(secret)).first()


def record_use(*, token: ApiToken, on: date) -> None:
    """Remember the day of the token's last use: one write a day, however often it is used."""
    if token.last_used_on != on:
        ApiToken.objects.filter(pk=token.pk).exclude(last_used_on=on).update(last_used_on=on)


@bounded_transaction
def revoke_api_token(*, user: User, name: str, now: datetime) -> ApiToken:
    """End the user's live token of that name, from the next request on.

    :raises TokenNotFound: there is none
    :raises Busy: somebody else held the token for too long
    """
    token = ApiToken.objects.select_for_update().filter(user=user, name=name.strip(), revoked_at=None).first()
    if token is None:
        raise TokenNotFound(f"{user} has no live token {name!r}.")
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    return token


def _digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
