"""People of the office: logins made with a role, given a password that must be changed, locked and unlocked.

Whoever keeps people never comes to more by it: they give no role that may do what they may not, and change nobody who
may. A superuser is made and changed by superusers alone, and nobody changes themselves. ``actor`` is None where whoever
runs the server acts, at its terminal.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import connection
from django.db.models import Q

from core.checks import check_reason, check_text
from core.errors import (
    PersonAlreadyLocked,
    PersonNotFound,
    PersonNotLocked,
    PersonNotYours,
    RoleNotYours,
    RoleRequired,
    UsernameTaken,
    ValueInvalid,
)
from core.groups import say_roles
from core.models import AccessEntry, FirstPassword, Session
from core.services.access import record_access
from core.transactions import bounded_transaction

MANAGE = "core.manage_person"
#: For how many days somebody can sign in by a password that they were given.
FIRST_PASSWORD_DAYS = 7
MAX_USERNAME = MAX_NAME = 150
MAX_MAIL = 254
#: No letters and digits that are taken for one another: 16 of them are 79 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_NOT_YOURS = "Your own login, a superuser's, and that of whoever may do more than you is somebody else's to change."

Kind = AccessEntry.Kind


@dataclass(frozen=True, slots=True)
class GivenPassword:
    """A password just made for somebody; ``secret`` can be had this once only, and no log shows it."""

    user: User
    secret: str = field(repr=False)
    good_to: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Where an act came from, for the log."""

    address: str = ""
    request_id: str = ""


@bounded_transaction
def add_person(
    *,
    username: str,
    roles: Collection[str],
    reason: str,
    now: datetime,
    actor: User | None,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    is_superuser: bool = False,
    source: Source = Source(),
) -> GivenPassword:
    """Make a login with its roles and a first password, which its owner must change before anything else.

    :raises ReasonRequired, ValueInvalid: see :func:`core.checks.check_reason`; a name or an address that can't be one
    :raises UsernameTaken: somebody is called so, in large letters or small
    :raises RoleRequired: no role, and no superuser
    :raises RoleNotYours: a role that may do what ``actor`` may not, or a superuser made by somebody who is none
    :raises PersonNotYours: ``actor`` doesn't keep people
    :raises Busy: see :func:`core.transactions.bounded_transaction`
    """
    reason = check_reason(reason)
    username = _check_username(username)
    facts = _check_facts(first_name=first_name, last_name=last_name, email=email)
    _lock_names()
    actor = _lock_actor(actor)
    if User.objects.filter(username__iexact=username).exists():
        raise UsernameTaken(f"Somebody is called {username} already.")
    groups = _check_roles(roles, is_superuser=is_superuser, actor=actor)
    user = User(username=username, is_staff=True, is_superuser=is_superuser, **facts)
    given = _give_password(user, now=now, actor=actor)
    user.groups.set(groups)
    _record(Kind.ADDED, user, f"{_say_roles(user)}: {reason}", actor, source)
    return given


@bounded_transaction
def change_person(
    *,
    person_id: int,
    roles: Collection[str],
    reason: str,
    actor: User | None,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    is_superuser: bool = False,
    source: Source = Source(),
) -> User:
    """Give somebody these roles and no others, and this name and address.

    :raises ReasonRequired, ValueInvalid, RoleRequired, RoleNotYours: see :func:`add_person`
    :raises PersonNotFound: there is nobody of that id
    :raises PersonNotYours: themselves, a superuser, or somebody who may do more than ``actor``
    """
    reason = check_reason(reason)
    facts = _check_facts(first_name=first_name, last_name=last_name, email=email)
    actor, person = _lock_people(actor, person_id)
    _check_yours(actor, person)
    groups = _check_roles(roles, is_superuser=is_superuser, actor=actor)
    before = _say_roles(person)
    changed = [name for name, value in facts.items() if getattr(person, name) != value]
    for name, value in facts.items():
        setattr(person, name, value)
    person.is_staff, person.is_superuser = True, is_superuser
    person.save(update_fields=[*facts, "is_staff", "is_superuser"])
    person.groups.set(groups)
    after = _say_roles(person)
    told = [f"{before} → {after}" if before != after else "", ", ".join(name.replace("_", " ") for name in changed)]
    _record(Kind.CHANGED, person, f"{'; '.join(filter(None, told)) or 'nothing new'}: {reason}", actor, source)
    return person


