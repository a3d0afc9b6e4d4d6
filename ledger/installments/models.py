"""The shape of anything a business module charges on a schedule: the plan, its installments, the bands that cut it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db import models
from django.db.models import Count, F, Max, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from ledger.categories import Category
from ledger.installments.rules import DEFAULT_BANDS, Band
from ledger.money import ZERO


@dataclass(frozen=True, slots=True)
class Told:
    """What a posting says of an installment: its words for the driver, and how many dollars of it are interest."""

    description: str = ""
    income: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class PausedCharge:
    """What a plan on hold will charge once it is resumed, in dollars; ``words`` say what it is to its driver."""

    reference_id: str
    words: str
    amount: Decimal
    lease_id: int | None


class InstallmentQuerySet(models.QuerySet[Any]):
    def payable(self) -> "InstallmentQuerySet":
        """Neither posted yet nor held for a dispute."""
        return self.filter(posted_at__isnull=True, on_hold=False)


class Installment(models.Model):
    """One dated part of a plan. Whether it is paid is never stored here: the ledger is asked by ``reference_id``.

    A concrete model says which category it charges, and where its driver, lease and vehicle are found.
    """

    #: What it charges, and the ORM paths from an installment to whom and what it is charged.
    category: ClassVar[Category]
    driver_path: ClassVar[str]
    lease_path: ClassVar[str | None] = None
    vehicle_path: ClassVar[str | None] = None
    #: Of those on hold, the ones that are charged once they are resumed. What is set aside for good is on hold as well.
    paused: ClassVar[Q] = Q(on_hold=True)
    #: Its dates that move when the plan resumes late.
    moving_dates: ClassVar[tuple[str, ...]] = ("due_on",)

    reference_id = models.CharField("reference", max_length=64, unique=True)
    number = models.PositiveIntegerField()
    due_on = models.DateField("due")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    posted_at = models.DateTimeField("posted", null=True, blank=True, editable=False)
    on_hold = models.BooleanField(default=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="%(app_label)s_%(class)s_amount_positive"),
        ]
        indexes = [
            models.Index(
                F("due_on"),
                condition=Q(posted_at__isnull=True),
                name="%(app_label)s_%(class)s_due",
            ),
        ]

    def __str__(self) -> str:
        return self.reference_id

    @classmethod
    def tell(cls, ids: Collection[int], *, effective_on: date) -> dict[int, Told]:
        """Return what is to be said of the installments with these ids when they are charged on that day, by id.

        A concrete model answers for all of them by a fixed number of statements; of one left out nothing is said.
        """
        return {}

    @classmethod
    def sum_left(cls, driver_ids: Collection[int], *, on: date) -> dict[int, Decimal]:
        """Return what these drivers' plans would still charge if they ended on a day, in dollars, by driver."""
        left = cls._default_manager.filter(Q(on_hold=False) | cls.paused, posted_at__isnull=True)
        of_these = left.filter(**{f"{cls.driver_path}__in": list(driver_ids)})
        return dict(of_these.order_by().values_list(cls.driver_path).annotate(total=Sum("amount")))

    @classmethod
    def list_paused(cls, driver_id: int, *, on: date) -> list[PausedCharge]:
        """Return what a driver's plans on hold would charge if they ended on a day, oldest first."""
        rows = cls._default_manager.filter(cls.paused, posted_at__isnull=True, **{cls.driver_path: driver_id})
        lease = F(cls.lease_path) if cls.lease_path else Value(None, output_field=models.BigIntegerField())
        found = list(rows.order_by("due_on", "pk").values_list("pk", "reference_id", "amount", lease))
        told = cls.tell([pk for pk, *_ in found], effective_on=on) if found else {}
        return [
            PausedCharge(reference_id, told[pk].description if pk in told else reference_id, amount, lease_id)
            for pk, reference_id, amount, lease_id in found
        ]


