"""A file of tickets, kept as it came, and what was read in each of its rows."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tickets.models.changes import ChangeKind
from tickets.models.tickets import Wait
from tickets.rules import FILE_KIND_LABELS, FileKind


class TicketImport(models.Model):
    """A file, staged for a person to look at and then imported. The same content is known by its hash."""

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", "Being read"
        REFUSED = "REFUSED", "Refused"
        STAGED = "STAGED", "To be confirmed"
        IMPORTING = "IMPORTING", "Being imported"
        IMPORTED = "IMPORTED", "Imported"

    #: Blank until its header has told it.
    kind = models.CharField(max_length=9, choices=FILE_KIND_LABELS, blank=True)
    file_name = models.CharField("file", max_length=200)
    file = models.FileField(upload_to="tickets/", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.STAGED)
    #: The column behind which each row has a field that the header does not name.
    extra_field_after = models.CharField(
        "field without a name after", max_length=200, blank=True, default="", db_default=""
    )
    #: Why the file as a whole was refused.
    refusal = models.CharField(max_length=500, blank=True, default="", db_default="")
    refusal_code = models.CharField(max_length=50, blank=True, default="", db_default="")
    row_count = models.PositiveIntegerField("rows", default=0)
    #: Tickets not known before; so many of them wait for a person, as it looked when the file was staged.
    new_count = models.PositiveIntegerField("new", default=0)
    unmatched_count = models.PositiveIntegerField("unmatched", default=0)
    known_count = models.PositiveIntegerField("known before", default=0)
    #: Of those known before: told with other sums than before.
    changed_count = models.PositiveIntegerField("changed", default=0, db_default=0)
    nobodys_count = models.PositiveIntegerField("nobody's", default=0)
    error_count = models.PositiveIntegerField("with errors", default=0)
    #: The newest moment that its rows tell; one after its upload is a slip of whoever wrote the file.
    reaches_to = models.DateTimeField("reaches to", null=True, blank=True)
    #: How many of the new ones are in by now, and what became of them at first.
    imported_count = models.PositiveIntegerField("imported", default=0)
    charged_count = models.PositiveIntegerField("charged", default=0)
    waiting_count = models.PositiveIntegerField("sent to review", default=0)
    staged_at = models.DateTimeField("uploaded", db_default=Now())
    staged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField("confirmed", null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    #: The day on which its tickets are charged.
    charged_on = models.DateField("charged on", null=True, blank=True)

    class Meta:
        db_table = "tickets_imports"
        verbose_name = "ticket file"
        ordering = ["-id"]
        default_permissions = ("view", "add")
        constraints = [
            models.CheckConstraint(
                condition=Q(row_count=F("new_count") + F("known_count") + F("nobodys_count") + F("error_count")),
                name="tickets_imports_every_row_told",
            ),
            models.CheckConstraint(
                condition=Q(changed_count__lte=F("known_count")), name="tickets_imports_changed_are_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[kind.value for kind in FileKind],
                    state__in=["RECEIVED", "REFUSED", "STAGED", "IMPORTING", "IMPORTED"],
                )
                | Q(kind="", state__in=["RECEIVED", "REFUSED"]),
                name="tickets_imports_choices_known",
            ),
            models.CheckConstraint(
                condition=Q(state="REFUSED") & ~Q(refusal="") | ~Q(state="REFUSED") & Q(refusal=""),
                name="tickets_imports_refused_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["RECEIVED", "REFUSED"]) | Q(row_count=0, confirmed_at=None),
                name="tickets_imports_read_before_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """One row of a file: what was read, or why it could not be. ``sent`` once it became a ticket."""

    class State(models.TextChoices):
        NEW = "NEW", "New"
        SENT = "SENT", "Imported"
        KNOWN = "KNOWN", "Known before"
        NOBODYS = "NOBODYS", "Nobody's"
        ERROR = "ERROR", "Error"

    # That it is there is seen to by triggers, a statement at a time (sql/named.sql).
    file = models.ForeignKey(
        TicketImport,
        models.CASCADE,
        related_name="rows",
        db_column="import_id",
        db_index=False,
        db_constraint=False,
    )
    row = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State)
    column = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=500, blank=True)
    #: Every cell as it came.
    received = models.JSONField(default=dict, blank=True)

    number = models.CharField(max_length=40, blank=True)
    tag = models.CharField(max_length=16, blank=True)
    plate = models.CharField(max_length=10, blank=True)
    plate_state = models.CharField("state of the plate", max_length=2, blank=True)
    medallion = models.CharField(max_length=6, blank=True)
    license = models.CharField("TLC license", max_length=8, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    at_latest = models.DateTimeField(null=True, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    #: Of a violation: dollars before payments, and dollars paid.
    total = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    paid = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    violation = models.CharField(max_length=120, blank=True)
    due_on = models.DateField(null=True, blank=True)
    #: Why it would wait for a person, as it looked when the file was staged.
    waits_for = models.CharField("waits for", max_length=12, choices=Wait, default=Wait.NOTHING, blank=True)
    #: Of a row known before: how it tells the ticket otherwise.
    change = models.CharField(max_length=9, choices=ChangeKind, blank=True, default="", db_default="")

    class Meta:
        db_table = "tickets_import_rows"
        ordering = ["file_id", "row"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["file", "row"], name="tickets_import_rows_one_each"),
            models.CheckConstraint(
                condition=~Q(state__in=["NEW", "SENT", "KNOWN"])
                | Q(~Q(number=""), at__isnull=False, at_latest__isnull=False, amount__isnull=False),
                name="tickets_import_rows_read",
            ),
            models.CheckConstraint(
                condition=Q(change="") | Q(state="KNOWN", change__in=["DISMISSED", "REDUCED", "RAISED", "PAID"]),
                name="tickets_import_rows_change_known",
            ),
        ]
        # No index holds a row's state: so that noting it as sent writes one page of the table, and none of an index.

    def __str__(self) -> str:
        return f"Row {self.row}"
