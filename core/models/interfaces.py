"""The tables of interfaces: who may call the API by program, and what was answered. They know nothing of money."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class ApiToken(models.Model):
    """A program's key to act as its user. Only the token's digest is kept, so nobody can read a token here."""

    class Scope(models.TextChoices):
        """What of their user's rights a program may use; ``core/api/scopes.py`` says which each comes to."""

        READ = "READ", "Read only"
        COUNTER = "COUNTER", "What the counter does"
        OFFICE = "OFFICE", "What the office does"
        ALL = "ALL", "Everything the user may"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    #: SHA-256 in hex. The token is 256 random bits, so it needs neither salt nor a slow hash.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(max_length=7, choices=Scope)
    created_at = models.DateTimeField("made", db_default=Now())
    #: Who made it in the admin; None where it was made at the server's terminal.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    expires_at = models.DateTimeField("expires", null=True, blank=True)
    #: Written at most once a day, so that reading by token stays reading.
    last_used_on = models.DateField("last used", null=True, editable=False)
    revoked_at = models.DateTimeField("revoked", null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )

    class Meta:
        db_table = "core_api_tokens"
        ordering = ["-id"]
        default_permissions = ("add", "view")
        permissions = [("manage_apitoken", "Can make and revoke everybody's API tokens")]
        verbose_name = "API token"
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=["READ", "COUNTER", "OFFICE", "ALL"]), name="core_api_tokens_scope_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="core_api_tokens_expires_after_made",
            ),
            models.UniqueConstraint(
                fields=["user", "name"], condition=Q(revoked_at__isnull=True), name="core_api_tokens_live_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StoredAnswer(models.Model):
    """What was answered under an `Idempotency-Key`: the same request sent again gets the same answer, and no work."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=150)
    #: SHA-256 of method, path and body: tells a retry from another request under the same key.
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField("created", db_default=Now())

    class Meta:
        db_table = "core_stored_answers"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="core_stored_answers_key")]
        indexes = [models.Index(fields=["created_at"], name="core_stored_answers_by_age")]

    def __str__(self) -> str:
        return self.key
