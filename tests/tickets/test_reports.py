"""The reports about tickets, with figures from a calculator."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from core.clock import at
from leases.models import Driver
from ledger import services as ledger
from tests.factories import DriverFactory, VehicleFactory
from tests.ledger.proofs import charge
from tests.reports import lines, read
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 31)
MARCH = {"from_on": "2026-03-01", "to_on": "2026-03-31"}


def ticket(kind: str, number: str, day: int, amount: str, state: str, driver: Driver | None = None) -> None:
    moment = at(date(2026, 3, day), time(14, 35))
    facts: dict[str, Any] = {
        "driver": driver,
        "vehicle": VehicleFactory.create(medallion=f"1A{day:02d}"),
        "plate": "T1",
    }
    if state == "DISPUTED":
        facts["decided_at"] = at(date(2026, 3, 20))
    if state == "FLEET_PAYS":
        facts["decided_reason"] = "Ours"
    Ticket.objects.create(
        kind=kind, number=number, at=moment, at_latest=moment, amount=Decimal(amount), state=state, **facts
    )


def test_tickets_and_what_is_to_pay_over():
    """A toll of 9.11 and fines of 115, 65 and 50; one fine is paid over, one disputed, one the fleet's own."""
    driver = DriverFactory.create(first_name="Anil", last_name="Jeudy")
    ticket("EZPASS", "1", 4, "9.11", "CHARGED", driver)
    ticket("PVB", "2", 5, "115.00", "CHARGED", driver)
    ticket("TLC", "3", 6, "65.00", "DISPUTED")
    ticket("PVB", "4", 7, "50.00", "FLEET_PAYS")
    ticket("PVB", "5", 8, "-20.00", "NOTHING_DUE")
    on = {"effective_on": date(2026, 3, 10), "due_on": date(2026, 3, 14)}
    charge(driver, "EZPASS-1", "9.11", **on)
    charge(driver, "PVB-2", "115.00", **on)
    columns: tuple[str, ...] = (
        "number",
        "cab",
        "day",
        "at",
        "driver",
        "amount",
        "charged",
        "disputed_on",
        "answer_by",
        "state",
    )
    assert lines("tickets", *columns, today=TODAY, **MARCH) == [
        ("1", "1A04", "Mar 4, 2026", "2:35 PM", "Jeudy, Anil", "9.11", "9.11", "", "", "Charged"),
        ("2", "1A05", "Mar 5, 2026", "2:35 PM", "Jeudy, Anil", "115.00", "115.00", "", "Apr 4, 2026", "Charged"),
        ("3", "1A06", "Mar 6, 2026", "2:35 PM", "", "65.00", "–", "Mar 20, 2026", "Apr 5, 2026",
         "Disputed, not charged"),
        ("4", "1A07", "Mar 7, 2026", "2:35 PM", "", "50.00", "–", "", "Apr 6, 2026", "The fleet pays"),
        ("5", "1A08", "Mar 8, 2026", "2:35 PM", "", "−20.00", "–", "", "", "Nothing due"),
        ("", "", "", "", "", "219.11", "124.11", "", "", ""),
    ]  # fmt: skip
    assert read("tickets", today=TODAY, kind="PVB", state="CHARGED", **MARCH).count == 1
    columns = ("reference_id", "driver", "answer_by", "amount", "charged")
    assert lines("to-pay-over", *columns, today=TODAY) == [
        ("PVB-2", "Jeudy, Anil", "Apr 4, 2026", "115.00", "yes"),
        ("PVB-4", "", "Apr 6, 2026", "50.00", "no"),
        ("EZPASS-1", "Jeudy, Anil", "", "9.11", "yes"),
        ("", "", "", "174.11", ""),
    ]
    found = read("to-pay-over", today=TODAY, who="jeudy 2")
    assert [(row["reference_id"], row["charged"]) for row in found.rows] == [("PVB-2", "yes")]
    assert found.sums["amount"] == Decimal("115.00")
    ledger.record_transfer(
        kind="PAID_OVER", debit="2130", credit="1030", amount=Decimal(115), reference_id="PVB-2",
        effective_on=date(2026, 3, 20), actor=None,
    )  # fmt: skip
    assert read("to-pay-over", today=TODAY).sums["amount"] == Decimal("59.11")
    assert read("to-pay-over", today=TODAY, as_of="2026-03-19").sums["amount"] == Decimal("174.11")
