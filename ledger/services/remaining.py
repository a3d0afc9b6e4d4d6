"""What is left of a driver's plans is called in."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib.auth.models import User

from ledger.installments.models import Installment, list_installment_models
from ledger.locks import lock_accounts
from ledger.services.installments import post_locked
from ledger.services.posting import NOTHING_POSTED, PostingCounts
from ledger.services.transactions import money_transaction

#: Gets a filter of installments that are neither posted nor on hold, the day, and who asks; their account is locked.
CallIn = Callable[[dict[str, Any], date, User | None], PostingCounts]

_WAYS: dict[type[Installment], CallIn] = {}


def register_calling_in(model: type[Installment], call_in: CallIn) -> None:
    """Have a kind of plan be called in by ``call_in``, where its rest is not what was planned: a loan's interest."""
    _WAYS[model] = call_in


@money_transaction
def post_remaining_installments(
    *,
    driver_id: int,
    due_on: date,
    lease_id: int | None = None,
    without_lease: bool = False,
    actor: User | None = None,
) -> PostingCounts:
    """Post every installment of a driver's plans that is neither posted nor on hold, due on ``due_on`` at the latest.

    Of a loan, what pays it off that day: interest of days to come is not earned. With ``lease_id``, those of plans on
    that lease only; and with ``without_lease`` besides, those on no lease. A second run posts nothing.

    :raises DriverNotFound: no such driver
    :raises ReferenceConflict, ReferenceVoided: an installment's reference is taken by something else
    """
    lock_accounts([driver_id])
    total = NOTHING_POSTED
    for model in list_installment_models():
        which: list[dict[str, Any]] = [{}]
        if lease_id is not None:
            which = [{model.lease_path: lease_id}] if model.lease_path else []
            if without_lease:
                which.append({f"{model.lease_path}__isnull": True} if model.lease_path else {})
        for part in which:
            which_of_driver = {model.driver_path: driver_id, **part}
            if call_in := _WAYS.get(model):
                total += call_in(which_of_driver, due_on, actor)
                continue
            total += post_locked(model, which_of_driver, effective_on=due_on, actor=actor, due_at_latest=due_on)
    return total
