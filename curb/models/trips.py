"""Taxi trips as the meter vendor reports them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.clock import week_starts_at
from core.weeks import week_of
from curb.importers.xml import read_attributes
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


class CountsAs(models.TextChoices):
    """What a person said of a trip, against what its record says."""

    AS_PAID = "", "As its record says"
    CARD = "CARD", "Paid by card"
    CASH = "CASH", "Paid in cash"
    NO_CHARGE = "NO_CHARGE", "No charge"
    NOTHING = "NOTHING", "Nobody's: it counts for nobody"


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
    #: The New York day that CURB was asked about; blank for a file.
    asked_on = models.DateField("asked about", null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    imported_at = models.DateTimeField("imported", db_default=Now())
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    row_count = models.PositiveIntegerField("rows")
    imported_count = models.PositiveIntegerField("imported", default=0)
    known_count = models.PositiveIntegerField("known before", default=0)
    #: Of the imported: those that supersede a record that came before with other figures.
    amended_count = models.PositiveIntegerField("amended", default=0)
    #: By how many dollars the amended records differ from those that they supersede, in all.
    amended_by = models.DecimalField("amended by", max_digits=12, decimal_places=2, default=0)
    #: Of the imported: those whose amounts leave something to tell (:class:`AmountRemark`).
    remarked_count = models.PositiveIntegerField("with remarks on their amounts", default=0)
    #: Rows that were not read; the first of them are kept as rows of their own (:class:`UnreadRecord`).
    error_count = models.PositiveIntegerField("rows with errors", default=0)

    class Meta:
        db_table = "curb_trip_files"
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("see_unread", "Can say that rows that could not be read were looked at")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amended_count__lte=models.F("imported_count")), name="curb_trip_files_amended_imported"
            ),
            models.CheckConstraint(
                condition=Q(row_count=models.F("imported_count") + models.F("known_count") + models.F("error_count")),
                name="curb_trip_files_every_row_told",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


#: In the queue: it counts for nobody until its driver, cab and lease are known.
WAITING = Q(is_current=True) & ~Q(waits_for=WaitsFor.NOTHING) & ~Q(counts_as=CountsAs.NOTHING)


class TripQuerySet(models.QuerySet["Trip"]):
    def current(self) -> "TripQuerySet":
        """The records as they stand: without those that an amended one has superseded."""
        return self.filter(is_current=True)

    def waiting(self) -> "TripQuerySet":
        """In the queue: it counts for nobody until its driver, cab and lease are known."""
        return self.filter(WAITING)

    def uncounted(self) -> "TripQuerySet":
        """Never counted by the close of any week."""
        return self.current().filter(week_end=None)

    def undecided(self) -> "TripQuerySet":
        """Card trips that pair with a declined or duplicate card transaction, and nobody said what they are."""
        return self.current().filter(paired_with__isnull=False, counts_as=CountsAs.AS_PAID)


class Trip(models.Model):
    """One trip, kept as received; the database refuses to change what was received. Whose it is may be found out later:
    whom it counted for stands in :class:`curb.models.TripCount`, and the next close counts what has changed.

    Amounts are dollars as the trip states them; refunds and chargebacks are negative.
    """

    period = models.CharField(max_length=6)
    record_id = models.CharField("record", max_length=20)
    file = models.ForeignKey(TripFile, models.PROTECT, related_name="trips")
    #: The same record as it came before, with other figures; it stays as it was received. One for each (below).
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", db_index=False
    )
    #: False once an amended record has superseded it.
    is_current = models.BooleanField(default=True, db_default=True)
    #: The record's XML, as it came.
    raw = models.TextField()
    received_at = models.DateTimeField("received", db_default=Now())

    #: Without zeros before it: what tells the driver (``leases.rules.license_key``). As it came: in ``received``.
    license = models.CharField(max_length=20, blank=True)
    cab = models.CharField(max_length=20, blank=True)
    #: NUM_SERVICE: the meter's own number of the ride.
    service_number = models.CharField(max_length=20, blank=True, default="")
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
    #: What is credited where it was paid by card: TOTAL_AMOUNT, less what is passed through.
    total = models.DecimalField(max_digits=8, decimal_places=2)
    #: Of attributes that were ruled to be neither the driver's nor charged: the fleet remits them.
    passed_through = models.DecimalField(max_digits=8, decimal_places=2, default=0, db_default=0)

    # That these three are there is seen to by a trigger, a statement at a time (sql/guards.sql, 1b).
    driver = models.ForeignKey(
        "leases.Driver", models.PROTECT, null=True, blank=True, related_name="trips", db_constraint=False
    )
    vehicle = models.ForeignKey(
        "leases.Vehicle",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="trips",
        verbose_name="cab (vehicle)",
        db_index=False,
        db_constraint=False,
    )
    lease = models.ForeignKey(
        "leases.Lease", models.PROTECT, null=True, blank=True, related_name="trips", db_constraint=False
    )
    waits_for = models.CharField("waits for", max_length=7, choices=WaitsFor, default=WaitsFor.NOTHING, blank=True)

    #: The person who assigned it to a driver, where the license and the cab alone did not.
    bound_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    bound_at = models.DateTimeField("bound", null=True, blank=True)

    #: What a person decided against the record's own word.
    counts_as = models.CharField("counts as", max_length=9, choices=CountsAs, default=CountsAs.AS_PAID, blank=True)
    #: A declined or duplicate card transaction that is this very trip. Until somebody says what it is, a trip that no
    #: close has counted is left out.
    paired_with = models.ForeignKey(
        "curb.CardTransaction", models.PROTECT, null=True, blank=True, related_name="trips", db_index=False
    )
    #: Whether the next close looks at it: it is new, or whom or as what it counts has changed since it was counted.
    awaits_count = models.BooleanField("the next close looks at it", default=True, db_default=True)
    #: The Saturday of the week whose close first counted it; a trip of an earlier week that came late counts in a later
    #: one. That such a close was begun, the closes see to (``dtr/sql``).
    week_end = models.DateField("counted in the week ending", null=True, blank=True)

    #: The receipt by which it is reported to CURB as settled.
    reconciliation = models.ForeignKey(
        "curb.Reconciliation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="trips",
        verbose_name="receipt",
        db_index=False,
    )

    objects = TripQuerySet.as_manager()

    class Meta:
        db_table = "curb_trips"
        ordering = ["-start_at", "-id"]
        default_permissions = ("view",)
        permissions = [
            ("match_trip", "Can assign a waiting trip to a driver"),
            ("correct_trip", "Can move a trip to another driver, count it back, or say how it was paid"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "record_id"], condition=Q(is_current=True), name="curb_trips_record"
            ),
            # Nearly all supersede nothing: an index of these alone.
            models.UniqueConstraint(
                fields=["supersedes"], condition=Q(supersedes__isnull=False), name="curb_trips_superseded_once"
            ),
            models.CheckConstraint(condition=Q(counts_as__in=CountsAs.values), name="curb_trips_counts_as_known"),
            models.CheckConstraint(condition=~Q(license__regex=r"^0[0-9]*$"), name="curb_trips_license_is_a_key"),
            models.CheckConstraint(
                condition=Q(paired_with=None) | Q(payment_type=PaymentType.CARD.value),
                name="curb_trips_only_card_pairs",
            ),
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
        ]
        indexes = [
            models.Index(fields=["week_end"], condition=Q(week_end__isnull=False), name="curb_trips_counted"),
            # A batch of a close counts what is new of its drivers; what has changed since it was counted is little.
            models.Index(fields=["driver", "start_at"], condition=Q(awaits_count=True), name="curb_trips_awaiting"),
            models.Index(
                fields=["start_at"], condition=Q(awaits_count=True, week_end__isnull=False), name="curb_trips_changed"
            ),
            models.Index(fields=["-start_at", "-id"], name="curb_trips_newest"),
            # Who had a cab at a moment (selectors/who_drove.py).
            models.Index(
                fields=["vehicle", "start_at", "end_at"], condition=Q(is_current=True), name="curb_trips_of_a_cab"
            ),
            models.Index(fields=["paired_with"], condition=Q(paired_with__isnull=False), name="curb_trips_paired"),
            models.Index(fields=["period", "record_id"], condition=Q(is_current=False), name="curb_trips_superseded"),
            models.Index(
                fields=["week_end"],
                condition=Q(week_end__isnull=False, reconciliation=None),
                name="curb_trips_unreconciled",
            ),
            models.Index(
                fields=["reconciliation"], condition=Q(reconciliation__isnull=False), name="curb_trips_on_receipts"
            ),
            models.Index(fields=["waits_for"], condition=~Q(waits_for=WaitsFor.NOTHING), name="curb_trips_waiting"),
            models.Index(
                fields=["start_at"],
                condition=Q(is_current=True, paired_with__isnull=False, counts_as=CountsAs.AS_PAID),
                name="curb_trips_undecided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period}-{self.record_id}"

    @property
    def received(self) -> dict[str, str]:
        """Every attribute of the record, spelt as it came."""
        return read_attributes(self.raw)

    @property
    def paid_by(self) -> str:
        """How it counts: as a person said, or as its record says."""
        if self.counts_as in (CountsAs.AS_PAID, CountsAs.NOTHING):
            return self.payment_type
        return self.counts_as

    @property
    def is_left_out(self) -> bool:
        """Whether a close leaves it out until somebody says how it was paid."""
        return self.paired_with_id is not None and self.counts_as == CountsAs.AS_PAID and self.week_end is None

    @property
    def is_late(self) -> bool:
        """Whether it was made before the week that counts it."""
        return self.week_end is not None and self.start_at < week_starts_at(week_of(self.week_end))
