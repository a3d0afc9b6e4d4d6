"""Sessions of people who are signed in."""

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """Django's, and whose it is: so that all of somebody's can be ended at once.

    ``expire_date`` moves on with use, and never past the longest a session lasts (``core/doors/sessions.py``).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")

    class Meta(AbstractBaseSession.Meta):
        db_table = "core_sessions"
        default_permissions = ()
