"""What a caller may: the permissions of the admin, named by each view, within the scope of the token that is sent."""

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api.scopes import allows_request, narrowest_for
from core.errors import ScopeTooNarrow
from core.models import ApiToken


class HasPermissions(BasePermission):
    """Lets through who has every permission in the view's ``required_permissions``, as in ("ledger.view_posting",)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        required: tuple[str, ...] = tuple(getattr(view, "required_permissions", ()))
        if not required:
            raise ImproperlyConfigured(f"{type(view).__name__} names no required_permissions.")
        token = request.auth if isinstance(request.auth, ApiToken) else None
        # The token's own user is the whole one, `request.user` what its scope leaves of them.
        user = request.user if token is None else token.user
        if not (user and user.is_authenticated and user.has_perms(required)):
            return False
        if token is not None:
            _check_scope(token.scope, _method_of(request, view), required)
        return True


def _method_of(request: Request, view: APIView) -> str:
    """Return the method, or GET for one that the view does not have: that is refused as such, whatever the scope."""
    method = request.method or ""
    return method if method in view.allowed_methods else "GET"


def _check_scope(scope: str, method: str, required: tuple[str, ...]) -> None:
    """:raises ScopeTooNarrow: the scope leaves it out"""
    if allows_request(scope, method, required):
        return
    needed = narrowest_for(method, required)
    raise ScopeTooNarrow(
        f"The token's scope is {scope}; this needs a token with the scope {needed}.", scope=scope, needed=needed.value
    )
