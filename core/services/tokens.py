"""API tokens: made, found by a request's secret, revoked."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from core.errors import (
    AlreadyRevoked,
    TokenExpiryInvalid,
    TokenNameInvalid,
    TokenNameTaken,
    TokenNotFound,
    TokenNotYours,
    ValueInvalid,
)
from core.models import ApiToken
from core.services.people import may_change_person
from core.statements import bound_cursor, list_columns, make_row
from core.transactions import bounded_transaction

#: So that a token is recognized where it should not be: in a log, in a repository.
PREFIX = "fleet_"
_BYTES = 32
MAX_NAME = 80
#: For how many days who manages tokens may make one, and for how many anybody else.
MAX_DAYS = 3650
MAX_OWN_DAYS = 366

_FIND = f"""
    SELECT {list_columns(ApiToken, "t")}, {list_columns(User, "u")}
    FROM {ApiToken._meta.db_table} t JOIN {User._meta.db_table} u ON u.id = t.user_id
    WHERE t.digest = %s AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > %s) AND u.is_active
"""

ADD = "core.add_apitoken"
MANAGE = "core.manage_apitoken"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; ``secret`` can be had this once only."""

    row: ApiToken
    secret: str


@bounded_transaction
def create_api_token(
    *,
    user: User,
    name: str,
    scope: str,
    now: datetime,
    expires_at: datetime | None = None,
    made_by: User | None = None,
) -> NewToken:
    """Make a token with which a program acts as ``user``, within ``scope``. Without ``expires_at`` it is good until it
    is revoked; without ``made_by`` it is made by whoever runs the server.

    :raises TokenNotYours: ``made_by`` may not make tokens, or not for this user, or the user may more than they do
    :raises TokenNameInvalid: empty, or longer than 80 characters
    :raises TokenExpiryInvalid: not after ``now``, or later than ``made_by`` may have it
    :raises ValueInvalid: no such scope
    :raises TokenNameTaken: the user has a token of this name that is not revoked
    """
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise TokenNameInvalid(f"A token's name has 1 to {MAX_NAME} characters.")
    if scope not in ApiToken.Scope.values:
        raise ValueInvalid(f"{scope!r} is no scope of a token.", field="scope")
    _check_maker(made_by, user=user)
    manages = made_by is None or made_by.has_perm(MANAGE)
    _check_expiry(expires_at, now=now, manages=manages)
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    try:
        with transaction.atomic():
            row = ApiToken.objects.create(
                user=user,
                name=name,
                digest=_digest_of(secret),
                scope=ApiToken.Scope(scope),
                created_at=now,
                expires_at=expires_at,
                made_by=made_by,
            )
    except IntegrityError:
        raise TokenNameTaken(f"{user} has a token {name!r} already, which is not revoked.") from None
    return NewToken(row, secret)


def find_token(secret: str, *, now: datetime) -> ApiToken | None:
    """Return the token with its user, or None where it is unknown, expired or revoked, or its user may not log in."""
    with bound_cursor() as cursor:
        # Each request of a program asks it, and Django takes three times as long to put it as PostgreSQL to answer.
        cursor.execute(_FIND, [_digest_of(secret), now])
        row = cursor.fetchone()
    if row is None:
        return None
    until = len(ApiToken._meta.concrete_fields)
    token = make_row(ApiToken, row[:until])
    # Setting the attribute, Django would ask what may be put there, for a seventh of what this takes.
    ApiToken._meta.get_field("user").set_cached_value(token, make_row(User, row[until:]))
    return token


def record_use(*, token: ApiToken, on: date) -> None:
    """Remember the day of the token's last use: one write a day, however often it is used."""
    if token.last_used_on != on:
        ApiToken.objects.filter(pk=token.pk).exclude(last_used_on=on).update(last_used_on=on)


def get_unrevoked_token(*, user: User, name: str) -> ApiToken:
    """Return the user's token of that name.

    :raises TokenNotFound: there is none, or it is revoked
    """
    token = ApiToken.objects.filter(user=user, name=name.strip(), revoked_at=None).first()
    if token is None:
        raise TokenNotFound(f"{user} has no live token {name!r}.")
    return token


@bounded_transaction
def revoke_api_token(*, token_id: int, now: datetime, revoked_by: User | None = None) -> ApiToken:
    """End a token, from the next request on. Without ``revoked_by`` it is ended by whoever runs the server.

    :raises TokenNotFound: there is none
    :raises TokenNotYours: ``revoked_by`` may not revoke tokens, or not this user's
    :raises AlreadyRevoked: it was revoked before
    :raises Busy: somebody else held the token for too long
    """
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("user").filter(pk=token_id).first()
    if token is None:
        raise TokenNotFound(f"There is no token {token_id}.")
    if revoked_by is not None and not may_revoke(revoked_by, token):
        raise TokenNotYours(f"Only who manages tokens, or keeps the login of {token.user}, revokes theirs.")
    if token.revoked_at is not None:
        raise AlreadyRevoked(f"The token {token.name} was revoked before.")
    token.revoked_at, token.revoked_by = now, revoked_by
    token.save(update_fields=["revoked_at", "revoked_by"])
    return token


def may_revoke(user: User, token: ApiToken) -> bool:
    """Return whether somebody may end a token: who manages tokens, its user, and who keeps that person's login."""
    if user.has_perm(MANAGE) or (token.user_id == user.pk and user.has_perm(ADD)):
        return True
    return may_change_person(user, token.user)


def _check_maker(made_by: User | None, *, user: User) -> None:
    if made_by is None:
        return
    if made_by.pk == user.pk and (made_by.has_perm(ADD) or made_by.has_perm(MANAGE)):
        return
    if not made_by.has_perm(MANAGE):
        raise TokenNotYours("Only who manages tokens makes them for others.")
    # Whoever makes the token sees it, and so could act by it.
    is_beyond = user.is_superuser or not user.get_all_permissions() <= made_by.get_all_permissions()
    if is_beyond and not made_by.is_superuser:
        raise TokenNotYours(f"{user} may do things that you may not, and so could whoever has their token.")


def _check_expiry(expires_at: datetime | None, *, now: datetime, manages: bool) -> None:
    if expires_at is None:
        if not manages:
            raise TokenExpiryInvalid("Only who manages tokens makes one that is good until it is revoked.")
        return
    if expires_at <= now:
        raise TokenExpiryInvalid("A token expires after it was made.")
    days = MAX_DAYS if manages else MAX_OWN_DAYS
    if expires_at > now + timedelta(days=days):
        raise TokenExpiryInvalid(f"A token is good for at most {days:,} days.")


def _digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
