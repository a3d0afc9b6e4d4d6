"""What became of a plan, out of its history."""

from typing import Any

from core.changes import say_columns
from ledger.installments.models import Plan, PlanStatus

_CHANGED = ("weekly_amount", "starts_on", "paper_number")
_ENDED = {"PAID_OFF": "paid off early", "WRITTEN_OFF": "written off", PlanStatus.VOIDED.value: "canceled"}


def say_plan_change(name: str, model: type[Plan], newer: Any, older: Any) -> str:
    """Return ``Repair put on hold: Sick``, of two rows of a plan's history."""
    reason = f": {newer.reason}" if newer.reason else ""
    if newer.status == older.status:
        return f"{name}: {say_columns(model, _CHANGED, newer, older)}"
    if newer.status == PlanStatus.ON_HOLD:
        return f"{name} put on hold{reason}"
    if newer.status == PlanStatus.ACTIVE:
        was_held = older.status == PlanStatus.ON_HOLD
        return f"{name} resumed" if was_held else f"The schedule of the {name.lower()} restored{reason}"
    return f"{name} {_ENDED[newer.status]}{reason}"
