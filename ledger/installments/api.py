"""What the API's doors to plans share, whichever module a plan belongs to."""

from typing import Any, ClassVar

from rest_framework import serializers

from core.api.fields import DayField, StrictSerializer
from ledger.api.fields import FigureField
from ledger.api.money_acts import MoneyAct, ReasonBody
from ledger.installments.models import Plan, PlanStatus
from ledger.installments.selectors import PlanRow


class InstallmentSerializer(serializers.Serializer[PlanRow]):
    """A week's part of a plan, and what the ledger has of it; `balance_id` is null until it is charged."""

    number = serializers.IntegerField()
    reference_id = serializers.CharField()
    due_on = serializers.DateField()
    amount = FigureField()
    state = serializers.CharField(help_text="How it stands, in a word for people.")
    settled = FigureField(help_text="Paid or forgiven.")
    remaining = FigureField()
    balance_id = serializers.IntegerField(allow_null=True)


class PlanStartBody(StrictSerializer):
    """When a plan goes on."""

    starts_on = DayField(help_text="The Sunday of this week or of the next one.")


class ReasonAndStartBody(ReasonBody):
    """Why, and when the plan goes on."""

    starts_on = DayField(help_text="The Sunday of this week or of the next one.")


class PlanAct(MoneyAct):
    """An act on one plan, named in its address; it answers the plan as it is then, with its installments."""

    body: ClassVar[type[StrictSerializer]] = ReasonBody

    def get_plan(self, asked: dict[str, Any]) -> Plan:
        """Return the plan that the address names."""
        raise NotImplementedError

    def act(self, asked: dict[str, Any]) -> Any:
        """Ask the service."""
        raise NotImplementedError

    def driver_of(self, asked: dict[str, Any]) -> int:
        return self.get_plan(asked).driver_id

    def perform(self, asked: dict[str, Any]) -> Plan:
        self.act(asked)
        return self.get_plan(asked)


def tell_void(plan: Plan, amount: str) -> dict[str, Any]:
    """Return what a key that comes again is told besides its first answer: that the plan was voided since."""
    is_void = plan.status == PlanStatus.VOIDED
    return {"voided": {"status": PlanStatus.VOIDED.value, "amount": amount}} if is_void else {}
