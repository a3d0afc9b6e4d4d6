"""What the ledger promises, once more and small: a list of postings and what remains of each balance.

Written from the rules in docs/architecture.md and calling nothing of the product, so that the property tests have
something to hold it to. Every service is a method of the same name and arguments. Money is whole cents. Postings are
numbered from 1 in the order they are written, a balance by the posting that opened it, documents by their own numbers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Self

from tests.ledger.model_rows import ORDER, Document, Line, Planned, Refused


@dataclass
class Model:
    plan: list[Planned] = field(default_factory=list)
    #: Whose each lease is.
    leases: Mapping[int, int] = field(default_factory=dict)
    posted: set[str] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    remaining: dict[int, int] = field(default_factory=dict)
    voided: set[int] = field(default_factory=set)
    payments: list[Document] = field(default_factory=list)
    payouts: list[Document] = field(default_factory=list)
    cuts: dict[int, int] = field(default_factory=dict)
    orders: list[tuple[date, Sequence[str]]] = field(default_factory=list)

    def twin(self) -> Self:
        """Return another model that may be changed, or thrown away when it refuses half-way."""
        return type(self)(**{name: copy(value) for name, value in vars(self).items()})

    # What stands

    def line(self, number: int) -> Line:
        return self.lines[number - 1]

    def status(self, number: int) -> str:
        return "VOIDED" if number in self.voided else "OPEN" if self.remaining[number] else "SETTLED"

    def obligations(self, driver_id: int) -> list[int]:
        """The driver's open obligations, oldest posting first."""
        return [n for n in self._open_balances(driver_id) if self.line(n).entry_type == "DEBIT"]

    def held(self, driver_id: int) -> list[int]:
        """The driver's open credits without deposits, in the order in which they are used."""
        credit = set(self._open_balances(driver_id)) - set(self.obligations(driver_id))
        usable = (n for n in credit if self.line(n).category != "DEPOSIT")
        return sorted(usable, key=lambda n: (self.line(n).effective_on, n))

    def net_position(self, driver_id: int) -> int:
        return self._total(self.obligations(driver_id)) - self._total(self.held(driver_id))

    def net_due(self, driver_id: int, on: date) -> int:
        """What the fleet holds for the driver, less what they owe by that day."""
        due = [n for n in self.obligations(driver_id) if (self.line(n).due_on or date.max) <= on]
        return self._total(self.held(driver_id)) - self._total(due)

    def bearers(self, reference_id: str) -> list[int]:
        """The balances that bear a reference, the last one last."""
        return [n for n in self.remaining if self.line(n).reference_id == reference_id]

    # Charges and credits

    def create_obligation(self, **facts: Any) -> None:
        self.create_obligations(obligations=[facts])

    def create_obligations(self, *, obligations: Iterable[Mapping[str, Any]]) -> None:
        known = len(self.lines)
        for facts in obligations:
            self._open("OBLIGATION", "DEBIT", **{"due_on": None, **facts})
        for line in self.lines[known:]:
            self._check_lease(line.lease_id, line.driver_id)

    def post_earnings(self, **facts: Any) -> None:
        self._open("EARNINGS", "CREDIT", category="EARNINGS", **facts)

    def post_earnings_batch(self, *, earnings: Iterable[Mapping[str, Any]]) -> None:
        for facts in earnings:
            self.post_earnings(**facts)

    def credit_driver(self, **facts: Any) -> None:
        self._open("CREDIT_MEMO", "CREDIT", **facts)

    def write_off_obligation(self, *, posting_id: int, amount: int | None, effective_on: date) -> None:
        if self.line(posting_id).kind != "OBLIGATION":
            raise Refused("NotAnObligation")
        if self.status(posting_id) != "OPEN":
            raise Refused("ObligationClosed")
        amount = self.remaining[posting_id] if amount is None else amount
        if amount > self.remaining[posting_id]:
            raise Refused("OverAllocation")
        self._move("WRITE_OFF", posting_id, amount, effective_on)

    def post_scheduled_installments(self, *, as_of: date, driver_ids: Collection[int] | None) -> None:
        for planned in self._payable():
            if planned.due_on <= as_of and (driver_ids is None or planned.driver_id in driver_ids):
                self._post_planned(planned, as_of)

    # Over the counter

    def apply_interim_payment(
        self,
        *,
        payment_amount: int,
        allocations: Mapping[str, int],
        driver_id: int,
        lease_id: int | None,
        deposit: int,
        idempotency_key: str | None,
        effective_on: date,
    ) -> None:
        if deposit + sum(allocations.values()) > payment_amount:
            raise Refused("AllocationsExceedPayment")
        if deposit and lease_id is None:
            raise Refused("ValueInvalid")
        asked = (payment_amount, dict(allocations), driver_id, lease_id, deposit, effective_on)
        if self._replayed(self.payments, idempotency_key, asked):
            return
        for planned in self._payable():
            named = planned.reference_id in allocations and planned.driver_id == driver_id
            if named and planned.due_on <= effective_on + timedelta(28):
                self._post_planned(planned, effective_on)
        paid = {name: self._find_payable(name, driver_id, part) for name, part in allocations.items()}
        self._check_lease(lease_id, driver_id)
        self.payments.append(Document(driver_id, payment_amount, idempotency_key, asked))
        number = len(self.payments)
        line = Line(
            "PAYMENT", "CREDIT", "PAYMENT", payment_amount - deposit, f"PAY-{number:06d}", driver_id, effective_on
        )
        line = replace(line, lease_id=lease_id, payment=number)
        credit = self._post(line) if line.amount else None
        if deposit:
            line = replace(line, kind="DEPOSIT", category="DEPOSIT", amount=deposit)
            self._post(replace(line, reference_id=f"DEPOSIT-{number:06d}"))
        for reference_id, part in allocations.items():
            self._move("ALLOCATION", paid[reference_id], part, effective_on, funding=credit, payment=number)

    def pay_out(
        self, *, driver_id: int, amount: int, lease_id: int | None, idempotency_key: str | None, effective_on: date
    ) -> None:
        if self._replayed(self.payouts, idempotency_key, (driver_id, amount, lease_id, effective_on)):
            return
        if amount > self.net_due(driver_id, effective_on):
            raise Refused("ExceedsNetDue")
        drawn = [n for n in self.held(driver_id) if lease_id is None or self.line(n).lease_id == lease_id]
        if amount > self._total(drawn):
            raise Refused("ExceedsHeldOnLease")
        self._pay_out_of(drawn, (driver_id, amount, lease_id, effective_on), idempotency_key)

    def release_deposit(self, *, posting_ids: Sequence[int], amount: int | None, effective_on: date) -> None:
        for posting_id in posting_ids:
            self._check_deposit(posting_id)
        of = {(self.line(n).driver_id, self.line(n).lease_id) for n in posting_ids}
        if len(of) > 1:
            raise Refused("ValueInvalid")
        amount = self._total(posting_ids) if amount is None else amount
        if not 0 < amount <= self._total(posting_ids):
            raise Refused("OverAllocation")
        [(driver_id, lease_id)] = of
        self._pay_out_of(sorted(posting_ids), (driver_id, amount, lease_id, effective_on), None)

    # The waterfall

    def set_waterfall_order(self, *, effective_on: date, categories: Sequence[str]) -> None:
        self.orders.append((effective_on, categories))

    def apply_weekly_earnings(self, *, as_of: date, driver_ids: Collection[int] | None) -> None:
        for driver_id in sorted({line.driver_id for line in self.lines}):
            if driver_ids is None or driver_id in driver_ids:
                effective = [n for n in self.held(driver_id) if self.line(n).effective_on <= as_of]
                due = [n for n in self.obligations(driver_id)
                       if max(self.line(n).due_on or date.max, self.line(n).effective_on) <= as_of]  # fmt: skip
                self._apply(effective, due, as_of, newest=self._newest_days(driver_id))

    def apply_deposit(self, *, posting_id: int, as_of: date, without_lease: bool) -> None:
        """It pays what is open on its lease, due or not, and maybe what is on none."""
        self._check_deposit(posting_id)
        deposit = self.line(posting_id)
        payable = {deposit.lease_id, None} if without_lease else {deposit.lease_id}
        self._apply([posting_id], self._on(payable, deposit.driver_id), as_of)

    def apply_credits_to_lease(self, *, driver_id: int, lease_id: int, as_of: date, without_lease: bool) -> None:
        effective = [n for n in self.held(driver_id) if self.line(n).effective_on <= as_of]
        payable = {lease_id, None} if without_lease else {lease_id}
        self._apply(effective, self._on(payable, driver_id), as_of)

    # Undoing and sealing

    def void_posting(self, *, posting_id: int, cascade: bool, effective_on: date) -> None:
        line = self.line(posting_id)
        if line.kind == "VOID":
            raise Refused("VoidOfVoid")
        if posting_id in self.voided:
            raise Refused("AlreadyVoided")
        movements = self._live_movements(posting_id)
        if line.entry_type == "CREDIT" and movements:
            if any(self.line(n).kind == "PAYOUT" for n in movements):
                raise Refused("CreditPaidOut")
            if not cascade:
                raise Refused("CreditInUse")
        self._reverse([*movements, posting_id], effective_on)

    def void_payment(self, *, payment_id: int, cascade: bool, returned_item: bool, effective_on: date) -> None:
        recovery = f"RETURNED-PAY-{payment_id:06d}"
        opened = [n for n in self.remaining if self.line(n).payment == payment_id and n not in self.voided]
        if not opened or any(n not in self.voided for n in self.bearers(recovery)):
            raise Refused("AlreadyVoided")
        undone: list[int] = []
        lost: list[int] = []
        for credit in reversed(opened):
            movements = self._live_movements(credit)
            has_left = any(self.line(n).kind == "PAYOUT" for n in movements)
            if has_left and not returned_item:
                raise Refused("CreditPaidOut")
            if not cascade and any(self.line(n).kind == "APPLICATION" for n in movements):
                raise Refused("CreditInUse")
            undone += [n for n in movements if self.line(n).kind != "PAYOUT"]
            (lost if has_left else undone).append(credit)
        self._reverse(undone, effective_on)
        if lost:
            amount = sum(self.line(n).amount for n in lost)
            received = self.line(lost[0])
            charge = Line("OBLIGATION", "DEBIT", "RECOVERY", amount, recovery, received.driver_id, effective_on)
            owed = self._post(replace(charge, lease_id=received.lease_id, due_on=effective_on))
            for credit in sorted(lost):
                if self.remaining[credit]:
                    self._move("APPLICATION", owed, self.remaining[credit], effective_on, funding=credit)

    def void_payout(self, *, payout_id: int, effective_on: date) -> None:
        drawn = [n for n, line in enumerate(self.lines, start=1) if (line.kind, line.payout) == ("PAYOUT", payout_id)]
        live = [n for n in reversed(drawn) if n not in self.voided]
        if not live:
            raise Refused("AlreadyVoided")
        self._reverse(live, effective_on)

    def cut_accounts(self, *, driver_ids: Collection[int]) -> None:
        for number, line in enumerate(self.lines, start=1):
            if line.driver_id in driver_ids:
                self.cuts[line.driver_id] = number

    # What these are made of

    def _post(self, line: Line) -> int:
        """Write a posting, and move what it moves; return its number."""
        self.lines.append(line)
        number = len(self.lines)
        original = self.line(line.reverses) if line.reverses else line
        change = line.amount if line.reverses else -line.amount
        if line.reverses:
            self.voided.add(line.reverses)
        if original.balance:
            self.remaining[original.balance] += change
        elif line.reverses:
            self.remaining[line.reverses] -= line.amount
        else:
            self.remaining[number] = line.amount
        if original.funding:
            self.remaining[original.funding] += change
        return number

    def _open(self, kind: str, entry_type: str, *, replaces: int | None = None, **facts: Any) -> None:
        """Open a balance unless its reference has one; dates left out are not compared with it."""
        bearers = self.bearers(facts["reference_id"])
        if bearers and bearers[-1] not in self.voided:
            live = self.line(bearers[-1])
            given = {"entry_type": entry_type, "lease_id": None, "vehicle_id": None, **facts}
            dates = ("due_on", "effective_on")
            if any(getattr(live, name) != value for name, value in given.items() if name not in dates or value):
                raise Refused("ReferenceConflict")
        elif bearers and bearers[-1] != replaces:
            raise Refused("ReferenceVoided")
        else:
            if "due_on" in facts:
                facts["due_on"] = facts["due_on"] or facts["effective_on"]
            self._post(Line(kind, entry_type, **facts))

    def _move(self, kind: str, balance: int, amount: int, effective_on: date, **links: Any) -> None:
        """Write a movement, which repeats what its balance says."""
        moved = self.line(balance)
        entry_type = "DEBIT" if kind == "PAYOUT" else "CREDIT"
        line = replace(moved, kind=kind, entry_type=entry_type, amount=amount, balance=balance, due_on=None)
        self._post(replace(line, effective_on=effective_on, **{"payment": None, **links}))

    def _reverse(self, numbers: Iterable[int], effective_on: date) -> None:
        for number in numbers:
            line = self.line(number)
            if effective_on < line.effective_on:
                raise Refused("VoidBeforeOriginal")
            entry_type = "CREDIT" if line.entry_type == "DEBIT" else "DEBIT"
            void = replace(line, kind="VOID", entry_type=entry_type, effective_on=effective_on, due_on=None)
            self._post(replace(void, balance=line.balance or number, reverses=number))

    def _live_movements(self, balance: int) -> list[int]:
        """What moved the balance or was paid by it, and stands; newest first."""
        moved = [n for n, line in enumerate(self.lines, start=1) if balance in (line.balance, line.funding)]
        return [n for n in reversed(moved) if n not in self.voided and self.line(n).kind != "VOID"]

    def _on(self, leases: Collection[int | None], driver_id: int) -> list[int]:
        return [n for n in self.obligations(driver_id) if self.line(n).lease_id in leases]

    def _apply(
        self, credit: Iterable[int], debts: Iterable[int], as_of: date, *, newest: Mapping[int, date] | None = None
    ) -> None:
        """Spend the credits, in their order, on the debts, in the waterfall's, no earlier than ``newest``."""
        newest = newest or {}
        dated = [(date.min, ORDER), *sorted(self.orders, key=lambda row: row[0])]
        order = [order for since, order in dated if since <= as_of][-1]
        ranked = [(order.index(self.line(n).category), self.line(n).due_on, n) for n in debts]
        for *_, debt in sorted(ranked):
            for funding in credit:
                part = min(self.remaining[debt], self.remaining[funding])
                if part:
                    on = max(as_of, newest.get(debt, as_of), newest.get(funding, as_of))
                    self._move("APPLICATION", debt, part, on, funding=funding)

    def _newest_days(self, driver_id: int) -> dict[int, date]:
        """The newest effective day of whatever opened or moved each balance."""
        newest: dict[int, date] = {}
        for number, line in enumerate(self.lines, start=1):
            if line.driver_id == driver_id:
                for balance in {line.balance or number, line.funding or line.balance or number}:
                    newest[balance] = max(newest.get(balance, line.effective_on), line.effective_on)
        return newest

    def _pay_out_of(self, credit: Iterable[int], asked: tuple[int, int, int | None, date], key: str | None) -> None:
        driver_id, amount, _, on = asked
        self.payouts.append(Document(driver_id, amount, key, asked))
        for number in credit:
            part = min(amount, self.remaining[number])
            if part:
                self._move("PAYOUT", number, part, on, payout=len(self.payouts))
            amount -= part

    def _post_planned(self, planned: Planned, effective_on: date) -> None:
        self.posted.add(planned.reference_id)
        facts = {name: getattr(planned, name) for name in ("reference_id", "driver_id", "lease_id", "vehicle_id")}
        facts |= {"amount": planned.amount, "due_on": planned.due_on, "effective_on": effective_on}
        self.create_obligation(category="LEASE", **facts)

    def _payable(self) -> list[Planned]:
        waiting = [planned for planned in self.plan if planned.reference_id not in self.posted and not planned.on_hold]
        return sorted(waiting, key=lambda planned: (planned.lease_id, planned.due_on))

    def _find_payable(self, reference_id: str, driver_id: int, amount: int) -> int:
        if not self.bearers(reference_id):
            raise Refused("ReferenceNotFound")
        last = self.bearers(reference_id)[-1]
        if self.line(last).driver_id != driver_id:
            raise Refused("AnotherDriversObligation")
        if self.line(last).entry_type != "DEBIT":
            raise Refused("NotAnObligation")
        if self.status(last) != "OPEN":
            raise Refused("ObligationClosed")
        if amount > self.remaining[last]:
            raise Refused("OverAllocation")
        return last

    def _check_lease(self, lease_id: int | None, driver_id: int) -> None:
        if lease_id is not None and self.leases[lease_id] != driver_id:
            raise Refused("LeaseNotTheDrivers")

    def _check_deposit(self, posting_id: int) -> None:
        if posting_id not in self.remaining:
            raise Refused("PostingNotFound")
        if self.line(posting_id).category != "DEPOSIT":
            raise Refused("NotADeposit")

    def _replayed(self, documents: Iterable[Document], key: str | None, asked: Any) -> bool:
        asked_before = [document.asked for document in documents if key is not None and document.key == key]
        if asked_before and asked_before != [asked]:
            raise Refused("IdempotencyConflict")
        return bool(asked_before)

    def _open_balances(self, driver_id: int) -> list[int]:
        return [n for n in self.remaining if self.line(n).driver_id == driver_id and self.status(n) == "OPEN"]

    def _total(self, numbers: Iterable[int]) -> int:
        return sum(self.remaining[n] for n in numbers)
