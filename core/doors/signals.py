"""What Django and axes tell about sign-ins, written into the log; and where a session begins."""

import logging
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.http import HttpRequest
from django.utils import timezone

from core import services
from core.api.request_ids import current_request_id
from core.doors.addresses import address_of
from core.doors.locks import name_of
from core.doors.log import Kind, write_entry
from core.doors.second_step import begin_step
from core.doors.sessions import BEGAN
from core.models import FirstPassword

logger = logging.getLogger(__name__)


def connect() -> None:
    """Listen; axes listens before us, so a request says already whether it is locked."""
    user_logged_in.connect(_signed_in, dispatch_uid="core.doors")
    user_logged_out.connect(_signed_out, dispatch_uid="core.doors")
    user_login_failed.connect(_failed, dispatch_uid="core.doors")
    user_locked_out.connect(_locked_out, dispatch_uid="core.doors")
    post_save.connect(_saved, sender=User, dispatch_uid="core.doors")


def _signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.session[BEGAN] = int(timezone.now().timestamp())
    # Whoever has an authenticator is in when its code was right: the page of that says so.
    if not begin_step(request, user):
        write_entry(request, Kind.SIGNED_IN, user=user)


def _signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        write_entry(request, Kind.SIGNED_OUT, user=user)


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    # What was refused by a lock was not looked at: that is told by the lock.
    if request is None or not _was_counted(request):
        return
    name = name_of(request, credentials) or ""
    logger.warning("Sign-in failed: %s from %s", name, address_of(request))
    write_entry(request, Kind.FAILED, user=User.objects.filter(username=name).first(), username=name)
    if getattr(request, "axes_locked_out", False):
        _tell_lock(request, name)


def _locked_out(request: HttpRequest, username: str | None, **kwargs: Any) -> None:
    if not _was_counted(request):
        _tell_lock(request, username or "")


def _was_counted(request: HttpRequest) -> bool:
    """Whether axes counted this failure; it does not where it was locked before."""
    return getattr(request, "axes_failures_since_start", None) is not None


def _tell_lock(request: HttpRequest, name: str) -> None:
    logger.warning("Sign-in locked after too many failures: %s from %s", name, address_of(request))
    user = User.objects.filter(username=name).first()
    write_entry(request, Kind.LOCKED_OUT, user=user, username=name, merge=True)


def _saved(instance: User, created: bool, **kwargs: Any) -> None:
    """Enter a new password, by whichever door: Django keeps the typed one at the user until they are saved.

    A given one that waited to be changed is over then; whoever gives one keeps nothing that was typed.
    """
    if not created and getattr(instance, "_password", None) is not None:
        FirstPassword.objects.filter(user=instance).delete()
        services.record_access(kind=Kind.PASSWORD, user=instance, request_id=current_request_id())
