"""The gate between a password and the rest: a code of whoever has an authenticator, a password of one's own in place of
a given one, and the set-up of an authenticator for whoever must.

What a session still lacks is decided when it begins and kept in it (whoever is given a password has no session left);
that a role must have an authenticator is asked at each request of a session without one, where the setting names any
role.
"""

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import urlencode
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import services
from core.groups import ADMINISTRATOR, ROLES

#: In the session: that a code is still to come; that it, or a new authenticator, was there; and that the password was
#: given by another.
LACKS, PASSED, GIVEN = "second_step_lacks", "second_step_passed", "password_given"
CODE, NEW_PASSWORD, SET_UP = "second_step", "new_password", "authenticator"
#: What answers for itself: who asks the API by a session is refused by ``core/api/authentication.py``.
_API = "/api/"


def check_roles() -> None:
    """:raises ImproperlyConfigured: the setting names a role that there is not, and so would protect nobody"""
    unknown = sorted(set(settings.TOTP_REQUIRED_ROLES) - {*ROLES, ADMINISTRATOR})
    if unknown:
        known = ", ".join((*ROLES, ADMINISTRATOR))
        raise ImproperlyConfigured(f"TOTP_REQUIRED_ROLES names {', '.join(unknown)}; the roles are {known}.")


def begin_step(request: HttpRequest, user: User) -> bool:
    """Note in a session that begins whether a code must follow (return that), and a password of one's own."""
    request.session.pop(PASSED, None)
    request.session[GIVEN] = services.has_first_password(user)
    lacks: bool = TOTPDevice.objects.filter(user=user, confirmed=True).exists()
    request.session[LACKS] = lacks
    return lacks


def pass_step(request: HttpRequest) -> None:
    """Let a session through, under a new key, so that whoever knew the old one has nothing."""
    request.session.cycle_key()
    request.session[LACKS], request.session[PASSED] = False, True


def forget_step(request: HttpRequest) -> None:
    """Treat a session as one of somebody without an authenticator, which they have just taken away."""
    request.session[LACKS] = request.session[PASSED] = False


def pass_password(request: HttpRequest) -> None:
    """Note that somebody has a password of their own now."""
    request.session[GIVEN] = False


def find_step(request: HttpRequest) -> str | None:
    """Return the page that a signed-in user must pass before any other, by the name of its address; or None."""
    session = request.session
    if session.get(LACKS):
        return CODE
    if session.get(GIVEN):
        return NEW_PASSWORD
    if session.get(PASSED):
        return None
    user = request.user
    return SET_UP if isinstance(user, User) and must_have_one(user) else None


def must_have_one(user: User) -> bool:
    """Return whether a role of the user's must have an authenticator."""
    roles = settings.TOTP_REQUIRED_ROLES
    if not roles:
        return False
    return (user.is_superuser and ADMINISTRATOR in roles) or any(group.name in roles for group in user.groups.all())


class SecondStep(MiddlewareMixin):
    """Leads whoever still lacks a step to it: no page, act or file opens before."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if request.path.startswith(_API) or not request.user.is_authenticated:
            return None
        step = find_step(request)
        if step is None or request.path in (reverse(step), reverse("admin:logout")):
            return None
        there = reverse(step)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": there})
        is_page = request.method == "GET"
        return redirect(f"{there}?{urlencode({'next': request.get_full_path()})}" if is_page else there)
