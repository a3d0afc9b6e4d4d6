"""What a week's rent comes to once it is charged: its charge, less the memos for days without a cab."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.auth.models import User

from core.weeks import week_of
from leases import rules, words
from leases.models import Lease, LeaseInstallment
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from ledger.categories import Category, Status
from ledger.money import ZERO

if TYPE_CHECKING:
    from ledger.models import LedgerBalance


@dataclass(frozen=True, slots=True)
class ChargedWeek:
    """A week's rent as the ledger has it: its last charge, live or voided, and its memos that are not voided."""

    charge: "LedgerBalance | None"
    memos: "Sequence[LedgerBalance]"

    @property
    def is_live(self) -> bool:
        """Whether it is charged, and not voided since."""
        return self.charge is not None and self.charge.status != Status.VOIDED

    @property
    def charged(self) -> Decimal:
        """The dollars of its live charge."""
        return self.charge.original_amount if self.charge is not None and self.is_live else ZERO

    @property
    def given_back(self) -> Decimal:
        """The dollars of its memos."""
        return _sum_of(self.memos)

    @property
    def net(self) -> Decimal:
        """What the week costs the driver, in dollars."""
        return self.charged - self.given_back


def read_weeks(rents: Sequence[LeaseInstallment]) -> dict[int, ChargedWeek]:
    """Return what the ledger has of each of these rents, by the installment's id; in one query."""
    memos_of = {rent.pk: rules.name_memos(rent.lease_id, week_of(rent.week_start), rent.memos) for rent in rents}
    references = [rent.reference_id for rent in rents]
    references += [name for names in memos_of.values() for name in names]
    found = {row.reference_id: row for row in ledger_selectors.list_balances_by_reference(references)}
    return {
        rent.pk: ChargedWeek(
            charge=found.get(rent.reference_id),
            memos=[found[name] for name in memos_of[rent.pk] if name in found and found[name].status != Status.VOIDED],
        )
        for rent in rents
    }


@dataclass(frozen=True, slots=True)
class Recharge:
    """How the money of a charged week is set right: by whom, why and as of which day.

    ``keeps_payments``: what was paid stays on the charge, and comes back as a memo. Otherwise it is free again in the
    credits it came from. ``undoes_memos``: memos that nobody has used yet are voided first.
    """

    reason: str
    effective_on: date
    actor: User | None
    keeps_payments: bool = False
    undoes_memos: bool = False


def charge_week(
    lease: Lease, rent: LeaseInstallment, week: ChargedWeek, net: Decimal, how: Recharge, *, away: Sequence[date] = ()
) -> None:
    """Bring what a charged week costs to ``net`` dollars, by its charge and its memos. The rent is set, not saved."""
    memos = list(week.memos)
    if how.undoes_memos:
        for memo in [memo for memo in memos if memo.remaining == memo.original_amount]:
            ledger.void_posting(posting_id=memo.pk, reason=how.reason, effective_on=how.effective_on, actor=how.actor)
            memos.remove(memo)
    given_back = _sum_of(memos)
    amount = net + given_back
    if how.keeps_payments and week.charge is not None and week.is_live:
        amount = max(amount, _sum_paid(week.charge))
    if amount and amount != week.charged:
        rent.amount = amount
    _charge(lease, rent, week, amount, how)
    memo_amount = amount - given_back - net
    if memo_amount:
        rent.memos += 1
        ledger.credit_driver(
            driver_id=lease.primary_driver_id,
            category=Category.LEASE,
            amount=memo_amount,
            reference_id=rules.name_memos(lease.pk, week_of(rent.week_start), rent.memos)[-1],
            reason=how.reason,
            lease_id=lease.pk,
            vehicle_id=week.charge.vehicle_id if week.charge else lease.vehicle_id,
            description=words.say_no_cab([(day, day) for day in away], told_on=how.effective_on),
            effective_on=how.effective_on,
            actor=how.actor,
        )


def _charge(lease: Lease, rent: LeaseInstallment, week: ChargedWeek, amount: Decimal, how: Recharge) -> None:
    """Bring the charge itself to these dollars: void it, replace it, or charge the week again."""
    if amount == week.charged:
        return
    assert week.charge is not None
    told = LeaseInstallment.tell([rent.pk], effective_on=how.effective_on).get(rent.pk)
    if not amount:
        ledger.void_posting(
            posting_id=week.charge.pk, reason=how.reason, effective_on=how.effective_on, actor=how.actor
        )
    elif week.is_live:
        ledger.replace_obligation(
            posting_id=week.charge.pk,
            amount=amount,
            reason=how.reason,
            description=told.description if told else None,
            effective_on=how.effective_on,
            actor=how.actor,
        )
    else:
        ledger.create_obligation(
            category=Category.LEASE,
            amount=amount,
            reference_id=rent.reference_id,
            driver_id=lease.primary_driver_id,
            lease_id=lease.pk,
            vehicle_id=week.charge.vehicle_id,
            due_on=max(rent.due_on, week_of(how.effective_on).end),
            description=told.description if told else "",
            effective_on=how.effective_on,
            replaces=week.charge.pk,
            actor=how.actor,
        )


def _sum_paid(charge: "LedgerBalance") -> Decimal:
    """What was paid of a charge, not forgiven, and is not undone."""
    payers = ledger_selectors.list_payers(charge.pk)
    return sum((paid.amount for paid in payers if paid.funding_id and not paid.voided_by_id), start=ZERO)


def _sum_of(memos: "Sequence[LedgerBalance]") -> Decimal:
    return sum((memo.original_amount for memo in memos), start=ZERO)
