"""What is done to a plan, whichever module it belongs to. A module's services are these under its own words.

The lock order is the ledger's: the driver's account, then the plan's row, then its installments. The account is locked
by acts that move no money too, since posting what is due locks nothing else before it reads the installments; so a
module's service that calls :class:`PlanActs` is a ``ledger.services.money_transaction``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, TypeVar

from django.contrib.auth.models import User

from core.checks import check_reason
from core.errors import DomainError
from core.history import create_all_as, delete_as, save_as, update_all_as
from core.transactions import bounded_transaction
from ledger import services as ledger
from ledger.errors import BandsInThePast, BandsInvalid, NothingToHold, PlanError, PlanStartInvalid, PlanTooLong
from ledger.installments.models import Installment, Plan, PlanBand, PlanStatus, make_bands
from ledger.installments.rules import Band, check_bands, check_start, find_delay
from ledger.installments.selectors import list_plan
from ledger.locks import lock_accounts

__all__ = [
    "BandsInThePast",
    "BandsInvalid",
    "NothingToHold",
    "PlanActs",
    "PlanError",
    "PlanStartInvalid",
    "PlanTooLong",
    "list_unposted",
    "lock_installments",
    "resume_installments",
    "save_status",
    "set_aside",
    "set_plan_bands",
    "void_plan",
]

AnyPlan = TypeVar("AnyPlan", bound=Plan)
AnyBand = TypeVar("AnyBand", bound=PlanBand)


@dataclass(frozen=True, slots=True)
class PlanActs(Generic[AnyPlan]):
    """What may be done to the plans of one model, and how their module refuses it. Runs in the caller's transaction."""

    model: type[AnyPlan]
    not_found: type[DomainError]
    not_active: type[DomainError]
    not_on_hold: type[DomainError]

    def lock(self, plan_id: int) -> AnyPlan:
        """Lock the driver's account, then the plan, and return it.

        :raises DomainError: ``not_found``
        """
        # A plan's driver never changes, so it may be read before their account is locked.
        found = self.model._default_manager.filter(pk=plan_id).first()
        if found is None:
            raise self.not_found(f"No {self.model._meta.verbose_name} {plan_id}.")
        lock_accounts([found.driver_id])
        return self.model._default_manager.select_for_update(no_key=True).get(pk=plan_id)

    def require_active(self, plan: AnyPlan) -> None:
        """:raises DomainError: ``not_active``: on hold, or ended"""
        if plan.status != PlanStatus.ACTIVE:
            raise self.not_active(f"{plan} is {_tell_status(plan)}.")

    def hold(self, *, plan_id: int, reason: str, actor: User | None) -> AnyPlan:
        """Charge no further installment of a plan until it is resumed. What is charged already stays owed.

        :raises core.errors.ReasonRequired, core.errors.ValueInvalid: no reason, or one that is too long
        :raises DomainError: ``not_found``; or ``not_active``: it is on hold, or has ended
        :raises NothingToHold: every installment is charged already
        """
        reason = check_reason(reason)
        plan = self.lock(plan_id)
        self.require_active(plan)
        waiting = list_unposted(lock_installments(plan))
        if not waiting:
            raise NothingToHold(f"Every installment of {plan} is charged already.")
        set_aside(waiting, actor)
        return save_status(plan, PlanStatus.ON_HOLD, reason, actor)

    def resume(self, *, plan_id: int, starts_on: date, today: date, actor: User | None) -> AnyPlan:
        """End the hold of a plan: it resumes in the week of ``starts_on``, the week of ``today`` or the next.

        :raises PlanStartInvalid: ``starts_on`` is neither this week's Sunday nor the next one's
        :raises DomainError: ``not_found``; or ``not_on_hold``
        """
        check_start(starts_on, today)
        plan = self.lock(plan_id)
        if plan.status != PlanStatus.ON_HOLD:
            raise self.not_on_hold(f"{plan} is {_tell_status(plan)}, not on hold.")
        resume_installments(list_unposted(lock_installments(plan)), starts_on=starts_on, actor=actor)
        return save_status(plan, PlanStatus.ACTIVE, "", actor)


def lock_installments(plan: Plan) -> list[Any]:
    """Lock all installments of a locked plan, and return them in order."""
    return list(plan.installments.order_by("number").select_for_update(no_key=True, of=("self",)))


def list_unposted(rows: Sequence[Any]) -> list[Any]:
    """Return the installments among these that are not charged yet."""
    return [row for row in rows if row.posted_at is None]


def set_aside(rows: Sequence[Installment], actor: User | None) -> None:
    """Hold locked installments back: until they are resumed, they are not charged."""
    for row in rows:
        row.on_hold = True
    update_all_as(rows, ["on_hold"], actor)


def resume_installments(rows: Sequence[Installment], *, starts_on: date, actor: User | None) -> None:
    """Let locked installments of one plan, in order, be charged again from the week of ``starts_on``.

    What fell due meanwhile, and what follows, moves by whole weeks; none is charged earlier than it was planned, and no
    two in one week. Amounts stay, so a pause of a loan bears no interest.
    """
    delay = find_delay(rows[0].due_on, starts_on) if rows else timedelta(0)
    for row in rows:
        row.on_hold = False
        for name in row.moving_dates:
            setattr(row, name, getattr(row, name) + delay)
    if rows:
        update_all_as(rows, ["on_hold", *rows[0].moving_dates], actor)


def void_plan(plan: AnyPlan, *, reason: str, effective_on: date, actor: User | None) -> AnyPlan:
    """Undo a locked plan: what is charged of it is voided, newest first, and the rest is never charged.

    What was paid on it returns to where the money came from. ``reason`` is checked already.
    """
    set_aside(list_unposted(lock_installments(plan)), actor)
    for row in reversed(list_plan(plan.installments.order_by("number"))):
        if row.is_live and row.balance_id:
            ledger.void_posting(posting_id=row.balance_id, reason=reason, effective_on=effective_on, actor=actor)
    return save_status(plan, PlanStatus.VOIDED, reason, actor)


def save_status(plan: AnyPlan, status: str, reason: str, actor: User | None) -> AnyPlan:
    """Save where the plan stands, and why, with who said so."""
    plan.status = status
    plan.reason = reason
    save_as(plan, actor, update_fields=["status", "reason"])
    return plan


@bounded_transaction
def set_plan_bands(
    *, model: type[AnyBand], effective_on: date, bands: Sequence[Band], today: date, actor: User | None
) -> list[AnyBand]:
    """Have what is dated ``effective_on`` or later repaid by these bands, until newer ones are in force.

    Given again for one day, the later set replaces the earlier one. Plans laid down before stay as they are. The new
    rows are returned, in rising order.

    :raises BandsInThePast: ``effective_on`` is before ``today``
    :raises BandsInvalid: not in rising order, or amounts are left without a band
    :raises ledger.services.AmountInvalid: an amount is not a positive number of whole cents
    :raises core.errors.Busy: somebody else was setting them, and took too long
    """
    if effective_on < today:
        raise BandsInThePast("Bands are in force from today or a later day, never from a day past.")
    checked = check_bands(bands)
    # Two who set them at once wait for each other; the later counts.
    list(model._default_manager.select_for_update().order_by("pk"))
    delete_as(model._default_manager.filter(effective_on=effective_on), actor)
    return create_all_as(make_bands(model, effective_on, checked), actor)


def _tell_status(plan: Plan) -> str:
    return plan.get_status_display().lower()
