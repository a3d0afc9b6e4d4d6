"""Scheduled charges that are not posted yet, of every business module."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, CharField, F, QuerySet, Sum, Value

from ledger.installments.models import Installment, PausedCharge, list_installment_models


@dataclass(frozen=True, slots=True)
class PayableInstallment:
    """A charge still to come that a payment may name by its reference; ``amount`` in dollars, in words when charged."""

    reference_id: str
    category: str
    due_on: date
    amount: Decimal
    lease_id: int | None
    vehicle_id: int | None
    description: str


def list_installments_payable_ahead(driver_id: int, until: date) -> list[PayableInstallment]:
    """Return the driver's unposted installments due by ``until`` and not on hold, oldest first.

    By one statement for all modules, and a few more for the words of each that has any.
    """
    models = list_installment_models()
    plans = [_list_payable(model, place, driver_id, until) for place, model in enumerate(models)]
    if not plans:
        return []
    rows = list(plans[0].union(*plans[1:], all=True))
    told: dict[tuple[int, int], str] = {}
    for place, model in enumerate(models):
        ids = [row[1] for row in rows if row[0] == place]
        words = model.tell(ids, effective_on=until) if ids else {}
        told |= {(place, pk): installment.description for pk, installment in words.items()}
    columns: list[list[Any]] = [[*facts, told.get((place, pk), "")] for place, pk, *facts in rows]
    found = [PayableInstallment(*row) for row in columns]
    return sorted(found, key=lambda installment: (installment.due_on, installment.reference_id))


def sum_installments_payable(until: date, *, driver_id: int | None = None) -> dict[int, dict[str, Decimal]]:
    """The unposted installments due by ``until`` and not on hold, in dollars, by driver and category.

    ``driver_id`` asks for one driver alone.
    """
    sums: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for model in list_installment_models():
        payable = model._default_manager.filter(posted_at__isnull=True, on_hold=False, due_on__lte=until)
        if driver_id is not None:
            payable = payable.filter(**{model.driver_path: driver_id})
        rows = payable.order_by().values_list(model.driver_path).annotate(total=Sum("amount"))
        category = model.category.value
        for driver_id, total in rows:
            sums[driver_id][category] = sums[driver_id].get(category, Decimal()) + total
    return dict(sums)


def sum_installments_left(driver_ids: Collection[int], *, on: date) -> dict[int, Decimal]:
    """What is left to charge of these drivers' plans if they ended on a day, whenever due, in dollars, by driver.

    What is on hold counts: it is put off, and not forgiven.
    """
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for model in list_installment_models():
        for driver_id, total in model.sum_left(driver_ids, on=on).items():
            sums[driver_id] += total
    return dict(sums)


def list_paused_charges(driver_id: int, *, on: date) -> list[PausedCharge]:
    """Return what a driver's plans on hold would charge if they were resumed, and ended, on a day."""
    return [charge for model in list_installment_models() for charge in model.list_paused(driver_id, on=on)]


def coming_sql(as_of: date) -> tuple[str, dict[str, Any]]:
    """Return the query of every module's installments that are due, not on hold and not posted, with its parameters:
    ``driver_id``, ``category`` and ``amount``."""
    plans = [
        model._default_manager.filter(posted_at__isnull=True, on_hold=False, due_on__lte=as_of)
        .order_by()
        .annotate(whose=F(model.driver_path), charged_as=Value(model.category.value, output_field=CharField()))
        .values_list("whose", "charged_as", "amount")
        for model in list_installment_models()
    ]
    sql, parameters = plans[0].union(*plans[1:], all=True).query.sql_with_params()
    names = [f"coming_{place}" for place in range(len(parameters))]
    # Beside the named parameters of a larger query stand no others.
    named = sql % tuple(f"%({name})s" for name in names)
    return (
        f"SELECT whose AS driver_id, charged_as AS category, amount FROM ({named}) AS plans",
        dict(zip(names, parameters, strict=True)),
    )


def _list_payable(model: type[Installment], place: int, driver_id: int, until: date) -> QuerySet[Any, tuple[Any, ...]]:
    """The model's place among all and its key, then the columns of :class:`PayableInstallment`, but for its words."""
    payable = model._default_manager.filter(
        posted_at__isnull=True, on_hold=False, due_on__lte=until, **{model.driver_path: driver_id}
    )
    return (
        payable.order_by()
        .annotate(
            of_model=Value(place),
            of_category=Value(model.category.value),
            of_lease=F(model.lease_path) if model.lease_path else Value(None, output_field=BigIntegerField()),
            of_vehicle=F(model.vehicle_path) if model.vehicle_path else Value(None, output_field=BigIntegerField()),
        )
        .values_list("of_model", "pk", "reference_id", "of_category", "due_on", "amount", "of_lease", "of_vehicle")
    )
