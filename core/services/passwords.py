"""Passwords that their owners choose: in the place of the one they were given, or by a link that was mailed to them."""

from datetime import datetime

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from core.errors import FirstPasswordOver, PasswordAlreadyChosen, PasswordWeak, PersonNotFound
from core.models import FirstPassword, Session
from core.transactions import bounded_transaction


def has_first_password(user: User) -> bool:
    """Return whether somebody's password was given them by another, and waits to be changed."""
    return FirstPassword.objects.filter(user_id=user.pk).exists()


@bounded_transaction
def replace_first_password(*, user: User, password: str, now: datetime, but_session: str | None = None) -> User:
    """Take the password that somebody chose in the place of the given one; their sessions but that one end.

    :raises PasswordAlreadyChosen: no given one waits
    :raises FirstPasswordOver: it was given too long ago
    :raises PasswordWeak: refused by a validator, or the given one again
    """
    owner = User.objects.select_for_update().get(pk=user.pk)
    given = FirstPassword.objects.filter(user=owner).first()
    if given is None:
        raise PasswordAlreadyChosen("Your password is your own already.")
    if given.good_to <= now:
        raise FirstPasswordOver("The password that you were given is too old. Whoever keeps the logins gives you one.")
    if owner.check_password(password):
        raise PasswordWeak("This is the one that you were given; choose another.")
    _choose(owner, password, but_session=but_session)
    return owner


@bounded_transaction
def choose_password_by_link(*, user: User, password: str) -> User:
    """Take the password that somebody chose by a link in their mail, whose page has looked at the link.

    All their sessions end, and a given password that waited is over. A code of their authenticator is still asked for.

    :raises PersonNotFound: they are locked
    :raises PasswordWeak: refused by a validator
    """
    owner = User.objects.select_for_update().filter(pk=user.pk, is_active=True).first()
    if owner is None:
        raise PersonNotFound("This link is no good any more.")
    _choose(owner, password, but_session=None)
    return owner


def _choose(owner: User, password: str, *, but_session: str | None) -> None:
    try:
        validate_password(password, owner)
    except ValidationError as refusal:
        raise PasswordWeak(" ".join(refusal.messages)) from None
    owner.set_password(password)
    owner.save(update_fields=["password"])  # and a given one that waited is over: core/doors/signals.py
    Session.objects.filter(user=owner).exclude(session_key=but_session).delete()