@bounded_transaction
def give_first_password(
    *, person_id: int, reason: str, now: datetime, actor: User | None, source: Source = Source()
) -> GivenPassword:
    """Give somebody a new password, which they must change at once; their sessions end.

    :raises ReasonRequired, ValueInvalid: see :func:`core.checks.check_reason`
    :raises PersonNotFound, PersonNotYours: see :func:`change_person`
    """
    reason = check_reason(reason)
    actor, person = _lock_people(actor, person_id)
    _check_yours(actor, person)
    person.is_staff = True
    given = _give_password(person, now=now, actor=actor)
    Session.objects.filter(user_id=person.pk).delete()
    _record(Kind.GIVEN, person, reason, actor, source)
    return given


@bounded_transaction
def lock_person(*, person_id: int, reason: str, actor: User | None, source: Source = Source()) -> User:
    """Keep somebody out: their sessions end, and their tokens are refused, until they are unlocked.

    :raises ReasonRequired, ValueInvalid: see :func:`core.checks.check_reason`
    :raises PersonNotFound: there is nobody of that id
    :raises PersonNotYours: themselves, or a superuser locked by somebody who is none
    :raises PersonAlreadyLocked: they are
    """
    reason = check_reason(reason)
    actor, person = _lock_people(actor, person_id)
    if actor is not None and not may_lock_person(actor, person):
        raise PersonNotYours("Nobody locks themselves, and a superuser is locked by a superuser.")
    if not person.is_active:
        raise PersonAlreadyLocked(f"{person} is locked already.")
    person.is_active = False
    person.save(update_fields=["is_active"])
    Session.objects.filter(user_id=person.pk).delete()
    _record(Kind.CLOSED, person, reason, actor, source)
    return person


@bounded_transaction
def unlock_person(*, person_id: int, reason: str, actor: User | None, source: Source = Source()) -> User:
    """Let somebody in again, by the password that they had; their tokens are good again too.

    :raises ReasonRequired, ValueInvalid: see :func:`core.checks.check_reason`
    :raises PersonNotFound, PersonNotYours: see :func:`change_person`
    :raises PersonNotLocked: they are not
    """
    reason = check_reason(reason)
    actor, person = _lock_people(actor, person_id)
    _check_yours(actor, person)
    if person.is_active:
        raise PersonNotLocked(f"{person} is not locked.")
    person.is_active = True
    person.save(update_fields=["is_active"])
    _record(Kind.OPENED, person, reason, actor, source)
    return person


def may_change_person(actor: User, person: User) -> bool:
    """Return whether somebody may change another, give them a password, and end their tokens."""
    if not actor.has_perm(MANAGE) or actor.pk == person.pk:
        return False
    if actor.is_superuser:
        return True
    return not person.is_superuser and _permissions_of(Q(group__user=person) | Q(user=person)) <= _held_by(actor)


def may_lock_person(actor: User, person: User) -> bool:
    """Return whether somebody may lock another; that gives nothing, so it may be one who may do more."""
    is_within = actor.is_superuser or not person.is_superuser
    return actor.has_perm(MANAGE) and actor.pk != person.pk and is_within


def list_roles_to_give(actor: User | None) -> list[Group]:
    """Return the roles that may do nothing which ``actor`` may not; all of them for whoever runs the server."""
    groups = Group.objects.order_by("name")
    if actor is None or actor.is_superuser:
        return list(groups)
    if not actor.has_perm(MANAGE):
        return []
    held = _held_by(actor)
    return [group for group in groups if _permissions_of(Q(group=group)) <= held]


def _check_yours(actor: User | None, person: User) -> None:
    if actor is not None and not may_change_person(actor, person):
        raise PersonNotYours(_NOT_YOURS)


