"""Papers that end on a day: a driver's licenses, a vehicle's registration, insurance and inspection."""

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from simple_history.models import HistoricalRecords

from leases.models.drivers import Driver
from leases.models.vehicles import Vehicle


class PaperQuerySet(models.QuerySet["Paper"]):
    def last_of_each(self) -> "PaperQuerySet":
        """Those that no later paper of the same kind has taken the place of."""
        later = Paper.objects.filter(
            Q(driver=OuterRef("driver")) | Q(vehicle=OuterRef("vehicle")), kind=OuterRef("kind")
        ).filter(Q(good_to__gt=OuterRef("good_to")) | Q(good_to=OuterRef("good_to"), pk__gt=OuterRef("pk")))
        return self.exclude(Exists(later))

    def ending_by(self, day: date) -> "PaperQuerySet":
        """The last of their kind that are over by a day, of who drives and what is in service."""
        in_use = Q(driver__status=Driver.Status.ACTIVE) | Q(vehicle__status=Vehicle.Status.IN_SERVICE)
        return self.filter(in_use, good_to__lte=day).last_of_each()


class Paper(models.Model):
    """One paper of a driver or a vehicle. A new one does not replace the row of the one before it."""

    class Kind(models.TextChoices):
        TLC_LICENSE = "TLC_LICENSE", "TLC license"
        DRIVER_LICENSE = "DMV_LICENSE", "Driver license (DMV)"
        REGISTRATION = "REGISTRATION", "Registration"
        INSURANCE = "INSURANCE", "Insurance"
        INSPECTION = "INSPECTION", "TLC inspection"
        OTHER = "OTHER", "Other paper"

    #: Which a person has, and which a cab.
    OF_DRIVERS = (Kind.TLC_LICENSE, Kind.DRIVER_LICENSE, Kind.OTHER)
    OF_VEHICLES = (Kind.REGISTRATION, Kind.INSURANCE, Kind.INSPECTION, Kind.OTHER)

    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    kind = models.CharField(max_length=12, choices=Kind)
    number = models.CharField(max_length=40, blank=True)
    #: The last day on which it is good.
    good_to = models.DateField("good to")

    history = HistoricalRecords()
    objects = PaperQuerySet.as_manager()

    class Meta:
        db_table = "leases_papers"
        ordering = ["good_to", "id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["good_to", "id"], name="leases_papers_by_end")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    driver__isnull=False, vehicle__isnull=True, kind__in=["TLC_LICENSE", "DMV_LICENSE", "OTHER"]
                )
                | Q(
                    driver__isnull=True,
                    vehicle__isnull=False,
                    kind__in=["REGISTRATION", "INSURANCE", "INSPECTION", "OTHER"],
                ),
                name="leases_papers_of_one_owner",
            ),
            models.UniqueConstraint(
                F("driver"), F("kind"), F("number"), F("good_to"), condition=Q(vehicle=None), name="leases_papers_once"
            ),
            models.UniqueConstraint(
                F("vehicle"),
                F("kind"),
                F("number"),
                F("good_to"),
                condition=Q(driver=None),
                name="leases_papers_once_of_vehicle",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()
