"""Every service in random sequences, held to a small model of the rules after each step (see machine.py, model.py).

Three drivers, few days, few amounts: so that charges, payments, voids and closes get into each other's way.
"""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from tests.ledger.machine import SUNDAY, Fleet, JudgedMachine
from tests.ledger.model_rows import ORDER, RECOVERIES

#: The Sunday of a week, the Monday, the Saturday on which it ends, and the same of the next.
DAYS = [SUNDAY + timedelta(later) for later in (0, 1, 6, 7, 8, 13)]
CATEGORIES = ["TAXES", "LEASE", "REPAIR", "MISC"]


class Dice(random.Random):
    """The choices of one step. Hypothesis chooses the seed alone, so that all that follows from it is spread evenly."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.name = f"Dice({seed})"

    def __repr__(self) -> str:
        return self.name

    def is_one_in(self, times: int) -> bool:
        return self.randrange(times) == 0

    def day(self) -> date:
        return self.choice(DAYS)

    def cents(self) -> int:
        return 25 * self.randint(1, 16)

    def part(self) -> int | None:
        """An amount, or all that there is."""
        return None if self.is_one_in(3) else self.cents()

    def key(self) -> str | None:
        return f"KEY-{self.randint(1, 3)}" if self.is_one_in(4) else None


class LedgerMachine(JudgedMachine):
    """What may happen to a driver's money, in any order."""

    @initialize()
    def begin(self) -> None:
        """Something of everything, so that the first step has something to undo."""
        owed = [
            ("TAXES", 120, "MISC-1", 0, 6),
            ("TAXES", 100, "MISC-2", 0, 1),
            ("REPAIR", 300, "MISC-3", 0, 6),
            ("LEASE", 500, "MISC-4", 1, 6),
            ("LEASE", 200, "MISC-5", 1, 0),
            ("MISC", 75, "MISC-6", 2, 1),
        ]
        names = ("category", "amount", "reference_id", "driver_id")
        rows = [{**dict(zip(names, row, strict=False)), "due_on": SUNDAY + timedelta(row[-1])} for row in owed]
        self.act("create_obligations", obligations=[{**self.fleet.name(row), "effective_on": SUNDAY} for row in rows])
        for driver, reference_id in enumerate(("MISC-3", "MISC-4")):
            facts: dict[str, Any] = {"driver_id": driver, "lease_id": driver, "deposit": 150, "idempotency_key": None}
            facts |= {"payment_amount": 400, "allocations": {reference_id: 50}, "effective_on": DAYS[1]}
            self.act("apply_interim_payment", **self.fleet.name(facts))
            earned = {"driver_id": driver, "amount": 250, "reference_id": f"CURB-{driver}"}
            self.act("post_earnings", effective_on=DAYS[2], **self.fleet.name(earned))

    @rule(dice=st.integers(0, 2**32 - 1).map(Dice))
    def step(self, dice: Dice) -> None:
        steps = {
            self.charge: 2,
            self.charge_many: 1,
            self.open_again: 2,
            self.replace: 2,
            self.write_off: 1,
            self.post_installments: 1,
            self.earn: 1,
            self.earn_many: 1,
            self.credit: 1,
            self.pay: 4,
            self.pay_out: 2,
            self.release_deposit: 1,
            self.set_order: 2,
            self.close: 4,
            self.apply_deposit: 1,
            self.use_credits: 1,
            self.use_for: 2,
            self.charge_again: 2,
            self.win_back: 1,
            self.void: 4,
            self.void_payment: 3,
            self.void_payout: 1,
            self.cut: 1,
        }
        (chosen,) = dice.choices(list(steps), list(steps.values()))
        chosen(dice)

    # Money owed

    def charge(self, dice: Dice) -> None:
        self.act("create_obligation", **self.new_charge(dice))

    def charge_many(self, dice: Dice) -> None:
        self.act("create_obligations", obligations=[self.new_charge(dice) for _ in range(dice.randint(0, 4))])

    def open_again(self, dice: Dice) -> None:
        """Send what was sent before, with the same facts or others, as a retry or as the correction of a void."""
        kinds = {"OBLIGATION": "create_obligation", "EARNINGS": "post_earnings", "CREDIT_MEMO": "credit_driver"}
        number = self.pick(dice, *kinds)
        line = self.model.line(number)
        if line.kind not in kinds or line.reference_id.startswith(RECOVERIES):
            return
        facts = {name: getattr(line, name) for name in ("reference_id", "driver_id", "lease_id", "vehicle_id")}
        facts |= {"amount": line.amount + dice.is_one_in(4), "effective_on": line.effective_on}
        if line.kind != "EARNINGS":
            facts["category"] = line.category
        if line.kind == "OBLIGATION" and dice.is_one_in(2):
            facts |= {"replaces": number, "effective_on": dice.day()}
        self.act(kinds[line.kind], **facts)

    def replace(self, dice: Dice) -> None:
        number = self.pick(dice, "OBLIGATION")
        self.act("replace_obligation", posting_id=number, amount=dice.cents(), effective_on=dice.day())

    def write_off(self, dice: Dice) -> None:
        number = self.pick(dice, "OBLIGATION")
        self.act("write_off_obligation", posting_id=number, amount=dice.part(), effective_on=dice.day())

    def post_installments(self, dice: Dice) -> None:
        self.act("post_scheduled_installments", as_of=dice.day(), driver_ids=self.some_drivers(dice))

    # Money held

    def earn(self, dice: Dice) -> None:
        self.act("post_earnings", **self.new_earnings(dice))

    def earn_many(self, dice: Dice) -> None:
        self.act("post_earnings_batch", earnings=[self.new_earnings(dice) for _ in range(dice.randint(0, 3))])

    def credit(self, dice: Dice) -> None:
        self.act("credit_driver", category=dice.choice(CATEGORIES), **self.new_earnings(dice))

    def pay(self, dice: Dice) -> None:
        """Pay what the driver owes or will owe (now and then something else), a part of it or all, and more."""
        driver_id = dice.choice(self.fleet.drivers)
        payable = [self.model.line(number).reference_id for number in self.model.obligations(driver_id)]
        payable += [rent.reference_id for rent in self.model.plan if rent.driver_id == driver_id]
        if dice.is_one_in(6):
            payable = [*(line.reference_id for line in self.model.lines), "MISC-0"]
        named = dice.sample(payable, min(len(payable), dice.randint(0, 2)))
        allocations = {name: dice.part() or self.left_on(name) or 100 for name in named}
        if dice.is_one_in(2):
            allocations = {name: min(part, self.left_on(name) or part) for name, part in allocations.items()}
        deposit = 150 if dice.is_one_in(5) else 0
        more = -1 if dice.is_one_in(12) else dice.choice([0, 100, 250])
        self.act(
            "apply_interim_payment",
            payment_amount=max(1, sum(allocations.values()) + deposit + more),
            allocations=allocations,
            driver_id=driver_id,
            lease_id=dice.choice([None, *self.fleet.leases]),
            deposit=deposit,
            idempotency_key=dice.key(),
            effective_on=dice.day(),
        )

    def pay_out(self, dice: Dice) -> None:
        """Pay out all that is due to the driver, or a little more, or any amount; often when they owe something new."""
        driver_id = dice.choice(self.fleet.drivers)
        owed = [self.model.line(number).due_on or SUNDAY for number in self.model.obligations(driver_id)]
        on = dice.choice([*owed, dice.day()])
        amount = dice.cents() if dice.is_one_in(4) else max(1, self.model.net_due(driver_id, on) + dice.randint(0, 1))
        lease_id = dice.choice([None, None, *self.fleet.leases])
        self.act(
            "pay_out",
            driver_id=driver_id,
            amount=amount,
            lease_id=lease_id,
            idempotency_key=dice.key(),
            effective_on=on,
        )

    def release_deposit(self, dice: Dice) -> None:
        """Give a deposit back, alone or with another one, which may be another driver's or lease's."""
        numbers = sorted({self.pick(dice, "DEPOSIT") for _ in range(dice.randint(1, 2))})
        self.act("release_deposit", posting_ids=numbers, amount=dice.part(), effective_on=dice.day())

    # The waterfall

    def set_order(self, dice: Dice) -> None:
        self.act("set_waterfall_order", effective_on=dice.day(), categories=dice.sample(ORDER, len(ORDER)))

    def close(self, dice: Dice) -> None:
        self.act("apply_weekly_earnings", as_of=dice.day(), driver_ids=self.some_drivers(dice))

    def apply_deposit(self, dice: Dice) -> None:
        number, without_lease = self.pick(dice, "DEPOSIT"), dice.is_one_in(2)
        self.act("apply_deposit", posting_id=number, as_of=dice.day(), without_lease=without_lease)

    def use_credits(self, dice: Dice) -> None:
        self.act(
            "apply_credits_to_lease",
            driver_id=dice.choice(self.fleet.drivers),
            lease_id=dice.choice(self.fleet.leases),
            as_of=dice.day(),
            without_lease=dice.is_one_in(2),
        )

    def use_for(self, dice: Dice) -> None:
        """Use held money for what its driver owes or will owe; now and then for something else, or too much."""
        number = self.pick(dice, "PAYMENT", "CREDIT_MEMO", "EARNINGS")
        driver_id = self.model.line(number).driver_id
        payable = [self.model.line(debt).reference_id for debt in self.model.obligations(driver_id)]
        payable += [rent.reference_id for rent in self.model.plan if dice.is_one_in(2)]
        named = dice.sample(payable, min(len(payable), dice.randint(0, 2)))
        left = self.model.remaining.get(number, 0)
        allocations = {name: dice.part() or max(1, min(left, self.left_on(name))) for name in named}
        self.act("allocate_credit", posting_id=number, allocations=allocations, effective_on=dice.day())

    # Mending, undoing and sealing

    def charge_again(self, dice: Dice) -> None:
        voided = [number for number in sorted(self.model.voided) if self.model.line(number).kind == "OBLIGATION"]
        number = dice.choice(voided) if voided else self.pick(dice, "OBLIGATION")
        amount, paid = None if dice.is_one_in(2) else dice.cents(), not dice.is_one_in(4)
        self.act("charge_again", posting_id=number, amount=amount, with_what_had_paid=paid, effective_on=dice.day())

    def win_back(self, dice: Dice) -> None:
        self.act("win_back", posting_id=self.pick(dice, "CREDIT_MEMO", "EARNINGS"), effective_on=dice.day())

    def void(self, dice: Dice) -> None:
        kind = dice.choice(sorted({line.kind for line in self.model.lines}))
        number = self.pick(dice, kind)
        self.act("void_posting", posting_id=number, cascade=dice.is_one_in(2), effective_on=dice.day())

    def void_payment(self, dice: Dice) -> None:
        cascade, returned_item = dice.is_one_in(2), dice.is_one_in(2)
        number = dice.randint(1, len(self.model.payments))
        self.act(
            "void_payment",
            payment_id=number,
            cascade=cascade,
            returned_item=returned_item,
            effective_on=dice.day(),
        )

    def void_payout(self, dice: Dice) -> None:
        if self.model.payouts:
            self.act("void_payout", payout_id=dice.randint(1, len(self.model.payouts)), effective_on=dice.day())

    def cut(self, dice: Dice) -> None:
        self.act("cut_accounts", driver_ids=self.some_drivers(dice) or self.fleet.drivers)

    # What the steps are about

    def new_charge(self, dice: Dice) -> dict[str, Any]:
        return {
            "category": dice.choice(CATEGORIES),
            "amount": dice.cents(),
            "reference_id": f"MISC-{dice.randint(1, 20)}",
            "driver_id": dice.choice(self.fleet.drivers),
            "lease_id": dice.choice([None, *self.fleet.leases]),
            "due_on": dice.choice([None, dice.day()]),
            "effective_on": dice.day(),
        }

    def new_earnings(self, dice: Dice) -> dict[str, Any]:
        return {
            "amount": dice.cents(),
            "reference_id": f"CURB-{dice.randint(0, 12)}",
            "driver_id": dice.choice(self.fleet.drivers),
            "effective_on": dice.day(),
        }

    def some_drivers(self, dice: Dice) -> list[int] | None:
        """A few of the drivers; None for all."""
        return None if dice.is_one_in(2) else dice.sample(self.fleet.drivers, dice.randint(1, 3))

    def left_on(self, reference_id: str) -> int:
        return sum(self.model.remaining[number] for number in self.model.bearers(reference_id))

    def pick(self, dice: Dice, *kinds: str) -> int:
        """A posting of these kinds, one that stands rather than one that was voided; now and then any posting."""
        numbers = list(range(1, len(self.model.lines) + 1))
        wanted = [number for number in numbers if self.model.line(number).kind in kinds]
        standing = [number for number in wanted if number not in self.model.voided]
        return dice.choice(numbers if dice.is_one_in(10) else standing or wanted or numbers)


@pytest.mark.django_db
class TestRandomSequences:
    def test_the_ledger_does_what_the_model_says(self) -> None:
        LedgerMachine.fleet = Fleet()
        run_state_machine_as_test(
            LedgerMachine,
            settings=settings(
                max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
