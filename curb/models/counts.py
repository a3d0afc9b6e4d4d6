"""What each close counted of each trip, for whom; and what people corrected about trips."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.words import say_full_day
from curb import rules
from curb.models.trips import PAYMENT_TYPE_LABELS, Trip

_UNTAXED = Q(**dict.fromkeys(rules.TAX_COLUMNS, 0))


class TripCount(models.Model):
    """A trip counted for a driver by a week's close (+1), or counted back (−1). Never changed, never deleted.

    The amounts are dollars with their sign: counted back, they are the opposite of what was counted. A trip that turns
    out to be somebody else's, or that comes amended, is counted back and counted anew by the next close.
    """

    # That what it names is there is seen to by triggers, a statement at a time (``sql/guards.sql``).
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="counts", db_index=False, db_constraint=False)
    #: The Saturday of the week whose close counted it; that it was begun, the closes see to (``dtr/sql``).
    week_end = models.DateField("counted in the week ending")
    sign = models.SmallIntegerField()
    #: Made by the void of what its references posted: it cancels the row that has everything else alike.
    is_void = models.BooleanField(default=False, db_default=False)
    driver = models.ForeignKey(
        "leases.Driver", models.PROTECT, related_name="trip_counts", db_constraint=False, db_index=False
    )
    lease = models.ForeignKey(
        "leases.Lease",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="trip_counts",
        db_index=False,
        db_constraint=False,
    )
    vehicle = models.ForeignKey(
        "leases.Vehicle",
        models.PROTECT,
        related_name="trip_counts",
        verbose_name="cab",
        db_index=False,
        db_constraint=False,
    )
    #: ``2026-11-21-L12``, which names the references: ``CURB-`` what was credited, ``TAXES-`` what was charged.
    share = models.CharField(max_length=56)
    payment_type = models.CharField("counted as", max_length=9, choices=PAYMENT_TYPE_LABELS)
    #: Whether the trip was made before the week that counts it.
    is_late = models.BooleanField("of an earlier week")
    #: Credited where it was paid by card; told, and not credited, otherwise.
    total = models.DecimalField(max_digits=8, decimal_places=2)
    #: The taxes charged: none for what was paid otherwise than by card or in cash.
    mta_tax = models.DecimalField("MTA tax", max_digits=8, decimal_places=2)
    improvement = models.DecimalField("improvement surcharge (TIF)", max_digits=8, decimal_places=2)
    congestion = models.DecimalField("congestion surcharge", max_digits=8, decimal_places=2)
    airport = models.DecimalField("airport fee", max_digits=8, decimal_places=2)
    cbd = models.DecimalField("CBD toll", max_digits=8, decimal_places=2)
    counted_at = models.DateTimeField("counted", db_default=Now(), editable=False)

    class Meta:
        db_table = "curb_trip_counts"
        ordering = ["-id"]
        default_permissions = ("view",)
        verbose_name = "counted trip"
        constraints = [
            models.UniqueConstraint(
                fields=["trip", "week_end", "sign", "is_void"], name="curb_trip_counts_once_a_close"
            ),
            models.CheckConstraint(condition=Q(sign__in=[1, -1]), name="curb_trip_counts_sign_known"),
            models.CheckConstraint(
                condition=Q(payment_type__in=list(PAYMENT_TYPE_LABELS)), name="curb_trip_counts_payment_type_known"
            ),
            models.CheckConstraint(
                condition=Q(payment_type__in=[kind.value for kind in rules.TAXED_TYPES]) | _UNTAXED,
                name="curb_trip_counts_only_card_and_cash_taxed",
            ),
            models.CheckConstraint(
                condition=Q(share__regex=r"^\d{4}-\d\d-\d\d-(D\d+|L\d+(-D\d+)?)$"), name="curb_trip_counts_share_names"
            ),
        ]
        indexes = [
            models.Index(fields=["week_end", "driver", "lease"], name="curb_trip_counts_of_a_week"),
            # A driver's of one week, however many weeks there were before.
            models.Index(fields=["driver", "week_end"], name="curb_trip_counts_of_a_driver"),
            models.Index(fields=["share"], name="curb_trip_counts_by_share"),
        ]

    def __str__(self) -> str:
        return f"{self.trip_id} in the week ending {say_full_day(self.week_end)}"

    @property
    def is_counted_back(self) -> bool:
        return self.sign < 0

    @property
    def credited_reference(self) -> str:
        """What credited it; nothing where it was not paid by card."""
        return rules.credited_reference_of(self.share) if self.payment_type in rules.EARNING_TYPES else ""

    @property
    def taxes_reference(self) -> str:
        """What charged its taxes; nothing where it is not taxed."""
        return rules.taxes_reference_of(self.share) if self.payment_type in rules.TAXED_TYPES else ""

    @property
    def fare(self) -> Decimal:
        """As the trip's, with its sign: below zero where it was counted back. So are tips, tolls and extras."""
        return self.sign * self.trip.fare

    @property
    def tips(self) -> Decimal:
        return self.sign * self.trip.tips

    @property
    def tolls(self) -> Decimal:
        return self.sign * self.trip.tolls

    @property
    def extras(self) -> Decimal:
        return self.sign * self.trip.extras

    @property
    def taxes_total(self) -> Decimal:
        return sum((getattr(self, column) for column in rules.TAX_COLUMNS), Decimal("0.00"))


class TripCorrection(models.Model):
    """What a person changed about whose a trip is, or as what it counts, and why. Never changed, never deleted."""

    class Act(models.TextChoices):
        MOVED = "MOVED", "Moved to another driver"
        COUNTED_BACK = "BACK", "Counted back: nobody's"
        DECIDED = "DECIDED", "Said how it was paid"

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="corrections")
    act = models.CharField(max_length=8, choices=Act)
    from_driver = models.ForeignKey("leases.Driver", models.PROTECT, null=True, blank=True, related_name="+")
    from_lease = models.ForeignKey("leases.Lease", models.PROTECT, null=True, blank=True, related_name="+")
    to_driver = models.ForeignKey("leases.Driver", models.PROTECT, null=True, blank=True, related_name="+")
    to_lease = models.ForeignKey("leases.Lease", models.PROTECT, null=True, blank=True, related_name="+")
    #: As what it counts from then on.
    counts_as = models.CharField(max_length=9, blank=True, default="")
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "curb_trip_corrections"
        ordering = ["-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="curb_trip_corrections_with_a_reason"),
            models.CheckConstraint(
                condition=~Q(act="MOVED") | Q(to_driver__isnull=False), name="curb_trip_corrections_moved_to_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.reason}"
