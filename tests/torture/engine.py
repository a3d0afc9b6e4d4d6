"""Acts at random, one after the other, and judges each: by the books, by the tables, by the audits."""

import random
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.management import call_command, get_commands
from django.db import connection
from django.utils import timezone

from core.audits import examine, list_audits
from core.errors import DomainError
from core.weeks import Week, week_of
from ledger import selectors as ledger
from tests.books import asks_a_module
from tests.threads import run_together
from tests.torture.books import Books, Change, Finding, check
from tests.torture.database import Clock
from tests.torture.steps import Step, misdate, spoil
from tests.torture.tables import State, list_changed, read_state

_POSTINGS = """
    SELECT id, kind, entry_type, category, (amount * 100)::bigint, reference_id, driver_id, lease_id, balance_id,
           funding_id, reverses_id, payment_id, payout_id, due_on, effective_on
      FROM ledger_postings WHERE id > %s ORDER BY id
"""
_BALANCES = "SELECT posting_id, (remaining * 100)::bigint, status FROM ledger_balances"
#: What the whole of money stands in.
MONEY = {"ledger_postings", "ledger_balances", "ledger_payments", "ledger_payouts", "ledger_transfers"}
#: What does its work in several transactions, by what today is: where the clock is set back, a part of it
#: is refused and the rest stands, to be gone on with.
BY_STEPS = ("dtr.close_week",)

Make = Callable[["Torture"], Step | None]


@dataclass(frozen=True)
class Act:
    """``services`` are those that it may call; ``weight`` is how often it is chosen."""

    name: str
    make: Make
    weight: int
    services: tuple[str, ...]


ACTS: dict[str, Act] = {}


def act(*services: str, weight: int = 4) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        name = f"{make.__module__.rsplit('.', 1)[1]}.{make.__name__}"
        assert name not in ACTS, name
        ACTS[name] = Act(name, make, weight, services)
        return make

    return register


@dataclass
class Tally:
    """What a run did."""

    steps: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    together: int = 0
    audits: int = 0
    began: float = field(default_factory=time.monotonic)


