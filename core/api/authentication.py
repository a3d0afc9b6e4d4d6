"""Who asks: a program by its token, or a person by the session of the admin."""

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from core.api.scopes import narrowed
from core.api.throttles import count_request
from core.doors.second_step import NEW_PASSWORD, find_step
from core.models import ApiToken
from core.services.tokens import find_token, record_use

_REALM = 'Bearer realm="api"'


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <token>`. First of the list, so that whoever is not known gets 401 and is told how."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = authentication.get_authorization_header(request).split()
        if not header or header[0].lower() != b"bearer":
            return None
        try:
            (_, secret) = (part.decode("ascii") for part in header)
        except ValueError:
            raise _invalid() from None
        token = find_token(secret, now=timezone.now())
        if token is None:
            raise _invalid()
        count_request(f"token:{token.pk}")
        record_use(token=token, on=timezone.localdate())
        return narrowed(token.user, token.scope), token

    def authenticate_header(self, request: Request) -> str:
        # RFC 6750: the error is named only to who did send a token.
        sent = authentication.get_authorization_header(request)
        return f'{_REALM}, error="invalid_token"' if sent else _REALM


class SessionAuthentication(authentication.SessionAuthentication):
    """The admin's session; a writing request needs its CSRF token too, in the X-CSRFToken header."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        known: tuple[User, None] | None = super().authenticate(request)
        if known is not None:
            step = find_step(request._request)
            if step == NEW_PASSWORD:
                told = "The password of this session was given by somebody else, and is not changed yet."
                raise exceptions.PermissionDenied(told, code="new_password_required")
            if step is not None:
                raise exceptions.PermissionDenied("This session lacks its second step.", code="second_step_required")
            count_request(f"user:{known[0].pk}")
        return known

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as refusal:
            raise exceptions.PermissionDenied(str(refusal.detail), code="csrf_failed") from None


def _invalid() -> exceptions.AuthenticationFailed:
    # One sentence for unknown, expired and revoked: a stranger learns nothing from the difference.
    return exceptions.AuthenticationFailed("The token is unknown, expired or revoked.", code="invalid_token")
