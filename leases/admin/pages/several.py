"""Acts on several leases or drivers chosen in their lists."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from core.admin import LeftAlone, SeveralPage
from core.previews import rolled_back
from leases import services
from leases.forms import ReasonField
from leases.models import Driver, Lease
from ledger import services as ledger
from ledger.forms import CreditMemoForm, DollarsField
from ledger.money import format_dollars


class ReasonForm(forms.Form):
    reason = ReasonField(label="Reason, kept with each")


class CreditForm(CreditMemoForm):
    amount = DollarsField(label="Amount for each")
    token = None  # type: ignore[assignment]  # the act itself marks what is sent twice


class SeveralLeasesPage(SeveralPage):
    model = Lease
    related = ("primary_driver", "vehicle")
    permission_required = "leases.change_lease"
    heads = ("Driver", "Cab")
    amount_head = "A week"

    def cells_of(self, record: Lease) -> tuple[Any, ...]:
        return record.primary_driver, record.vehicle

    def amount_of(self, record: Lease) -> Any:
        return record.weekly_amount


class HoldLeasesPage(SeveralLeasesPage):
    name, verb, done = "hold", "Hold", "put on hold"
    form_class = ReasonForm
    sentence = "No rent that is not charged yet is charged until they are resumed."

    def act_on(self, record: Lease, facts: Mapping[str, Any]) -> Lease:
        return services.hold_lease(lease_id=record.pk, reason=facts["reason"], actor=self.actor)


class ResumeLeasesPage(SeveralLeasesPage):
    name, verb, done = "resume", "Resume", "resumed"
    blank = {}
    sentence = "What fell due while they were on hold is charged by the next run."

    def act_on(self, record: Lease, facts: Mapping[str, Any]) -> Lease:
        return services.resume_lease(lease_id=record.pk, actor=self.actor)


class SeveralDriversPage(SeveralPage):
    model = Driver
    heads = ("License",)
    amount_head = ""

    def cells_of(self, record: Driver) -> tuple[Any, ...]:
        return (record.tlc_license,)

    def amount_of(self, record: Driver) -> None:
        return None


class CreditPage(SeveralDriversPage):
    """Credits each with the same amount, by a memo of its own."""

    permission_required = "ledger.credit_driver"
    name, verb, done = "credit", "Credit", "credited"
    form_class = CreditForm
    #: How much, nobody has said yet.
    blank = None
    amount_head = "Amount"
    sentence = "The fleet owes each of them money back: a refund, restitution, days without a cab."

    def amount_by(self, record: Driver, facts: Mapping[str, Any]) -> Decimal | None:
        return facts.get("amount")

    def act_on(self, record: Driver, facts: Mapping[str, Any]) -> Any:
        return ledger.credit_driver(
            driver_id=record.pk,
            category=facts["category"],
            amount=facts["amount"],
            reason=facts["reason"],
            # By this act: done again, it names the same memo.
            reference_id=f"MEMO-{record.pk}-L{self.kept.pk}",
            effective_on=timezone.localdate(),
            same_on_any_day=True,
            by_hand=True,
            actor=self.actor,
        )

    def tell(self, result: Any) -> Sequence[str]:
        return (f"{format_dollars(result.amount)} is credited as {result.reference_id}.",)

    def foresee(self, record: Driver, facts: Mapping[str, Any]) -> Sequence[str]:
        with rolled_back():
            return self.tell(self.act_on(record, facts))


class ApplyPage(SeveralDriversPage):
    """Uses what is held for each driver to pay what they owe, by the order of priority."""

    permission_required = "ledger.apply_earnings"
    name, verb, done = "apply", "Apply what is held for", "applied"
    blank = {}
    sentence = "What is held by today pays what is due by today, as the weekly close would. Deposits are never used."

    def act_on(self, record: Driver, facts: Mapping[str, Any]) -> ledger.ApplicationSummary:
        today = timezone.localdate()
        applied = ledger.apply_weekly_earnings(driver_ids=[record.pk], as_of=today, today=today, actor=self.actor)
        if not applied.applications:
            raise LeftAlone("Nothing is held, or nothing is due.")
        return applied

    def foresee(self, record: Driver, facts: Mapping[str, Any]) -> Sequence[str]:
        with rolled_back():
            applied = self.act_on(record, facts)
        return (f"{format_dollars(applied.amount)} pays what is due.",)
