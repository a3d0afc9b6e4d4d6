"""Rights in the words of people, and the refusal of whoever lacks one: it says which."""

from typing import Literal

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.core.exceptions import PermissionDenied

from core.groups import ADMINISTRATOR
from core.words import lower_first

_VERBS = {"view": "see", "add": "add", "change": "change", "delete": "delete"}
_CAN = "Can "


class LacksRight(PermissionDenied):
    """What was asked for needs these rights, as in "ledger.view_payout": all of them, or any one.

    Without any, nobody may.
    """

    def __init__(self, *names: str, joint: Literal["and", "or"] = "and") -> None:
        super().__init__()
        self.names, self.joint = names, joint

    def is_lacked_by(self, user: User | AnonymousUser) -> bool:
        """Whether these rights would help: who has them already is refused for what the record is."""
        if ADMINISTRATOR in self.names:
            return not user.is_superuser
        held = [user.has_perm(name) for name in self.names]
        return not (all(held) if self.joint == "and" else any(held))


def check_rights(user: User | AnonymousUser, *names: str) -> None:
    """Let through who has all of them.

    :raises LacksRight: somebody else asks
    """
    if not user.has_perms(names):
        raise LacksRight(*names)


def check_any_right(user: User | AnonymousUser, *names: str) -> None:
    """Let through who has one of them.

    :raises LacksRight: somebody else asks
    """
    if not any(user.has_perm(name) for name in names):
        raise LacksRight(*names, joint="or")


def say_right(name: str) -> str:
    """Return what a right lets somebody do: ``close a week``, and of Django's own ``see audit runs``.

    :raises LookupError: there is no such right
    """
    told = _find_words(name)
    if told is None:
        raise LookupError(f"There is no right {name}.")
    return told


def say_permission(permission: Permission) -> str:
    """Return a right with the room of the house that it is of: ``Ledger: see postings``.

    One that no model has any more (of an older version, or of a package that is gone) is told by its own name.
    """
    app_label = permission.content_type.app_label
    try:
        told = say_right(f"{app_label}.{permission.codename}")
        room = str(apps.get_app_config(app_label).verbose_name).replace("_", " ")
    except LookupError:
        return f"{app_label}: {lower_first(permission.name.removeprefix(_CAN))}"
    return f"{room}: {told}"


def is_right(name: str) -> bool:
    """Whether there is such a right: of records that only services write there is none to delete them."""
    return _find_words(name) is not None


def _find_words(name: str) -> str | None:
    app_label, _, codename = name.partition(".")
    for model in apps.get_app_config(app_label).get_models():
        opts = model._meta
        told = dict(opts.permissions).get(codename)
        if told is not None:
            return lower_first(str(told).removeprefix(_CAN))
        verb, _, of = codename.partition("_")
        if of == opts.model_name and verb in opts.default_permissions:
            return f"{_VERBS[verb]} {opts.verbose_name_plural}"
    return None


def say_needed(refusal: LacksRight, user: User | AnonymousUser) -> str:
    """Return ``It needs the right to close a week.``, or that having it is not enough here."""
    if not refusal.names:
        return "Nobody can do that here, administrators neither."
    if ADMINISTRATOR in refusal.names:
        return "It is open to administrators alone."
    held = [name for name in refusal.names if user.has_perm(name)]
    if refusal.is_lacked_by(user):
        return f"It needs the right {_join([name for name in refusal.names if name not in held], refusal.joint)}."
    return f"You have the right {_join(held, 'and')}, but it does not reach this."


def _join(names: list[str], joint: str) -> str:
    told = [f"to {say_right(name)}" for name in names]
    return f" {joint} ".join(filter(None, (", ".join(told[:-1]), told[-1])))
