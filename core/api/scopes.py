"""What a token's scope leaves of its user's rights; never more than the user has."""

from copy import copy
from typing import Any

from django.contrib.auth.models import User
from rest_framework.permissions import SAFE_METHODS

from core.groups import CASHIER, OFFICE, list_granted
from core.models import ApiToken

Scope = ApiToken.Scope

#: The role whose grants a scope comes to.
_ROLES = {Scope.COUNTER: CASHIER, Scope.OFFICE: OFFICE}
#: What a permission is called that lets nobody change anything.
_LOOKING = ("view_", "read_")


def allows(scope: str, permission: str) -> bool:
    """Return whether a right such as ``ledger.view_payout`` is within the scope."""
    if scope == Scope.ALL:
        return True
    if scope == Scope.READ:
        return permission.partition(".")[2].startswith(_LOOKING)
    return permission in list_granted(_ROLES[Scope(scope)])


def allows_request(scope: str, method: str, permissions: tuple[str, ...]) -> bool:
    """Return whether a request by this method, which needs these rights, is within the scope."""
    if scope == Scope.READ and method not in SAFE_METHODS:
        return False
    return all(allows(scope, permission) for permission in permissions)


def narrowest_for(method: str, permissions: tuple[str, ...]) -> Scope:
    """Return the first of the scopes that would do for such a request."""
    return next(scope for scope in Scope if allows_request(scope, method, permissions))


def narrowed(user: User, scope: str) -> User:
    """Return the user as whatever asks for their rights is to see them: with those alone that are within the scope."""
    if scope == Scope.ALL:
        return user
    seen = copy(user)

    def has_perm(perm: str, obj: Any = None) -> bool:
        return allows(scope, perm) and user.has_perm(perm, obj)

    seen.has_perm = has_perm  # type: ignore[method-assign]  # `has_perms` asks it too
    return seen
