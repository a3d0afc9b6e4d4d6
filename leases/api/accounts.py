"""A driver's money by their number: what is due, how they stand or stood, and their statement."""

from datetime import timedelta
from typing import Any

from core.api.fields import DayField, StrictSerializer
from core.api.looks import Look
from core.clock import at
from core.weeks import week_of
from leases.api.records import get_driver
from leases.api.told import DuesSerializer
from ledger import selectors as ledger
from ledger.api.told import PositionSerializer, StatementSerializer


class ShowDues(Look):
    """What a driver owes: by today, by this week's Saturday, and in all; each charge, in the order of priority."""

    required_permissions = ("ledger.view_ledgerbalance",)
    answers = DuesSerializer

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        driver_id, saturday = get_driver(asked["driver_id"]).pk, week_of(self.today).end
        dues = ledger.get_dues(driver_id, on=self.today)
        return {
            "driver_id": driver_id,
            "as_of": self.today,
            "due_now": dues.due_now,
            "saturday": saturday,
            "due_by_saturday": ledger.get_dues(driver_id, on=saturday).due_now,
            "owed": dues.total,
            "now": dues.now,
            "later": dues.later,
        }


class PositionQuery(StrictSerializer):
    as_of = DayField(
        required=False,
        help_text="A day in New York; today without it. Of a day that is past, how it stood at its end; otherwise how "
        "it stands now, with what is due by that day.",
    )


class ShowPosition(Look):
    """Where a driver stands with the fleet, or stood at the end of a day that is past."""

    required_permissions = ("ledger.view_ledgerbalance",)
    filters = PositionQuery
    answers = PositionSerializer

    def find(self, asked: dict[str, Any]) -> ledger.Position:
        driver_id, as_of = get_driver(asked["driver_id"]).pk, asked.get("as_of", self.today)
        if as_of >= self.today:
            return ledger.get_position(driver_id, as_of=as_of)
        return ledger.get_position_at(driver_id, at(as_of + timedelta(days=1)) - timedelta.resolution)


class StatementQuery(StrictSerializer):
    from_on = DayField(help_text="The first day.")
    to_on = DayField(required=False, help_text="The last day; today, New York's, without it.")


class ShowStatement(Look):
    """A driver's account between two days, both included: one line for each movement, with the balance after it."""

    required_permissions = ("ledger.view_ledgerbalance",)
    filters = StatementQuery
    answers = StatementSerializer

    def find(self, asked: dict[str, Any]) -> ledger.Statement:
        driver_id = get_driver(asked["driver_id"]).pk
        return ledger.get_statement(driver_id, asked["from_on"], asked.get("to_on", self.today))
