"""Random histories, random cuts: each DTR against a second reading of the postings, in whole cents and plain Python.

One driver, two leases: charges, receipts, deposits, allocations, write-offs, payouts, voids, replacements, returned
checks, deposits applied and released, in any order; every few steps a week is closed. What the services refuse did not
happen. The reading below knows the rules of the columns and nothing of the product's SQL.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import transaction

from core.errors import DomainError
from core.weeks import week_of
from dtr import services as dtr
from dtr.models import Dtr
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerPosting, Payout
from tests.books import assert_books_clean
from tests.dtr.fleet import SATURDAY
from tests.factories import DriverFactory, LeaseFactory, UserFactory

pytestmark = pytest.mark.django_db

#: The product's name of each column.
NAMES = {
    "DEBIT": {
        "charged": "opened", "corrected": "corrected", "named": "paid", "prior": "applied",
        "from_deposit": "from_deposit", "payments_undone": "undone", "off": "written_off",
        "offs_undone": "write_offs_undone", "before": "from_before",
    },
    "CREDIT": {
        "received": "opened", "voided": "receipts_voided", "named": "paid", "prior": "applied", "uses_undone": "undone",
        "out": "paid_out", "outs_undone": "payouts_undone", "before": "from_before",
    },
}  # fmt: skip


class History:
    """Acts on one driver's money, chosen by a seed; the days go on as the acts do."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.driver, self.office = DriverFactory.create(), UserFactory.create()
        self.leases = [LeaseFactory.create(primary_driver=self.driver).pk for _ in range(2)]
        self.names = count(1)
        self.today = SATURDAY - timedelta(days=6)
        self.week = week_of(SATURDAY)

    def live(self, seed_steps: int) -> None:
        acts = [
            self.charge, self.charge, self.charge, self.receive, self.receive, self.earn, self.credit, self.forgive,
            self.pay_out, self.void, self.void, self.replace, self.return_check, self.void_payout, self.apply_deposit,
            self.release_deposit, self.apply,
        ]  # fmt: skip
        for _ in range(seed_steps):
            if self.dice.random() < 0.12:
                self.close()
            try:
                with transaction.atomic():
                    self.dice.choice(acts)()
            except DomainError:
                continue
        self.close()

    def cents(self) -> Decimal:
        return Decimal(self.dice.randint(1, 40) * 25) / 100

    def pick(self, **which: Any) -> LedgerPosting:
        found = list(LedgerPosting.objects.filter(**which).order_by("pk"))
        if not found:
            raise ledger.PostingNotFound("None of these yet.")
        return self.dice.choice(found)

    def charge(self) -> None:
        category = self.dice.choice(["LEASE", "PVB", "LOAN", "TAXES"])
        prefix = "OPEN-DEBT" if self.dice.random() < 0.15 else category
        reference = f"{prefix}-{next(self.names)}"
        ledger.create_obligation(
            category=category, amount=self.cents(), reference_id=reference,
            driver_id=self.driver.pk, lease_id=self.dice.choice([*self.leases, None]),
            due_on=self.today + timedelta(days=self.dice.randint(-3, 8)), effective_on=self.today,
        )  # fmt: skip
        if prefix == "OPEN-DEBT":
            ledger.record_openings(reference_ids=[reference], actor=None)

    def receive(self) -> None:
        amount, open_debts = self.cents() + 2, {}
        debts = list(LedgerPosting.objects.filter(kind="OBLIGATION", opened__status="OPEN").order_by("pk"))
        for debt in self.dice.sample(debts, min(2, len(debts))):
            open_debts[debt.reference_id] = min(debt.opened.remaining, Decimal("1.00"))
        ledger.apply_interim_payment(
            payment_amount=amount, allocations=open_debts, driver_id=self.driver.pk,
            lease_id=self.dice.choice(self.leases), payment_method="CHECK", instrument_number=f"{next(self.names)}",
            deposit=self.dice.choice([Decimal(0), Decimal(0), amount - 2]) if amount > 2 else Decimal(0),
            effective_on=self.today,
        )  # fmt: skip

    def earn(self) -> None:
        ledger.post_earnings(
            driver_id=self.driver.pk, amount=self.cents(), reference_id=f"CURB-{next(self.names)}",
            lease_id=self.dice.choice(self.leases), effective_on=self.today,
        )  # fmt: skip

    def credit(self) -> None:
        prefix = self.dice.choice(["OPEN-CREDIT", "MEMO"])
        reference = f"{prefix}-{next(self.names)}"
        ledger.credit_driver(
            driver_id=self.driver.pk, category="PVB", amount=self.cents(), reference_id=reference,
            reason="Refund", lease_id=self.dice.choice(self.leases), effective_on=self.today, actor=self.office,
        )  # fmt: skip
        if prefix == "OPEN-CREDIT":
            ledger.record_openings(reference_ids=[reference], actor=None)

    def forgive(self) -> None:
        debt = self.pick(kind="OBLIGATION", opened__status="OPEN")
        remaining = debt.opened.remaining
        ledger.write_off_obligation(
            posting_id=debt.pk, amount=self.dice.choice([remaining, min(remaining, Decimal("0.50"))]),
            reason="Hardship", actor=None, effective_on=self.today,
        )  # fmt: skip

    def pay_out(self) -> None:
        ledger.pay_out(driver_id=self.driver.pk, amount=self.cents(), method="CASH", effective_on=self.today)

    def void(self) -> None:
        posting = self.pick(reversals=None)
        ledger.void_posting(
            posting_id=posting.pk, reason=f"Wrong {posting.pk}", actor=None,
            cascade=self.dice.random() < 0.7, effective_on=self.today,
        )  # fmt: skip

    def replace(self) -> None:
        ledger.replace_obligation(
            posting_id=self.pick(kind="OBLIGATION", reversals=None).pk, amount=self.cents(), reason="Corrected",
            actor=None, effective_on=self.today,
        )  # fmt: skip

    def return_check(self) -> None:
        payment = self.dice.choice(list(InterimPayment.objects.order_by("pk")) or [None])
        ledger.void_payment(
            payment_id=payment.pk if payment else 0, reason="Came back", actor=None, cascade=True,
            returned_item=self.dice.random() < 0.8, effective_on=self.today,
        )  # fmt: skip

    def void_payout(self) -> None:
        payout = self.dice.choice(list(Payout.objects.order_by("pk")) or [None])
        ledger.void_payout(payout_id=payout.pk if payout else 0, reason="Stopped", actor=None, effective_on=self.today)

    def apply_deposit(self) -> None:
        ledger.apply_deposit(
            posting_id=self.pick(kind="DEPOSIT").pk, as_of=self.today, reason="The lease is over", actor=None
        )

    def release_deposit(self) -> None:
        ledger.release_deposit(posting_ids=[self.pick(kind="DEPOSIT").pk], method="CASH", effective_on=self.today)

    def apply(self) -> None:
        ledger.apply_weekly_earnings(driver_ids=[self.driver.pk], as_of=self.today)

    def close(self) -> None:
        """Close the week on the day after it, or some days later."""
        self.today = self.week.next.start + timedelta(days=self.dice.choice([0, 0, 2]))
        dtr.close_week(week=self.week, today=self.today)
        self.week = self.week.next


