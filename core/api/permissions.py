"""What a caller may: the permissions of the admin, named by each view."""

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class HasPermissions(BasePermission):
    """Lets through who has every permission in the view's ``required_permissions``, as in ("ledger.view_posting",)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        required: tuple[str, ...] = getattr(view, "required_permissions", ())
        if not required:
            raise ImproperlyConfigured(f"{type(view).__name__} names no required_permissions.")
        return bool(request.user and request.user.is_authenticated and request.user.has_perms(required))
