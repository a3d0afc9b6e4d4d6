"""What people and programs do by hand is not taken for what a module did, and mends nothing that a module mends."""

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.factories import DriverFactory

DAY = date(2026, 3, 5)
#: The services that make the difference.
ASKED = {"create_obligation", "create_obligations", "credit_driver", "replace_obligation", "charge_again", "win_back"}
LEDGER = Path(ledger.__file__).parent.parent


@pytest.mark.django_db
@pytest.mark.parametrize(
    "prefix", ["LEASE", "HOLD", "REPAIR", "LOAN", "PVB", "MISC", "OPEN", "CURB", "TAXES", "WINBACK"]
)
def test_a_name_of_a_modules_records_is_refused(prefix: str) -> None:
    driver = DriverFactory.create()
    facts: dict[str, Any] = {"driver_id": driver.pk, "amount": Decimal("5.00"), "reference_id": f"{prefix}-77"}
    row = ledger.Opening(category="MISC", effective_on=DAY, **facts)
    for act in (
        lambda: ledger.create_obligation(category="MISC", effective_on=DAY, by_hand=True, **facts),
        lambda: ledger.create_obligations([row], by_hand=True),
        lambda: ledger.credit_driver(category="MISC", reason="x", effective_on=DAY, by_hand=True, **facts),
    ):
        with pytest.raises(ledger.ReferenceReserved, match=f"{prefix}-77 would be taken for a record"):
            act()
    assert not LedgerPosting.objects.exists()


@pytest.mark.django_db
def test_what_follows_a_modules_record_is_not_mended() -> None:
    driver = DriverFactory.create()
    facts: dict[str, Any] = {"driver_id": driver.pk, "amount": Decimal("5.00"), "effective_on": DAY}
    toll = ledger.create_obligation(category="EZPASS", reference_id="EZPASS-1", **facts)
    fares = ledger.post_earnings(reference_id="CURB-1", **facts)
    how: dict[str, Any] = {"reason": "x", "effective_on": DAY, "by_hand": True, "actor": None}
    with pytest.raises(ledger.ChargedElsewhere, match="follows its ticket"):
        ledger.replace_obligation(posting_id=toll.pk, amount=Decimal("4.00"), **how)
    with pytest.raises(ledger.ChargedElsewhere, match="follows its trips"):
        ledger.win_back(posting_id=fares.pk, **how)
    ledger.void_posting(posting_id=toll.pk, reason="x", effective_on=DAY, actor=None)
    with pytest.raises(ledger.ChargedElsewhere, match="follows its ticket"):
        ledger.charge_again(posting_id=toll.pk, **how)
    assert LedgerPosting.objects.count() == 3


def test_every_interface_says_that_it_is_by_hand() -> None:
    """Pages and addresses ask for these with ``by_hand=True``, so none can be written that forgets it."""
    calls = [
        (path.relative_to(LEDGER).as_posix(), call)
        for folder in ("api", "admin")
        for path in sorted((LEDGER / folder).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ASKED
    ]
    assert len(calls) == 10
    assert [
        f"{path}:{call.lineno}"
        for path, call in calls
        if not any(word.arg == "by_hand" and ast.unparse(word.value) == "True" for word in call.keywords)
    ] == []
