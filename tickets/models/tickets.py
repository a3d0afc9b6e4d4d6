"""Tickets, tolls and their refunds, each with its driver, or why nobody knows it yet."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from leases.models import Driver, Lease, Vehicle
from tickets import rules


class Wait(models.TextChoices):
    """Why a ticket waits in the review queue."""

    NOTHING = "", "Nothing"
    VEHICLE = "VEHICLE", "No cab of ours had this plate or tag then"
    LEASE = "LEASE", "Nobody held the cab then"
    DRIVER = "DRIVER", "More than one driver may have had the cab"
    LICENSE = "LICENSE", "No driver has this TLC license"
    CONGESTION = "CONGESTION", "Congestion zone: passengers pay it trip by trip"
    REFUND = "REFUND", "Refund of a toll that is not charged to one driver"
    KIND = "KIND", "Of a kind that is not known: whose is it?"
    SIGN = "SIGN", "A toll above zero: a charge, or a refund?"
    CONTRADICTS = "CONTRADICTS", "What it tells contradicts itself"
    TRIP = "TRIP", "The driver of the trip is on no lease of the cab"
    RESTORED = "RESTORED", "It was put back: whose is it?"


#: What a person alone can answer: nothing that is entered later decides it.
FOR_A_PERSON = (Wait.CONGESTION, Wait.KIND, Wait.SIGN, Wait.CONTRADICTS, Wait.RESTORED)

#: What the office may dismiss from the queue by itself: plates and tags that are none of ours, the congestion zone.
MAY_BE_LAID_ASIDE = (Wait.VEHICLE, Wait.CONGESTION)


class TicketQuerySet(models.QuerySet["Ticket"]):
    def waiting(self) -> "TicketQuerySet":
        """In the review queue."""
        return self.filter(state=Ticket.State.WAITING)

    def rematchable(self) -> "TicketQuerySet":
        """Waiting for something that a plate, a tag, a lease or a license entered later may answer."""
        return self.waiting().exclude(waits_for__in=FOR_A_PERSON)


class Ticket(models.Model):
    """A violation, a summons or a toll. Below zero it is a refund, and credits whom its toll was charged to.

    The state is what the office decided; what is owed and paid of it, the ledger knows by its reference.
    """

    class Kind(models.TextChoices):
        PVB = "PVB", "Parking or camera violation"
        TLC = "TLC", "TLC summons"
        EZPASS = "EZPASS", "E-ZPass toll"

    class State(models.TextChoices):
        WAITING = "WAITING", "In review"
        CHARGED = "CHARGED", "Charged"
        CREDITED = "CREDITED", "Credited"
        DISPUTED = "DISPUTED", "Disputed, not charged"
        DISMISSED = "DISMISSED", "Dismissed"
        NOTHING_DUE = "NOTHING_DUE", "Nothing due"
        FLEET_PAYS = "FLEET_PAYS", "The fleet pays"

    #: What a person laid aside; it can be put back in the queue.
    LAID_ASIDE = (State.DISPUTED, State.DISMISSED, State.FLEET_PAYS)

    kind = models.CharField(max_length=6, choices=Kind)
    number = models.CharField(max_length=40)
    state = models.CharField(max_length=11, choices=State)
    waits_for = models.CharField("waits for", max_length=12, choices=Wait, default=Wait.NOTHING, blank=True)
    #: The moment lies between these two, which are the same where its clock tells it well.
    at = models.DateTimeField("when")
    at_latest = models.DateTimeField("at the latest")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    tag = models.CharField(max_length=16, blank=True)
    plate = models.CharField(max_length=10, blank=True)
    plate_state = models.CharField("state of the plate", max_length=2, blank=True)
    medallion = models.CharField(max_length=6, blank=True)
    license = models.CharField("TLC license", max_length=8, blank=True)
    place = models.CharField(max_length=120, blank=True)
    violation = models.CharField(max_length=120, blank=True)
    #: As its document states it; blank: the Saturday of the week in which it is charged.
    due_on = models.DateField("due", null=True, blank=True)
    received = models.JSONField(default=dict, blank=True)

    # That these, the trip and the file are there is seen to by triggers, a statement at a time (sql/named.sql).
    vehicle = models.ForeignKey(
        Vehicle, models.PROTECT, null=True, blank=True, related_name="tickets", db_constraint=False
    )
    driver = models.ForeignKey(
        Driver, models.PROTECT, null=True, blank=True, related_name="tickets", db_index=False, db_constraint=False
    )
    lease = models.ForeignKey(Lease, models.PROTECT, null=True, blank=True, related_name="tickets", db_constraint=False)
    #: The CURB trip inside which it happened, whose driver had the cab.
    trip = models.ForeignKey(
        "curb.Trip",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        db_index=False,
        db_constraint=False,
    )
    #: What its document last told: dollars before payments (fine and additions less reductions), and dollars paid.
    told_total = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    told_paid = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    #: When a person last decided what becomes of it, and why.
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    decided_reason = models.CharField("because", max_length=500, blank=True, default="", db_default="")
    refund_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="refunds", db_index=False)
    #: Of a refund: the dollars of its toll that nobody had paid. They are owed no more, and were not credited.
    uncharged = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"))
    #: The row it came in; none where it was entered by hand.
    file = models.ForeignKey(
        "tickets.TicketImport",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        db_column="import_id",
        db_index=False,
        db_constraint=False,
    )
    row = models.PositiveIntegerField(null=True, blank=True)

    objects = TicketQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["received"],
        # A ticket's history is asked for by the ticket alone.
        no_db_index=["vehicle", "driver", "lease", "trip", "refund_of", "file"],
        table_name="tickets_history",
    )

    class Meta:
        db_table = "tickets_tickets"
        ordering = ["-id"]
        default_permissions = ("view", "add")
        permissions = [
            ("assign_ticket", "Can assign tickets to drivers"),
            (
                "correct_ticket",
                "Can correct, dispute and dismiss tickets, let the fleet pay them, and put them back in the queue",
            ),
            ("lay_aside_ticket", "Can dismiss tickets in review that no cab of ours had, or of the congestion zone"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="tickets_tickets_number"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["PVB", "TLC", "EZPASS"],
                    state__in=["WAITING", "CHARGED", "CREDITED", "DISPUTED", "DISMISSED", "NOTHING_DUE", "FLEET_PAYS"],
                ),
                name="tickets_tickets_choices_known",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=Decimal("-10000000000"), amount__lt=Decimal("10000000000")),
                name="tickets_tickets_amount_known",
            ),
            models.CheckConstraint(condition=Q(at_latest__gte=F("at")), name="tickets_tickets_moment"),
            models.CheckConstraint(
                condition=~Q(state__in=["CHARGED", "CREDITED"]) | Q(driver__isnull=False, waits_for=""),
                name="tickets_tickets_charged_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="WAITING", driver=None) & ~Q(waits_for="") | ~Q(state="WAITING") & Q(waits_for=""),
                name="tickets_tickets_waits_for_something",
            ),
            models.CheckConstraint(
                condition=~Q(state="FLEET_PAYS") | Q(driver=None, lease=None, amount__gt=0) & ~Q(decided_reason=""),
                name="tickets_tickets_fleet_pays_alone",
            ),
            models.CheckConstraint(
                condition=~Q(state="CHARGED", amount__lte=0) & ~Q(state="CREDITED", amount__gte=0),
                name="tickets_tickets_sign",
            ),
            models.CheckConstraint(
                condition=Q(uncharged=0)
                | Q(state="CREDITED", refund_of__isnull=False, uncharged__gt=0) & Q(uncharged__lte=-F("amount")),
                name="tickets_tickets_uncharged_of_a_refund",
            ),
        ]
        indexes = [
            models.Index(fields=["waits_for", "id"], condition=Q(state="WAITING"), name="tickets_tickets_waiting"),
            models.Index(
                fields=["state", "decided_at"],
                condition=Q(state__in=["DISPUTED", "FLEET_PAYS"]),
                name="tickets_tickets_decided",
            ),
            models.Index(fields=["driver", "-id"], name="tickets_tickets_of_driver"),
            # Days of lists and reports, and the tolls that a refund may be of.
            models.Index(fields=["at", "amount"], name="tickets_tickets_by_moment"),
            # A toll has a plate or a tag, and nearly none is a refund: an index of those alone.
            models.Index(fields=["plate"], condition=~Q(plate=""), name="tickets_tickets_plated"),
            models.Index(fields=["tag"], condition=~Q(tag=""), name="tickets_tickets_tagged"),
            models.Index(fields=["refund_of"], condition=Q(refund_of__isnull=False), name="tickets_tickets_refunded"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}-{self.number}"

    @property
    def is_refund(self) -> bool:
        return self.amount < 0

    @property
    def reference_id(self) -> str:
        """Under which the ledger knows it."""
        return rules.name_ticket(self.kind, self.number, is_refund=self.is_refund)

    @property
    def is_dated_only(self) -> bool:
        """Whether no time of day is told."""
        return rules.is_dated_only(self.at, self.at_latest)