class Torture:
    """A run: its chance, its clock, its books, and all that acts ask of it."""

    def __init__(self, *, seed: int, clock: Clock, audit_every: int = 500) -> None:
        self.seed, self.clock, self.audit_every = seed, clock, audit_every
        self.chance = random.Random(seed)
        self.books = Books()
        self.tally = Tally()
        self.last: deque[str] = deque(maxlen=25)
        self.state: State = read_state()
        #: What acts remember for each other: staff, what was told of trips, receipts.
        self.memory: dict[str, Any] = {"trips": {}, "receipts": {}}
        self._numbers = 0

    # -- what acts ask for

    @property
    def today(self) -> date:
        return timezone.localdate()

    @property
    def week(self) -> Week:
        return week_of(self.today)

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    def dollars(self, least: int = 1, most: int = 40_000) -> Decimal:
        return Decimal(self.chance.randint(least, most)).scaleb(-2)

    def pick(self, found: Any) -> Any:
        """One of a query's rows, or of a list, or None."""
        rows = list(found)
        return self.chance.choice(rows) if rows else None

    def reason(self) -> str:
        return self.chance.choice(("Mistake", "Agreed at the counter", "Señor O’Neill asked", "第一次", "As told"))

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    # -- the run

    def act_once(self, name: str | None = None) -> None:
        if self.maybe(0.02):
            with self.clock.set_back(self.chance.randint(1, 9)):
                self._act(name, set_back=True)
        else:
            self._act(name)
        if self.maybe(0.03):
            self.clock.next_day()

    def _act(self, name: str | None, *, set_back: bool = False) -> None:
        step = self._make(name, without=BY_STEPS if set_back and name is None else ())
        if set_back:  # which refusal comes first is another question then
            step.codes = ()
        self.tally.steps += 1
        self.last.append(f"{self.tally.steps}: {self.today} {step}")
        try:
            self._do(step)
        except Finding:
            raise
        except Exception as error:
            raise Finding(f"It broke: {type(error).__name__}: {error}\n{traceback.format_exc(limit=-6)}") from error
        if self.tally.steps % self.audit_every == 0:
            self.audit()

    def _make(self, name: str | None, *, without: tuple[str, ...] = ()) -> Step:
        acts = list(ACTS.values())
        weights = [found.weight for found in acts]
        while True:
            chosen = ACTS[name] if name else self.chance.choices(acts, weights)[0]
            step = chosen.make(self)
            if step is not None and step.service not in without:
                break
        chance = self.chance.random()
        if chance < 0.10:
            spoil(step, self.chance)
        elif chance < 0.14:
            misdate(step, self.chance)
        return step

    def _do(self, step: Step) -> None:
        before, state = self.books.copy_totals(), self.state
        outcome = self._do_together(step) if step.again and self.maybe(0.08) else _attempt(step)
        refusal = outcome if isinstance(outcome, DomainError) else None
        self.state = read_state()
        changed = list_changed(state, self.state)
        if refusal is not None:
            self.tally.refused[step.service] += 1
            self.tally.codes[refusal.code] += 1
            if step.codes:
                check(refusal.code in step.codes, f"It is refused as {step.codes}, not {refusal.code}: {refusal}")
            self._forgive(step, changed)
            check(not changed, f"Refused ({refusal.code}), it wrote nothing, and not to {changed}")
            return
        check(not step.must_refuse, f"It is refused, and did not return {outcome!r}")
        self.tally.done[step.service] += 1
        if step.only_looks:
            check(not changed, f"Looking writes nothing, and not to {changed}")
        change = step.change(outcome) if callable(step.change) else step.change
        self._judge(before, change, changed)
        if step.again and self.maybe(0.10):
            self._do_again(step)

    def _forgive(self, step: Step, changed: list[str]) -> None:
        for name in step.may_note:
            if name in changed:
                changed.remove(name)

    def _do_together(self, step: Step) -> Any:
        """Three at once: one does it; the others are told the same or are refused."""
        self.tally.together += 1
        outcomes = run_together(step.run, step.run, step.run)
        done = [outcome for outcome in outcomes if not isinstance(outcome, DomainError)]
        if not done:
            return outcomes[0]
        if step.again == "refused":
            check(len(done) == 1, f"One of three at once does it, not {len(done)}")
        return done[0]

    def _do_again(self, step: Step) -> None:
        before, state = self.books.copy_totals(), self.state
        outcome = _attempt(step)
        self.state = read_state()
        if step.again == "refused":
            check(isinstance(outcome, DomainError), "Done twice, it is refused the second time")
            check(not list_changed(state, self.state), "What is refused the second time writes nothing")
        else:
            check(not isinstance(outcome, DomainError), f"Done twice, it answers the same, not {outcome!r}")
        changed = [name for name in list_changed(state, self.state) if name in MONEY]
        check(not changed, f"Done twice, it moves money once, and does not write to {changed}")
        self._judge(before, Change(), changed)

    # -- the judges

    def _judge(self, before: dict[int, list[int]], change: Change, changed: list[str]) -> None:
        touched = self.read_postings()
        if "ledger_balances" in changed and not touched:
            raise Finding("Balances changed without a posting.")
        after = self.books.totals
        for driver in sorted({*before, *after, *change.exact, *change.net}):
            was, now = before.get(driver, [0, 0, 0]), after[driver]
            moved = [n - w for n, w in zip(now, was, strict=True)]
            foretold = change.exact.get(driver, [0, 0, 0])
            if driver in change.net:
                least, most = change.net[driver]
                base = foretold[0] - foretold[1] - foretold[2]
                worth = moved[0] - moved[1] - moved[2] - base
                check(least <= worth <= most, f"Driver {driver} owes {least}..{most} more, not {worth} ({moved})")
            else:
                check(moved == list(foretold), f"Driver {driver}'s owed, held, deposit move {foretold}, not {moved}")
        self._compare_balances(touched)

    def take_stock(self) -> None:
        """Begin from what is there now."""
        self.read_postings()
        self.state = read_state()

    def read_postings(self) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute(_POSTINGS, [self.books.last_id])
            return self.books.take(cursor.fetchall())

    def _compare_balances(self, only: set[int] | None) -> None:
        with connection.cursor() as cursor:
            if only is None:
                cursor.execute(_BALANCES)
            elif only:
                cursor.execute(f"{_BALANCES} WHERE posting_id = ANY(%s)", [sorted(only)])
            else:
                return
            rows = cursor.fetchall()
        check(len(rows) == len(self.books.balances if only is None else only), "Each opening has its balance")
        for id_, left, status in rows:
            kept = self.books.balances[id_]
            expected = "VOIDED" if kept.voided else "OPEN" if kept.left else "SETTLED"
            check((left, status) == (kept.left, expected), f"{kept} has {kept.left} left, not {left} ({status})")

    def audit(self) -> None:
        """Everything there is to hold it to: all balances, the product's own sums, all audits."""
        self.tally.audits += 1
        self.read_postings()
        self._compare_balances(None)
        drivers = sorted(self.books.totals)
        for position in ledger.list_positions(drivers, as_of=self.today + timedelta(36500)):
            owed, held, _ = self.books.totals[position.driver_id]
            check(int(position.net_position * 100) == owed - held, f"{position} is {owed} less {held}")
        totals = {row.account.value: int(row.balance * 100) for row in ledger.list_trial_balance()}
        sums = [sum(total[place] for total in self.books.totals.values()) for place in range(3)]
        for code, cents in (("1100", sums[0]), ("2010", -sums[1]), ("2020", -sums[2])):
            check(totals.get(code, 0) == cents, f"Account {code} holds {cents}, not {totals.get(code)}")
        check(sum(totals.values()) == 0, "Debits are credits")
        # The ledger's own acts post under modules' names here, with no record behind them.
        audits = [found for found in list_audits() if not asks_a_module(found)]
        findings = [f"{found.audit.name}: {text}" for found in examine(audits) for text in found.findings]
        check(not findings, "The audits find nothing, and not:\n" + "\n".join(findings[:12]))
        self.state = read_state()

    def verify_seals(self) -> bool:
        """Have the seals verified, where this version has them."""
        if "verify_ledger" not in get_commands():
            return False
        try:
            call_command("verify_ledger", verbosity=0)
        except SystemExit as end:
            check(not end.code, "The seals are whole")
        return True


def _attempt(step: Step) -> Any:
    try:
        return step.run()
    except DomainError as refusal:
        return refusal
