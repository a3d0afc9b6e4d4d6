"""The second step of a sign-in: an authenticator is set up, its codes and recovery codes are taken, and it is reset.

A code is good once: django-otp keeps the last one that was taken, and waits twice as long after each wrong one. Of a
recovery code only a keyed digest is kept, which ``SECRET_KEY`` makes: a new key ends them.
"""

import re
import secrets
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.checks import check_reason
from core.errors import AlreadySetUp, AuthenticatorNotFound, AuthenticatorNotYours, CodeTooSoon, CodeWrong
from core.models import AccessEntry, Session
from core.services.access import record_access
from core.transactions import bounded_transaction

RESET = "core.reset_authenticator"
RECOVERY_CODES = 10
#: No letters and digits that are taken for one another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_NAME = "Recovery codes"
_WRONG = "This code is wrong, or was used before. The app shows a new one every half minute."


@bounded_transaction
def set_up_authenticator(*, user: User, key: str, code: str) -> list[str]:
    """Take an app that shows this code for this key (in hex) as the user's; return their recovery codes, as text.

    What they had of another one is over, and so are their other sessions, which knew of no second step.

    :raises AlreadySetUp: they have one
    :raises CodeWrong: the app was given another key, or its clock is wrong
    :raises Busy: see :func:`core.transactions.bounded_transaction`
    """
    User.objects.select_for_update().get(pk=user.pk)
    if TOTPDevice.objects.filter(user=user, confirmed=True).exists():
        raise AlreadySetUp("You have an authenticator already.")
    TOTPDevice.objects.filter(user=user).delete()
    device = TOTPDevice.objects.create(user=user, name="Authenticator", key=key)
    if not device.verify_token(_digits(code)):
        raise CodeWrong("This code is wrong. Is the clock of the phone right?")
    return _make_recovery_codes(user)


def take_code(*, user: User, code: str) -> bool:
    """Take a code of the user's authenticator, or a recovery code, which is used up; return whether it was the latter.

    :raises AuthenticatorNotFound: they have none
    :raises CodeTooSoon: after wrong ones it is waited, longer each time
    :raises CodeWrong: wrong, or taken before; that is counted
    """
    is_recovery = not re.fullmatch(r"[0-9]{6}", _digits(code), re.ASCII)
    with transaction.atomic():
        devices = StaticDevice if is_recovery else TOTPDevice
        device = devices.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            raise AuthenticatorNotFound("There is no authenticator any more.")
        may_try, why = device.verify_is_allowed()
        is_good = may_try and device.verify_token(_digest(user, code) if is_recovery else _digits(code))
    # Out of the transaction: that it was wrong stays counted.
    if not may_try:
        until: datetime = why["locked_until"]
        raise CodeTooSoon("There were wrong codes, so this one was not looked at. Wait a moment.", until=until)
    if not is_good:
        raise CodeWrong(_WRONG)
    return is_recovery


@bounded_transaction
def renew_recovery_codes(*, user: User) -> list[str]:
    """Make new recovery codes for somebody with an authenticator, and return them; the old ones are over.

    :raises AuthenticatorNotFound: they have none
    """
    if not TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).exists():
        raise AuthenticatorNotFound("There is no authenticator any more.")
    return _make_recovery_codes(user)


@bounded_transaction
def remove_own_authenticator(*, user: User) -> None:
    """Take away one's own, as before another phone; the page has asked for a code of it.

    :raises AuthenticatorNotFound: they have none
    """
    _take_away(user)


@bounded_transaction
def reset_authenticator(*, device_id: int, reason: str, actor: User, address: str = "", request_id: str = "") -> User:
    """Take somebody's lost authenticator away and end their sessions; return whose it was.

    :raises ReasonRequired, ValueInvalid: see :func:`core.checks.check_reason`
    :raises AuthenticatorNotFound: it is gone
    :raises AuthenticatorNotYours: one's own is changed on one's own page; a superuser's is reset by a superuser
    """
    reason = check_reason(reason)
    device = TOTPDevice.objects.select_for_update(of=("self",)).select_related("user").filter(pk=device_id).first()
    if device is None:
        raise AuthenticatorNotFound("There is no authenticator any more.")
    owner: User = device.user
    if not may_reset(actor, owner):
        raise AuthenticatorNotYours("Your own is changed on your own page, and a superuser's by another superuser.")
    _take_away(owner)
    Session.objects.filter(user=owner).delete()
    record_access(
        kind=AccessEntry.Kind.RESET,
        user=actor,
        address=address,
        told=f"{owner.get_username()}: {reason}",
        request_id=request_id,
    )
    return owner


def may_reset(actor: User, owner: User) -> bool:
    return actor.has_perm(RESET) and actor.pk != owner.pk and (actor.is_superuser or not owner.is_superuser)


def _take_away(user: User) -> None:
    gone, _ = TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    if not gone:
        raise AuthenticatorNotFound("There is no authenticator any more.")


def _make_recovery_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name=_NAME)
    drawn = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(user, code)) for code in drawn)
    return [f"{code[:5]}-{code[5:]}" for code in drawn]


def _digest(user: User, code: str) -> str:
    """Return what is kept of a recovery code: 64 bits, as long as django-otp's column."""
    bare = re.sub(r"[\s-]", "", code).lower()
    return salted_hmac(f"core.recovery-codes.{user.pk}", bare, algorithm="sha256").hexdigest()[:16]


def _digits(code: str) -> str:
    return re.sub(r"[\s-]", "", code)
