"""Every service in random sequences, held to a small model of the rules after each step (see machine.py, model.py).

Three drivers, few references, few cents: so that charges, payments, voids and closes get into each other's way.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from tests.ledger.machine import SUNDAY, Fleet, JudgedMachine
from tests.ledger.model import ORDER

drivers = st.integers(0, 2)
cents = st.integers(1, 600)
days = st.integers(0, 15).map(lambda later: SUNDAY + timedelta(later))
picks = st.integers(0, 40)
categories = st.sampled_from(["TAXES", "LEASE", "REPAIR", "MISC"])
references = st.integers(1, 7).map(lambda number: f"MISC-{number}")
credit_references = st.integers(1, 4).map(lambda number: f"CURB-{number}")
UNDONE = ["OBLIGATION", "PAYMENT", "EARNINGS", "DEPOSIT", "ALLOCATION", "APPLICATION", "PAYOUT", "WRITE_OFF"]
keys = st.sampled_from([None, None, None, "KEY-1", "KEY-2"])
charges = st.fixed_dictionaries(
    {
        "category": categories,
        "amount": cents,
        "reference_id": references,
        "driver_id": drivers,
        "lease_id": st.sampled_from([None, 0, 1]),
        "due_on": days,
        "effective_on": days,
    }
)
earnings = st.fixed_dictionaries(
    {"amount": cents, "reference_id": credit_references, "driver_id": drivers, "effective_on": days}
)
some_drivers = st.none() | st.sets(drivers, min_size=1)


def has(kind: str) -> Callable[[Any], Any]:
    """A rule that makes sense once there is a posting of this kind."""
    return precondition(lambda machine: any(line.kind == kind for line in machine.model.lines))


class LedgerMachine(JudgedMachine):
    """What may happen to a driver's money, in any order."""

    @initialize()
    def begin(self) -> None:
        """Something of everything, so that the first step has something to undo."""
        owed = [
            ("TAXES", 120, "MISC-1", 0, 3),
            ("REPAIR", 300, "MISC-2", 0, 6),
            ("MISC", 90, "MISC-3", 0, 9),
            ("LEASE", 500, "MISC-4", 1, 6),
            ("TAXES", 45, "MISC-5", 2, 2),
        ]
        names = ("category", "amount", "reference_id", "driver_id")
        rows = [{**dict(zip(names, row, strict=False)), "due_on": SUNDAY + timedelta(row[-1])} for row in owed]
        self.act("create_obligations", obligations=[{**self.fleet.name(row), "effective_on": SUNDAY} for row in rows])
        for driver, part in enumerate((100, 200)):
            facts: dict[str, Any] = {"driver_id": driver, "lease_id": driver, "deposit": 150, "idempotency_key": None}
            allocations = {("MISC-2", "MISC-4")[driver]: part}
            facts |= {"payment_amount": 300, "allocations": allocations, "effective_on": SUNDAY + timedelta(1)}
            self.act("apply_interim_payment", **self.fleet.name(facts))
            earned = {"driver_id": driver, "amount": 250, "reference_id": f"CURB-{driver}"}
            self.act("post_earnings", effective_on=SUNDAY + timedelta(6), **self.fleet.name(earned))

    # Money owed

    @rule(facts=charges)
    def charge(self, facts: dict[str, Any]) -> None:
        self.act("create_obligation", **self.fleet.name(facts))

    @rule(rows=st.lists(charges, max_size=5))
    def charge_many(self, rows: list[dict[str, Any]]) -> None:
        self.act("create_obligations", obligations=[self.fleet.name(facts) for facts in rows])

    @rule(pick=picks, more=st.sampled_from([0, 0, 0, 1]), correct=st.booleans(), on=days)
    def open_again(self, pick: int, more: int, correct: bool, on: date) -> None:
        """Send what was sent before, with the same facts or others, as a retry or as the correction of a void."""
        kinds = {"OBLIGATION": "create_obligation", "EARNINGS": "post_earnings", "CREDIT_MEMO": "credit_driver"}
        number = self.pick(pick, *kinds)
        line = self.model.line(number)
        if line.kind not in kinds or line.reference_id.startswith("RETURNED"):
            return
        names = ("reference_id", "driver_id", "lease_id", "vehicle_id")
        facts = {"amount": line.amount + more, **{name: getattr(line, name) for name in names}}
        if line.kind != "EARNINGS":
            facts["category"] = line.category
        if line.kind == "OBLIGATION" and correct:
            facts["replaces"] = number
        self.act(kinds[line.kind], effective_on=on if correct else line.effective_on, **facts)

    @rule(pick=picks, amount=cents, on=days)
    def replace(self, pick: int, amount: int, on: date) -> None:
        number = self.pick(pick, "OBLIGATION")
        self.act("replace_obligation", posting_id=number, amount=amount, effective_on=on)

    @rule(pick=picks, amount=st.none() | cents, on=days)
    def write_off(self, pick: int, amount: int | None, on: date) -> None:
        number = self.pick(pick, "OBLIGATION")
        self.act("write_off_obligation", posting_id=number, amount=amount, effective_on=on)

    @rule(as_of=days, driver_ids=some_drivers)
    def post_installments(self, as_of: date, driver_ids: set[int] | None) -> None:
        self.act("post_scheduled_installments", **self.fleet.name({"as_of": as_of, "driver_ids": driver_ids}))

    # Money held

    @rule(facts=earnings)
    def earn(self, facts: dict[str, Any]) -> None:
        self.act("post_earnings", **self.fleet.name(facts))

    @rule(rows=st.lists(earnings, max_size=3))
    def earn_many(self, rows: list[dict[str, Any]]) -> None:
        self.act("post_earnings_batch", earnings=[self.fleet.name(facts) for facts in rows])

    @rule(facts=earnings, category=categories)
    def credit(self, facts: dict[str, Any], category: str) -> None:
        self.act("credit_driver", category=category, **self.fleet.name(facts))

    @rule(
        driver=drivers,
        named=st.lists(st.tuples(picks, st.none() | cents), max_size=3),
        on_account=st.sampled_from([0, 0, 100, 250, -1]),
        deposit=st.sampled_from([0, 0, 0, 150]),
        lease=st.sampled_from([0, 1, None]),
        key=keys,
        on=days,
    )
    def pay(
        self,
        driver: int,
        named: list[tuple[int, int | None]],
        on_account: int,
        deposit: int,
        lease: int | None,
        key: str | None,
        on: date,
    ) -> None:
        """Pay what the driver owes or will owe (now and then somebody else's), a part of it or all."""
        driver_id = self.fleet.drivers[driver]
        payable = [self.model.line(number).reference_id for number in self.model.obligations(driver_id)]
        payable += [rent.reference_id for rent in self.model.plan if rent.driver_id == driver_id]
        payable += [*sorted({line.reference_id for line in self.model.lines}), "MISC-0"]
        allocations = {}
        for pick, part in named:
            reference_id = payable[pick % len(payable)]
            left = sum(self.model.remaining[number] for number in self.model.bearers(reference_id))
            allocations[reference_id] = part or left or 100
        self.act(
            "apply_interim_payment",
            payment_amount=max(1, sum(allocations.values()) + deposit + on_account),
            allocations=allocations,
            deposit=deposit,
            idempotency_key=key,
            effective_on=on,
            **self.fleet.name({"driver_id": driver, "lease_id": lease}),
        )

    @rule(driver=drivers, on_account=cents, on=days)
    def pay_oldest(self, driver: int, on_account: int, on: date) -> None:
        """Pay what the driver has owed for longest, in full, and something on account."""
        driver_id = self.fleet.drivers[driver]
        owed = {self.model.line(n).reference_id: self.model.remaining[n] for n in self.model.obligations(driver_id)[:1]}
        facts = {"lease_id": None, "deposit": 0, "idempotency_key": None, "effective_on": on}
        total = sum(owed.values()) + on_account
        self.act("apply_interim_payment", driver_id=driver_id, payment_amount=total, allocations=owed, **facts)

    @rule(driver=drivers, on=days)
    def pay_out_all(self, driver: int, on: date) -> None:
        self.pay_out(driver, None, None, on)

    @rule(as_of=days)
    def close_all(self, as_of: date) -> None:
        self.close(as_of, None)

    @rule(driver=drivers, amount=st.none() | cents, key=keys, on=days)
    def pay_out(self, driver: int, amount: int | None, key: str | None, on: date) -> None:
        driver_id = self.fleet.drivers[driver]
        amount = amount or max(1, -self.model.net_position(driver_id))
        self.act("pay_out", driver_id=driver_id, amount=amount, idempotency_key=key, effective_on=on)

    @has("DEPOSIT")
    @rule(pick=picks, amount=st.none() | cents, on=days)
    def release_deposit(self, pick: int, amount: int | None, on: date) -> None:
        number = self.pick(pick, "DEPOSIT")
        self.act("release_deposit", posting_id=number, amount=amount, effective_on=on)

    # The waterfall

    @rule(on=days, categories=st.permutations(ORDER))
    def set_order(self, on: date, categories: list[str]) -> None:
        self.act("set_waterfall_order", effective_on=on, categories=categories)

    @rule(as_of=days, driver_ids=some_drivers)
    def close(self, as_of: date, driver_ids: set[int] | None) -> None:
        self.act("apply_weekly_earnings", **self.fleet.name({"as_of": as_of, "driver_ids": driver_ids}))

    @has("DEPOSIT")
    @rule(pick=picks, as_of=days)
    def apply_deposit(self, pick: int, as_of: date) -> None:
        number = self.pick(pick, "DEPOSIT")
        self.act("apply_deposit", posting_id=number, as_of=as_of)

    # Undoing and sealing

    @rule(pick=picks, cascade=st.booleans(), on=days)
    def void(self, pick: int, cascade: bool, on: date) -> None:
        self.act("void_posting", posting_id=self.pick(pick), cascade=cascade, effective_on=on)

    @rule(pick=picks, kind=st.sampled_from(UNDONE), cascade=st.booleans(), on=days)
    def void_of_a_kind(self, pick: int, kind: str, cascade: bool, on: date) -> None:
        self.act("void_posting", posting_id=self.pick(pick, kind), cascade=cascade, effective_on=on)

    @rule(pick=picks, cascade=st.booleans(), returned_item=st.booleans(), on=days)
    def void_payment(self, pick: int, cascade: bool, returned_item: bool, on: date) -> None:
        number = pick % len(self.model.payments) + 1
        self.act("void_payment", payment_id=number, cascade=cascade, returned_item=returned_item, effective_on=on)

    @has("PAYOUT")
    @rule(pick=picks, on=days)
    def void_payout(self, pick: int, on: date) -> None:
        self.act("void_payout", payout_id=pick % len(self.model.payouts) + 1, effective_on=on)

    @rule(driver_ids=st.sets(drivers, min_size=1))
    def cut(self, driver_ids: set[int]) -> None:
        self.act("cut_accounts", **self.fleet.name({"driver_ids": driver_ids}))


@pytest.mark.django_db
class TestRandomSequences:
    def test_the_ledger_does_what_the_model_says(self) -> None:
        LedgerMachine.fleet = Fleet()
        run_state_machine_as_test(
            LedgerMachine,
            settings=settings(
                max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
