"""The installments of a plan beside what the ledger says of each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import Count, Min, Sum

from core.dossier import Done
from ledger.categories import Status
from ledger.installments.models import Installment, Plan, PlanStatus, list_installment_models
from ledger.money import ZERO
from ledger.selectors.balances import list_balances_by_reference

#: What an installment that is not charged yet is called: it waits for its day, or is held back, or its plan was voided
#: or paid off, and it never will be charged.
SCHEDULED = "Scheduled"
ON_HOLD = str(PlanStatus.ON_HOLD.label)
DROPPED = "Dropped"
REPLACED = "Replaced"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One installment, in dollars. ``balance_id`` is None until it is posted; ``state`` is a word for people."""

    installment: Installment
    reference_id: str
    number: int
    due_on: date
    amount: Decimal
    state: str
    settled: Decimal
    remaining: Decimal
    balance_id: int | None

    @property
    def is_live(self) -> bool:
        """Posted, and not voided since."""
        return self.balance_id is not None and self.state != Status.VOIDED.label


def list_plan(installments: Iterable[Installment], *, held_as: str = ON_HOLD) -> list[PlanRow]:
    """Return the installments with what is posted, paid and open, by one query however many they are.

    ``held_as`` is the word for those that are held back.
    """
    rows = list(installments)
    posted = {balance.reference_id: balance for balance in list_balances_by_reference(row.reference_id for row in rows)}
    plan = []
    for row in rows:
        balance = posted.get(row.reference_id)
        unposted_state = held_as if row.on_hold else SCHEDULED
        is_live = balance is not None and balance.status != Status.VOIDED
        plan.append(
            PlanRow(
                installment=row,
                reference_id=row.reference_id,
                number=row.number,
                due_on=row.due_on,
                amount=row.amount,
                state=balance.get_status_display() if balance else unposted_state,
                settled=balance.original_amount - balance.remaining if balance and is_live else ZERO,
                remaining=balance.remaining if balance else ZERO,
                balance_id=balance.pk if balance else None,
            )
        )
    return plan


def sum_settled(model: type[Plan], plan_ids: Collection[int]) -> dict[int, Done]:
    """Return by plan how many dollars of its installments are paid, or forgiven, by two statements."""
    parts: Any = cast(Any, model._meta).get_field("installments")
    of_plan = f"{parts.field.name}_id"
    installments = parts.related_model._default_manager.filter(**{f"{of_plan}__in": list(plan_ids)})
    settled, whole = dict.fromkeys(plan_ids, ZERO), dict.fromkeys(plan_ids, ZERO)
    plans: dict[str, int] = {}
    for reference_id, plan_id, amount, posted_at in installments.values_list(
        "reference_id", of_plan, "amount", "posted_at"
    ):
        whole[plan_id] += amount
        if posted_at is not None:
            plans[reference_id] = plan_id
    for balance in list_balances_by_reference(plans):
        if balance.status != Status.VOIDED:
            settled[plans[balance.reference_id]] += balance.original_amount - balance.remaining
    return {plan_id: Done(settled[plan_id], whole[plan_id]) for plan_id in plan_ids}


@dataclass(frozen=True, slots=True)
class PlanLeft:
    """What a driver's plan will still charge, in dollars; ``reference_prefix`` begins its installments' references."""

    driver_id: int
    lease_id: int | None
    name: str
    category: str
    reference_prefix: str
    left: Decimal
    parts: int
    next_on: date
    is_on_hold: bool


def list_plans_left(driver_ids: Collection[int]) -> list[PlanLeft]:
    """Return the plans of these drivers with installments still to be charged, one statement a kind of plan."""
    return [plan for model in list_installment_models() for plan in _list_left(model, driver_ids)]


def _list_left(model: type[Installment], driver_ids: Collection[int]) -> Iterable[PlanLeft]:
    plan_field = model.driver_path.partition("__")[0]
    plan = model._meta.get_field(plan_field).related_model
    if not (isinstance(plan, type) and issubclass(plan, Plan)):
        # Rent goes on with its lease; it is nothing that is paid off.
        return
    unposted = model._default_manager.filter(
        posted_at__isnull=True,
        **{
            f"{model.driver_path}__among": driver_ids,
            f"{plan_field}__status__in": [PlanStatus.ACTIVE, PlanStatus.ON_HOLD],
        },
    )
    paths = (model.driver_path, model.lease_path or model.driver_path, f"{plan_field}_id", f"{plan_field}__status")
    rows = unposted.order_by(f"{plan_field}_id").values_list(*paths)
    sums = rows.annotate(Sum("amount"), Count("pk"), Min("due_on"))
    for driver_id, lease_id, plan_id, status, left, parts, next_on in sums:
        yield PlanLeft(
            driver_id=driver_id,
            lease_id=lease_id if model.lease_path else None,
            name=_name_plan(plan, plan_id),
            category=model.category.value,
            reference_prefix=f"{model.category.value}-{plan_id}-",
            left=left,
            parts=parts,
            next_on=next_on,
            is_on_hold=status == PlanStatus.ON_HOLD,
        )


def _name_plan(plan: type[Plan], plan_id: int) -> str:
    row = plan()
    row.pk = plan_id
    return str(row)