@dataclass
class Reading:
    """The postings of one driver, in cents, and what a cut of them comes to."""

    rows: dict[int, LedgerPosting] = field(default_factory=dict)

    def cents(self, posting: LedgerPosting) -> int:
        return int(posting.amount * 100)

    def line_of(self, opening: LedgerPosting) -> tuple[int | None, str, str]:
        return opening.lease_id, opening.entry_type, opening.category

    def list_effects(
        self, previous: int, through: int
    ) -> list[tuple[LedgerPosting, LedgerPosting | None, str, int, bool]]:
        """Each document that a posting of the cut touched, with what kind of thing it was, and its cents, signed."""
        effects = []
        for number in sorted(self.rows):
            if not previous < number <= through:
                continue
            posting = self.rows[number]
            told = self.rows[posting.reverses_id] if posting.reverses_id else posting
            sign = -1 if posting.reverses_id else 1
            owner = self.rows[told.balance_id] if told.balance_id else told
            credit = self.rows[told.funding_id] if told.funding_id else None
            sides = [(owner, credit)] if credit is None else [(owner, credit), (credit, owner)]
            for side, other in sides:
                kind = "opened" if told.balance_id is None else told.kind
                is_old = side.pk <= previous
                effects.append((side, other, kind, sign * self.cents(posting), is_old))
        return effects

    def read_cut(self, previous: int, through: int) -> dict[tuple[int | None, str, str], dict[str, int]]:
        nets: dict[tuple[Any, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        corrected = set()
        for side, other, kind, cents, is_old in self.list_effects(previous, through):
            document = (self.line_of(side), side.reference_id)
            if kind == "APPLICATION" and other is not None and self.is_own(side, other):
                # What a returned credit pays of its own recovery was never charged, and never the driver's.
                nets[document]["opened"] -= cents
                corrected |= {document} if is_old and side.entry_type == "DEBIT" else set()
                continue
            if kind == "opened" and cents < 0 and is_old and side.entry_type == "DEBIT":
                corrected.add(document)
            if kind == "APPLICATION" and other is not None and other.kind == "DEPOSIT":
                kind = "from_deposit"
            nets[document][kind] += cents
        lines: dict[tuple[int | None, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for document, kinds in nets.items():
            for kind, net in kinds.items():
                self.place(lines[document[0]], document, kind, net, document in corrected)
        return lines

    def place(self, line: dict[str, int], document: Any, kind: str, net: int, is_corrected: bool) -> None:
        (_, side, _), reference = document
        if kind == "opened":
            if is_corrected:
                line["corrected"] += net
            elif net < 0:
                assert side == "CREDIT", "A charge of this week can't be below zero."
                line["voided"] -= net
            elif reference.startswith("OPEN-"):
                line["before"] += net
            else:
                line["charged" if side == "DEBIT" else "received"] += net
            return
        done, undone = {
            "ALLOCATION": ("named", "payments_undone" if side == "DEBIT" else "uses_undone"),
            "APPLICATION": ("prior", "payments_undone" if side == "DEBIT" else "uses_undone"),
            "from_deposit": ("from_deposit", "payments_undone"),
            "WRITE_OFF": ("off", "offs_undone"),
            "PAYOUT": ("out", "outs_undone"),
        }[kind]
        line[done if net > 0 else undone] += abs(net)

    def is_own(self, side: LedgerPosting, other: LedgerPosting) -> bool:
        charge, credit = (side, other) if side.entry_type == "DEBIT" else (other, side)
        name = credit.reference_id.replace("DEPOSIT-", "PAY-")
        return charge.category == "RECOVERY" and charge.reference_id == f"RETURNED-{name}"

    def sum_spendable(self, previous: int, through: int, side: str) -> int:
        """What charges were paid with by other money than deposits, or what was used of that money, in the cut."""
        total = 0
        for owner, other, kind, cents, _ in self.list_effects(previous, through):
            if other is None or owner.entry_type != side or kind not in ("ALLOCATION", "APPLICATION"):
                continue
            if not self.is_own(owner, other) and "DEPOSIT" not in (owner.kind, other.kind):
                total += cents
        return total

    def remaining(self, through: int) -> dict[tuple[int | None, str, str], int]:
        left: dict[tuple[int | None, str, str], int] = defaultdict(int)
        for number, posting in self.rows.items():
            if number > through:
                continue
            told = self.rows[posting.reverses_id] if posting.reverses_id else posting
            sign = -1 if posting.reverses_id else 1
            if told.balance_id is None:
                left[self.line_of(told)] += sign * self.cents(posting)
                continue
            left[self.line_of(self.rows[told.balance_id])] -= sign * self.cents(posting)
            if told.funding_id:
                left[self.line_of(self.rows[told.funding_id])] -= sign * self.cents(posting)
        return {line: amount for line, amount in left.items() if amount}


@pytest.mark.parametrize("seed", range(8))
def test_every_cut_of_a_random_history_adds_up(seed: int) -> None:
    history = History(seed)
    history.live(70)
    reading = Reading({posting.pk: posting for posting in LedgerPosting.objects.all()})
    carried: dict[tuple[int | None, str, str], int] = {}
    ends: list[date] = list(Dtr.objects.order_by("week_id").values_list("week_id", flat=True).distinct())
    assert ends
    for week_end in ends:
        dtrs = list(Dtr.objects.filter(week=week_end).prefetch_related("lines"))
        previous, through = dtrs[0].previous_cut, dtrs[0].sealed_through
        expected = reading.read_cut(previous, through)
        seen = set()
        for dtr_ in dtrs:
            for line in dtr_.lines.all():
                key = (dtr_.lease_id, line.entry_type, line.category)
                seen.add(key)
                names = NAMES[line.entry_type]
                stated = {ours: int(getattr(line, theirs) * 100) for ours, theirs in names.items()}
                assert stated == {ours: expected[key][ours] for ours in names}, (seed, week_end, key)
                assert all(cents >= 0 for ours, cents in stated.items() if ours != "corrected"), (seed, week_end, key)
                # Brought forward is what was carried forward, always; and the row adds up.
                assert int(line.opening * 100) == carried.get(key, 0), (seed, week_end, key)
                assert int(line.closing * 100) == carried.get(key, 0) + _sum_of(line.entry_type, stated)
        assert not [key for key, columns in expected.items() if any(columns.values()) and key not in seen]
        carried = reading.remaining(through)
        closings = {
            (dtr_.lease_id, line.entry_type, line.category): int(line.closing * 100)
            for dtr_ in dtrs
            for line in dtr_.lines.all()
            if line.closing
        }
        assert closings == carried, (seed, week_end)
        _check_across(reading, dtrs)
    assert_books_clean()


def _sum_of(side: str, columns: dict[str, int]) -> int:
    if side == "DEBIT":
        return (
            columns["before"] + columns["charged"] + columns["corrected"] - columns["named"] - columns["prior"]
            - columns["from_deposit"] + columns["payments_undone"] - columns["off"] + columns["offs_undone"]
        )  # fmt: skip
    return (
        columns["before"] + columns["received"] - columns["voided"] - columns["named"] - columns["prior"]
        + columns["uses_undone"] - columns["out"] + columns["outs_undone"]
    )  # fmt: skip


def _check_across(reading: Reading, dtrs: list[Dtr]) -> None:
    """What charges were paid with is what was used of credits; by the DTRs with deposits, by the postings without."""
    paid = used = Decimal(0)
    for dtr_ in dtrs:
        for line in dtr_.lines.all():
            moved = line.paid + line.applied + line.from_deposit - line.undone
            if line.is_obligation:
                paid += moved
            else:
                used += moved
    assert paid == used
    cut = dtrs[0].previous_cut, dtrs[0].sealed_through
    assert reading.sum_spendable(*cut, "DEBIT") == reading.sum_spendable(*cut, "CREDIT")