def _check_username(username: str) -> str:
    username = check_text(username, field="username", longest=MAX_USERNAME)
    try:
        User.username_validator(username)
    except ValidationError:
        told = "A user name has letters, digits and @ . + - _ only, and no blanks."
        raise ValueInvalid(told, field="username") from None
    normal: str = User.normalize_username(username)
    return normal


def _check_facts(*, first_name: str, last_name: str, email: str) -> dict[str, str]:
    facts = {
        "first_name": check_text(first_name, field="first_name", longest=MAX_NAME, required=False),
        "last_name": check_text(last_name, field="last_name", longest=MAX_NAME, required=False),
        "email": check_text(email, field="email", longest=MAX_MAIL, required=False),
    }
    if facts["email"]:
        try:
            EmailValidator()(facts["email"])
        except ValidationError:
            raise ValueInvalid(f"{facts['email']} is not an e-mail address.", field="email") from None
    return facts


def _check_roles(roles: Collection[str], *, is_superuser: bool, actor: User | None) -> list[Group]:
    may_give = {group.name: group for group in list_roles_to_give(actor)}
    if is_superuser and actor is not None and not actor.is_superuser:
        raise RoleNotYours("A superuser is made by a superuser.", field="is_superuser")
    if not roles and not is_superuser:
        raise RoleRequired("At least one role is needed: without any, nothing opens.")
    for name in roles:
        if name not in may_give and Group.objects.filter(name=name).exists():
            raise RoleNotYours(f"{name} may do what you may not, so somebody else gives it.")
        if name not in may_give:
            raise ValueInvalid(f"There is no role {name!r}; there are {', '.join(may_give)}.", field="roles")
    return [may_give[name] for name in sorted(set(roles))]


def _lock_names() -> None:
    """Have one login made at a time, so that two are never called alike but for large letters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('core.people'))")


def _lock_actor(actor: User | None) -> User | None:
    if actor is None:
        return None
    return _check_keeper(User.objects.select_for_update().filter(pk=actor.pk).first())


def _lock_people(actor: User | None, person_id: int) -> tuple[User | None, User]:
    """Lock both, in order, as they are now: who was locked a moment ago does nothing any more."""
    ids: Sequence[int] = [person_id] if actor is None else [person_id, actor.pk]
    found = {user.pk: user for user in User.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    if person_id not in found:
        raise PersonNotFound("There is nobody of that number.")
    return None if actor is None else _check_keeper(found.get(actor.pk)), found[person_id]


def _check_keeper(actor: User | None) -> User:
    if actor is None or not actor.has_perm(MANAGE):  # nor does a locked one
        raise PersonNotYours("You don't keep the logins of people.")
    return actor


def _give_password(user: User, *, now: datetime, actor: User | None) -> GivenPassword:
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(16))
    secret = "-".join(drawn[at : at + 4] for at in range(0, 16, 4))
    good_to = now + timedelta(days=FIRST_PASSWORD_DAYS)
    # Not by set_password: the log tells who gave it, and that entry is written by the caller.
    user.password = make_password(secret)
    user.save()
    FirstPassword.objects.update_or_create(user=user, defaults={"given_at": now, "given_by": actor, "good_to": good_to})
    return GivenPassword(user, secret, good_to)


def _held_by(actor: User) -> set[str]:
    held: set[str] = actor.get_all_permissions()
    return held


def _permissions_of(which: Q) -> set[str]:
    """Return what somebody or some group may; of somebody who is locked, what they may once they are not."""
    names = Permission.objects.filter(which).values_list("content_type__app_label", "codename")
    return {f"{app}.{name}" for app, name in names}


def _say_roles(user: User) -> str:
    return say_roles(user) or "no role"


def _record(kind: AccessEntry.Kind, person: User, told: str, actor: User | None, source: Source) -> None:
    by = "" if actor else " (by whoever runs the server)"
    record_access(
        kind=kind,
        user=actor,
        address=source.address,
        told=f"{person.get_username()}{by}: {told}",
        request_id=source.request_id,
    )