def count_of_plan(installments: models.QuerySet[Any]) -> Coalesce:
    """Return how many parts a plan has, as an expression of a query; ``installments`` are those of the outer row's."""
    counted = installments.order_by().annotate(one=Value(1)).values("one").annotate(parts=Count("pk")).values("parts")
    return Coalesce(Subquery(counted, output_field=models.IntegerField()), 0)


def list_installment_models() -> list[type[Installment]]:
    """Every concrete installment model of the project, in a fixed order."""
    found: list[type[Installment]] = []
    waiting = list(Installment.__subclasses__())
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if not model._meta.abstract:
            found.append(model)
    return sorted(found, key=lambda model: model._meta.label)


class PlanStatus(models.TextChoices):
    """Where a plan stands. One that can end in other ways has more of these, under the same words."""

    ACTIVE = "ACTIVE", "Active"
    ON_HOLD = "ON_HOLD", "On hold"
    VOIDED = "VOIDED", "Voided"


class Plan(models.Model):
    """What a driver repays in weekly installments: a workshop's invoice, a loan.

    A concrete model has a ``driver``, who never changes; its installments name it, and are its ``installments``.
    """

    weekly_amount = models.DecimalField(max_digits=12, decimal_places=2)
    starts_on = models.DateField("plan starts")
    posts_at_once = models.BooleanField("all charged at creation", default=False)
    status = models.CharField(max_length=11, choices=PlanStatus, default=PlanStatus.ACTIVE)
    reason = models.CharField("reason of the state", max_length=500, blank=True)
    #: Of the agreement that the driver signed for it.
    paper_number = models.CharField("signed paper's number", max_length=40, blank=True)

    if TYPE_CHECKING:
        driver_id: int
        installments: Any

    class Meta:
        abstract = True


#: Since when the bands are in force that a new database starts with.
FIRST_DAY = date(2000, 1, 1)


class PlanBandQuerySet(models.QuerySet[Any]):
    def in_force(self, on: date) -> "PlanBandQuerySet":
        """The bands of the newest set that is in force on that day, in rising order."""
        newest = self.filter(effective_on__lte=on).aggregate(newest=Max("effective_on"))["newest"]
        return self.filter(effective_on=newest).order_by(F("up_to").asc(nulls_last=True))

    def as_bands(self) -> list[Band]:
        return [Band(*row) for row in self.values_list("up_to", "weekly_amount")]


class PlanBand(models.Model):
    """One band of a set that decides, from ``effective_on`` until the next set, how much a week a plan takes.

    A band holds the amounts above the band before it, up to and with ``up_to``: a gap between two can't be written.
    """

    effective_on = models.DateField("in force from")
    up_to = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    weekly_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)

    objects = PlanBandQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-effective_on", F("up_to").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["effective_on", "up_to"], name="%(app_label)s_%(class)s_bound", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=(Q(up_to__isnull=True) | Q(up_to__gt=0, up_to__lt=Decimal(10**10)))
                & (Q(weekly_amount__isnull=True) | Q(weekly_amount__gt=0, weekly_amount__lt=Decimal(10**10))),
                name="%(app_label)s_%(class)s_amounts_positive",
            ),
        ]

    def __str__(self) -> str:
        bound = "above" if self.up_to is None else f"up to {self.up_to:,.2f}"
        return f"{bound}: {'in full' if self.weekly_amount is None else f'{self.weekly_amount:,.2f} a week'}"


AnyBand = TypeVar("AnyBand", bound=PlanBand)


def make_bands(model: type[AnyBand], effective_on: date, bands: Iterable[Band]) -> list[AnyBand]:
    """Return the rows of a set of bands, not saved yet."""
    return [model(effective_on=effective_on, up_to=band.up_to, weekly_amount=band.weekly_amount) for band in bands]


def plant_default_bands(model: type[PlanBand], using: str) -> None:
    """Give an empty table the bands that a new fleet starts with; one that has any is left alone."""
    rows = model._default_manager.using(using)
    if not rows.exists():
        rows.bulk_create(make_bands(model, FIRST_DAY, DEFAULT_BANDS))
