"""Installments become obligations: when due, or when the driver pays ahead."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F
from django.db.models.functions import Now

from ledger.categories import Kind
from ledger.installments.models import Installment, Told, list_installment_models
from ledger.locks import lock_accounts
from ledger.services.posting import NOTHING_POSTED, Opening, PostingCounts, check_openings, open_balances
from ledger.services.transactions import money_transaction

#: Drivers whose installments one transaction posts: a batch holds their accounts, so it is kept short.
DRIVERS_IN_A_BATCH = 1000
NOTHING_TOLD = Told()


def post_scheduled_installments(
    *, as_of: date, driver_ids: Collection[int] | None = None, actor: User | None = None
) -> PostingCounts:
    """Post every installment of every plan that is due on or before ``as_of``, not on hold and not posted yet.

    One transaction for each batch of drivers, in id order; all drivers when ``driver_ids`` is left out. A charge's
    ``effective_on`` is ``as_of``, so a week closed late reads as one closed in time. A second run posts nothing.

    :raises ReferenceConflict, ReferenceVoided: an installment's reference is taken by something else; its batch is
        not posted, the batches before it are
    """
    models = list_installment_models()
    waiting = sorted({driver_id for model in models for driver_id in _list_drivers_with_due(model, as_of, driver_ids)})
    total = NOTHING_POSTED
    for batch in split_into_batches(waiting, DRIVERS_IN_A_BATCH):
        total += _post_batch(models, batch, as_of=as_of, actor=actor)
    return total


@money_transaction
def post_installments(
    *,
    reference_ids: Collection[str],
    driver_id: int,
    effective_on: date,
    actor: User | None = None,
) -> PostingCounts:
    """Post the driver's named installments now, each with its own due date, however far ahead that is.

    Those already posted or on hold are passed over, so a second call posts nothing.

    :raises DriverNotFound: no such driver
    :raises ReferenceConflict, ReferenceVoided: an installment's reference is taken by something else
    """
    lock_accounts([driver_id])
    return post_installments_ahead(
        reference_ids=reference_ids,
        driver_id=driver_id,
        until=date.max,
        effective_on=effective_on,
        actor=actor,
    )


def post_installments_ahead(
    *, reference_ids: Collection[str], driver_id: int, until: date, effective_on: date, actor: User | None
) -> PostingCounts:
    """Post those of the driver's named installments that are due by ``until``; their account is locked already."""
    total = NOTHING_POSTED
    for model in list_installment_models():
        total += post_locked(
            model,
            {"reference_id__in": list(reference_ids), "due_on__lte": until, model.driver_path: driver_id},
            effective_on=effective_on,
            actor=actor,
        )
    return total


def split_into_batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Cut ``ids`` into runs of at most ``size``, in their order."""
    return (ids[start : start + size] for start in range(0, len(ids), size))


@money_transaction
def _post_batch(
    models: Iterable[type[Installment]], driver_ids: Sequence[int], *, as_of: date, actor: User | None
) -> PostingCounts:
    lock_accounts(driver_ids)
    total = NOTHING_POSTED
    for model in models:
        total += post_locked(
            model,
            {"due_on__lte": as_of, f"{model.driver_path}__among": driver_ids},
            effective_on=as_of,
            actor=actor,
        )
    return total


def post_locked(
    model: type[Installment],
    which: dict[str, Any],
    *,
    effective_on: date,
    actor: User | None,
    due_at_latest: date = date.max,
) -> PostingCounts:
    """Lock the payable installments among ``which``, post them by lease number, and mark them posted."""
    by_lease = [F(model.lease_path).asc(nulls_last=True)] if model.lease_path else []
    rows = (
        model._default_manager.filter(posted_at=None, on_hold=False, **which)
        .order_by(*by_lease, "due_on", "pk")
        .select_for_update(of=("self",))
        .values_list("pk", "reference_id", "amount", "due_on", *_paths_of(model))
    )
    found = list(rows)
    if not found:
        return NOTHING_POSTED
    told = model.tell([row[0] for row in found], effective_on=effective_on)
    openings = [
        Opening(
            category=model.category,
            amount=amount,
            reference_id=reference_id,
            driver_id=driver_id,
            lease_id=source[0] if model.lease_path else None,
            vehicle_id=source[-1] if model.vehicle_path else None,
            due_on=min(due_on, due_at_latest),
            effective_on=effective_on,
            description=told.get(pk, NOTHING_TOLD).description,
            income=told.get(pk, NOTHING_TOLD).income,
        )
        for pk, reference_id, amount, due_on, driver_id, *source in found
    ]
    checked = check_openings(Kind.OBLIGATION, openings)
    counts = open_balances(Kind.OBLIGATION, checked, actor=actor, same_on_any_day=True)
    model._default_manager.filter(pk__among=[row[0] for row in found]).update(posted_at=Now())
    return counts


def _paths_of(model: type[Installment]) -> list[str]:
    return [path for path in (model.driver_path, model.lease_path, model.vehicle_path) if path]


def _list_drivers_with_due(model: type[Installment], as_of: date, driver_ids: Collection[int] | None) -> Iterable[int]:
    due = model._default_manager.filter(posted_at=None, on_hold=False, due_on__lte=as_of)
    if driver_ids is not None:
        due = due.filter(**{f"{model.driver_path}__among": driver_ids})
    return due.order_by().values_list(model.driver_path, flat=True).distinct()
