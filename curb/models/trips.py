"""Taxi trips as the meter vendor reports them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.clock import week_starts_at
from core.weeks import week_of
from curb import rules
from curb.rules import PaymentType

PAYMENT_TYPE_LABELS = {
    PaymentType.CARD.value: "Card",
    PaymentType.CASH.value: "Cash",
    PaymentType.PRIVATE.value: "Private",
    PaymentType.NO_CHARGE.value: "No charge",
    PaymentType.DISPUTE.value: "Dispute",
}


class WaitsFor(models.TextChoices):
    """What must become known before a trip can count for anybody."""

    NOTHING = "", "Nothing"
    DRIVER = "DRIVER", "A driver with this license"
    VEHICLE = "VEHICLE", "A cab with this medallion"
    LEASE = "LEASE", "Which of several leases of the cab it was"


class TripFile(models.Model):
    """A file of trips that was imported, or an answer of CURB's service, and what became of its rows.

    The same content is imported once.
    """

    class Origin(models.TextChoices):
        FILE = "FILE", "A file"
        TRIP_LOG = "TRIP_LOG", "CURB, trip log"
        TRANSACTIONS = "CARDS", "CURB, card transactions"

    file_name = models.CharField(max_length=200)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.FILE)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    imported_at = models.DateTimeField("imported", db_default=Now())
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    row_count = models.PositiveIntegerField("rows")
    imported_count = models.PositiveIntegerField("imported", default=0)
    known_count = models.PositiveIntegerField("known before", default=0)
    error_count = models.PositiveIntegerField("rows with errors", default=0)
    #: The first of the errors: row, attribute and sentence each.
    errors = models.JSONField(default=list, blank=True)

    class Meta:
        db_table = "curb_trip_files"
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(row_count=models.F("imported_count") + models.F("known_count") + models.F("error_count")),
                name="curb_trip_files_every_row_told",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class TripQuerySet(models.QuerySet["Trip"]):
    def waiting(self) -> "TripQuerySet":
        """In the queue: it counts for nobody until its driver, cab and lease are known."""
        return self.exclude(waits_for=WaitsFor.NOTHING)

    def uncounted(self) -> "TripQuerySet":
        """Not yet frozen by the close of any week."""
        return self.filter(week_end=None)


class Trip(models.Model):
    """One trip, kept as received. The database refuses to change what was received, and whom it counted for.

    Amounts are dollars as the trip states them; refunds and chargebacks are negative.
    """

    period = models.CharField(max_length=6)
    record_id = models.CharField("record", max_length=20)
    file = models.ForeignKey(TripFile, models.PROTECT, related_name="trips")
    #: Every attribute of the record, spelt as it came.
    received = models.JSONField()
    #: The record's XML; blank for those that were received before it was kept.
    raw = models.TextField(blank=True, default="")
    received_at = models.DateTimeField("received", db_default=Now())

    license = models.CharField(max_length=20, blank=True)
    cab = models.CharField(max_length=20, blank=True)
    start_at = models.DateTimeField("start")
    end_at = models.DateTimeField("end", null=True, blank=True)
    payment_type = models.CharField("paid by", max_length=9, choices=PAYMENT_TYPE_LABELS)
    fare = models.DecimalField(max_digits=8, decimal_places=2)
    tips = models.DecimalField(max_digits=8, decimal_places=2)
    extras = models.DecimalField(max_digits=8, decimal_places=2)
    tolls = models.DecimalField(max_digits=8, decimal_places=2)
    mta_tax = models.DecimalField("MTA tax", max_digits=8, decimal_places=2)
    improvement = models.DecimalField("improvement surcharge (TIF)", max_digits=8, decimal_places=2)
    congestion = models.DecimalField("congestion surcharge", max_digits=8, decimal_places=2)
    airport = models.DecimalField("airport fee", max_digits=8, decimal_places=2)
    cbd = models.DecimalField("CBD toll", max_digits=8, decimal_places=2)
    ehail = models.DecimalField("e-hail fee", max_digits=8, decimal_places=2)
    health = models.DecimalField("health fee", max_digits=8, decimal_places=2)
    total = models.DecimalField(max_digits=8, decimal_places=2)

    driver = models.ForeignKey("leases.Driver", models.PROTECT, null=True, blank=True, related_name="trips")
    vehicle = models.ForeignKey(
        "leases.Vehicle", models.PROTECT, null=True, blank=True, related_name="trips", verbose_name="cab (vehicle)"
    )
    lease = models.ForeignKey("leases.Lease", models.PROTECT, null=True, blank=True, related_name="trips")
    waits_for = models.CharField("waits for", max_length=7, choices=WaitsFor, default=WaitsFor.NOTHING, blank=True)

    #: The person who assigned it to a driver, where the license and the cab alone did not.
    bound_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    bound_at = models.DateTimeField("bound", null=True, blank=True)

    #: The Saturday of the week whose close counted it; a trip of an earlier week that came late counts in a later one.
    #: That such a close was begun is a foreign key which the closes add to this table (``dtr/sql``).
    week_end = models.DateField("counted in the week ending", null=True, blank=True)
    #: What credited a card trip's total and charged a card or cash trip's taxes. Where the trips of a reference sum to
    #: zero, the ledger has no posting of it.
    credited_reference = models.CharField("credited by", max_length=64, default="", blank=True)
    taxes_reference = models.CharField("taxed by", max_length=64, default="", blank=True)

    #: The receipt by which it is reported to CURB as settled.
    reconciliation = models.ForeignKey(
        "curb.Reconciliation", models.PROTECT, null=True, blank=True, related_name="trips", verbose_name="receipt"
    )

    objects = TripQuerySet.as_manager()

    class Meta:
        db_table = "curb_trips"
        ordering = ["-start_at", "-id"]
        default_permissions = ("view",)
        permissions = [("match_trip", "Can assign a waiting trip to a driver")]
        constraints = [
            models.UniqueConstraint(fields=["period", "record_id"], name="curb_trips_record"),
            models.CheckConstraint(
                condition=Q(payment_type__in=list(PAYMENT_TYPE_LABELS)), name="curb_trips_payment_type_known"
            ),
            models.CheckConstraint(
                condition=~Q(waits_for=WaitsFor.NOTHING) | Q(driver__isnull=False, vehicle__isnull=False),
                name="curb_trips_waits_while_unknown",
            ),
            models.CheckConstraint(
                condition=Q(week_end=None) | Q(waits_for=WaitsFor.NOTHING), name="curb_trips_counts_when_known"
            ),
            models.CheckConstraint(
                condition=Q(credited_reference="")
                | Q(week_end__isnull=False, payment_type__in=[kind.value for kind in rules.EARNING_TYPES]),
                name="curb_trips_only_card_credits",
            ),
            models.CheckConstraint(
                condition=Q(taxes_reference="")
                | Q(week_end__isnull=False, payment_type__in=[kind.value for kind in rules.TAXED_TYPES]),
                name="curb_trips_only_card_and_cash_taxed",
            ),
        ]
        indexes = [
            models.Index(fields=["week_end", "driver", "lease"], name="curb_trips_counted"),
            models.Index(fields=["start_at"], condition=Q(week_end=None), name="curb_trips_uncounted"),
            models.Index(fields=["-start_at", "-id"], name="curb_trips_newest"),
            models.Index(
                fields=["credited_reference"], condition=~Q(credited_reference=""), name="curb_trips_credited"
            ),
            models.Index(
                fields=["week_end"],
                condition=Q(week_end__isnull=False, reconciliation=None),
                name="curb_trips_unreconciled",
            ),
            models.Index(fields=["waits_for"], condition=~Q(waits_for=WaitsFor.NOTHING), name="curb_trips_waiting"),
            models.Index(fields=["taxes_reference"], condition=~Q(taxes_reference=""), name="curb_trips_taxed"),
        ]

    def __str__(self) -> str:
        return f"{self.period}-{self.record_id}"

    @property
    def is_late(self) -> bool:
        """Whether it was made before the week that counts it."""
        return self.week_end is not None and self.start_at < week_starts_at(week_of(self.week_end))
