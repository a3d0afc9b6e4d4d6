"""Who came in, who did not, and what was refused to whom: a log that is only added to."""

from axes.models import AccessAttempt
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django_otp.plugins.otp_totp.models import TOTPDevice


class AccessEntry(models.Model):
    """One fact of the log. ``core/sql/access_log.sql`` lets nobody change it, or delete it in its first 30 days."""

    class Kind(models.TextChoices):
        SIGNED_IN = "SIGNED_IN", "Signed in"
        FAILED = "FAILED", "Sign-in failed"
        CODE_FAILED = "CODE_FAILED", "Wrong code"
        LOCKED_OUT = "LOCKED_OUT", "Locked out"
        UNLOCKED = "UNLOCKED", "Unlocked"
        SIGNED_OUT = "SIGNED_OUT", "Signed out"
        PASSWORD = "PASSWORD", "Password changed"
        SET_UP = "SET_UP", "Authenticator set up"
        CODES = "CODES", "Recovery codes made"
        RESET = "RESET", "Authenticator taken away"
        REFUSED = "REFUSED", "Refused"
        ADDED = "ADDED", "Person added"
        CHANGED = "CHANGED", "Person changed"
        GIVEN = "GIVEN", "First password given"
        CLOSED = "CLOSED", "Person locked"
        OPENED = "OPENED", "Person unlocked"
        LINK = "LINK", "Password link sent"

    at = models.DateTimeField("when", db_default=Now())
    kind = models.CharField("what", max_length=11, choices=Kind)
    #: Who it was or tried to be. No constraint: an entry stays as it is when its user is deleted.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    #: As the user was called then; of a name that nobody has, its beginning alone: it may be a password.
    username = models.CharField("who", max_length=150, blank=True, db_default="")
    address = models.CharField("from", max_length=64, blank=True, db_default="")
    #: What was refused or done, in words or as method and path.
    told = models.CharField("details", max_length=700, blank=True, db_default="")
    request_id = models.CharField("request", max_length=64, blank=True, db_default="")
    #: What is refused over and over is one entry an hour: those have the same digest here.
    merged_by = models.CharField(max_length=64, null=True, unique=True, editable=False)

    class Meta:
        db_table = "core_access_log"
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [
            ("unlock_sign_in", "Can unlock a sign-in that failed too often"),
            ("reset_authenticator", "Can take somebody's lost authenticator away"),
        ]
        verbose_name = "sign-in or refusal"
        verbose_name_plural = "sign-ins and refusals"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("SIGNED_IN", "FAILED", "CODE_FAILED", "LOCKED_OUT", "UNLOCKED", "SIGNED_OUT", "PASSWORD"),
                        *("SET_UP", "CODES", "RESET", "REFUSED"),
                        *("ADDED", "CHANGED", "GIVEN", "CLOSED", "OPENED", "LINK"),
                    ]
                ),
                name="core_access_log_kind_known",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="core_access_log_by_age"),
            models.Index(fields=["user", "id"], name="core_access_log_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.username}" if self.username else self.get_kind_display()


class SignInFailure(AccessAttempt):
    """What axes counts of failed sign-ins: of one name, from one address, by one browser. Gone when it is forgotten."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "failed sign-in"
        verbose_name_plural = "failed sign-ins"

    def __str__(self) -> str:
        return f"{self.username} from {self.ip_address or 'an unknown address'}"


class Authenticator(TOTPDevice):
    """Somebody's app on a phone that makes their codes. Its secret is shown to nobody but them, when it is set up."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "authenticator"

    def __str__(self) -> str:
        return f"Authenticator of {self.user}"
