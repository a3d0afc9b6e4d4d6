"""What a document tells otherwise than before: a person decides what becomes of it."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tickets.models.tickets import Ticket


class ChangeKind(models.TextChoices):
    """How a ticket came otherwise than it was told before."""

    DISMISSED = "DISMISSED", "Dismissed"
    REDUCED = "REDUCED", "Reduced"
    RAISED = "RAISED", "Raised"
    PAID = "PAID", "Paid"


class ChangeQuerySet(models.QuerySet["TicketChange"]):
    def undecided(self) -> "ChangeQuerySet":
        return self.filter(decided_at=None)


class TicketChange(models.Model):
    """A file told other sums of a ticket than the last one that counted: before payments, and paid, in dollars.

    It stays as it was found. One is decided once, by a person, or superseded by what a later file tells.
    """

    class Act(models.TextChoices):
        REDUCE = "REDUCE", "Reduced"
        DISMISS = "DISMISS", "Dismissed"
        CHARGE_REST = "CHARGE_REST", "The rest charged"
        FLEET_PAID = "FLEET_PAID", "The fleet paid it: the driver is charged"
        DRIVER_PAID = "DRIVER_PAID", "The driver paid it"
        LEAVE = "LEAVE", "Left as it was"
        SUPERSEDED = "SUPERSEDED", "Told otherwise by a later file"

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="changes")
    file = models.ForeignKey(
        "tickets.TicketImport", models.PROTECT, related_name="changes", db_column="import_id", db_index=False
    )
    row = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=ChangeKind)
    before_total = models.DecimalField(max_digits=12, decimal_places=2)
    before_paid = models.DecimalField(max_digits=12, decimal_places=2)
    now_total = models.DecimalField(max_digits=12, decimal_places=2)
    now_paid = models.DecimalField(max_digits=12, decimal_places=2)
    #: The document's own word for where it stands.
    status = models.CharField("status told", max_length=120, blank=True)
    found_at = models.DateTimeField("found", db_default=Now())
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    act = models.CharField("decision", max_length=11, choices=Act, blank=True, default="", db_default="")
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")

    objects = ChangeQuerySet.as_manager()

    class Meta:
        db_table = "tickets_changes"
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(decided_at__isnull=True), name="tickets_changes_one_open"
            ),
            models.CheckConstraint(
                condition=Q(kind="DISMISSED", now_total__lte=0, before_total__gt=0)
                | Q(kind="REDUCED", now_total__lt=F("before_total"))
                | Q(kind="RAISED", now_total__gte=F("before_total"), now_paid__lte=F("before_paid"))
                & ~Q(now_total=F("before_total"), now_paid=F("before_paid"))
                | Q(kind="PAID", now_paid__gt=F("before_paid")),
                name="tickets_changes_kind_fits",
            ),
            models.CheckConstraint(
                condition=Q(
                    before_paid__gte=0,
                    now_paid__gte=0,
                    now_total__gt=Decimal("-10000000000"),
                    now_total__lt=Decimal("10000000000"),
                ),
                name="tickets_changes_sums_known",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, act="", reason="")
                | Q(
                    decided_at__isnull=False,
                    act__in=[
                        *("REDUCE", "DISMISS", "CHARGE_REST", "FLEET_PAID", "DRIVER_PAID", "LEAVE", "SUPERSEDED"),
                    ],
                )
                & ~Q(reason=""),
                name="tickets_changes_decided_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "id"], condition=Q(decided_at=None), name="tickets_changes_open"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket}, {self.get_kind_display().lower()}"
