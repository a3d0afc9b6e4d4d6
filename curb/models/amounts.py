"""What the amounts of a record left open (unknown attributes, sums that do not add up), and what was ruled of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from curb.rules import Place

PLACE_LABELS = {
    Place.FARE.value: "Fare: the driver's, as it is in the total",
    Place.MTA_TAX.value: "MTA tax: charged to the driver",
    Place.IMPROVEMENT.value: "Improvement surcharge (TIF): charged to the driver",
    Place.CONGESTION.value: "Congestion surcharge: charged to the driver",
    Place.AIRPORT.value: "Airport fee: charged to the driver",
    Place.CBD.value: "CBD toll: charged to the driver",
    Place.PASSED_THROUGH.value: "Passed through: the fleet remits it, neither credited nor charged",
    Place.NOT_MONEY.value: "No amount of money",
    Place.MAY_BE_MISSING.value: "A tax that records may leave out",
}


class AttributeRuling(models.Model):
    """Where an attribute of CURB's records belongs, as a person said; of the trips that begin on a day or later.

    Of several that reach a trip the newest holds. Rows are only added: they are the history.
    """

    #: The attribute without case and separators, and as it was spelt.
    key = models.CharField(max_length=60)
    name = models.CharField("attribute", max_length=60)
    place = models.CharField("belongs to", max_length=14, choices=PLACE_LABELS)
    from_on = models.DateField("trips from")
    reason = models.CharField(max_length=500)
    ruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ruled_at = models.DateTimeField("ruled", db_default=Now())

    class Meta:
        db_table = "curb_attributes"
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("rule_attribute", "Can say where an attribute of CURB's records belongs")]
        verbose_name = "ruling on an attribute"
        verbose_name_plural = "rulings on attributes"
        constraints = [
            models.CheckConstraint(condition=Q(place__in=list(PLACE_LABELS)), name="curb_attributes_place_known"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(key=""), name="curb_attributes_says_why"),
        ]
        indexes = [models.Index(fields=["key", "-id"], name="curb_attributes_by_key")]

    def __str__(self) -> str:
        return f"{self.name} from {self.from_on:%b %-d, %Y}: {self.get_place_display()}"


class AmountRemark(models.Model):
    """What is to be told of a record's amounts: the record was kept, and counts by its total meanwhile.

    An attribute is told until it is ruled where it belongs (``read_as``), a sum until somebody has looked at it.
    """

    class What(models.TextChoices):
        SUM = "SUM", "The parts are not the total"
        UNKNOWN = "UNKNOWN", "An attribute that nobody knows"
        MISSING = "MISSING", "A tax that is not named"

    trip = models.ForeignKey("curb.Trip", models.PROTECT, null=True, blank=True, related_name="remarks")
    transaction = models.ForeignKey(
        "curb.CardTransaction", models.PROTECT, null=True, blank=True, related_name="remarks"
    )
    what = models.CharField(max_length=7, choices=What)
    key = models.CharField(max_length=60, blank=True)
    name = models.CharField("attribute", max_length=60, blank=True)
    #: Of an unknown attribute what it reads as, of a sum the total less the parts; in dollars.
    amount = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    #: By which ruling the record was read; blank where there was none.
    read_as = models.CharField(max_length=14, choices=PLACE_LABELS, blank=True, default="")

    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField("seen", null=True, blank=True)
    seen_reason = models.CharField("what was found", max_length=500, blank=True, default="")

    class Meta:
        db_table = "curb_amount_remarks"
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(trip=None, transaction__isnull=False) | Q(trip__isnull=False, transaction=None),
                name="curb_amount_remarks_of_one_record",
            ),
            models.CheckConstraint(
                condition=Q(what="SUM", key="", name="", read_as="", amount__isnull=False)
                | (Q(what="UNKNOWN", amount__isnull=False) & ~Q(key="") & ~Q(read_as=Place.MAY_BE_MISSING.value))
                | (Q(what="MISSING", amount=None, read_as__in=["", Place.MAY_BE_MISSING.value]) & ~Q(key="")),
                name="curb_amount_remarks_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None, seen_reason="")
                | (Q(what="SUM", seen_at__isnull=False) & ~Q(seen_reason="")),
                name="curb_amount_remarks_seen_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["key"], condition=Q(read_as="", seen_at=None), name="curb_amount_remarks_open"),
            models.Index(fields=["key", "id"], name="curb_amount_remarks_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.name or self.amount}"
