"""The rules for mending what was done by mistake, on top of the small ledger of ``model.py`` and just as apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tests.ledger.model import Model
from tests.ledger.model_rows import Line, Refused


@dataclass
class MendingModel(Model):
    #: Of each void, the first one that was written with it: what was undone together.
    together: dict[int, int] = field(default_factory=dict)

    def replace_obligation(self, *, posting_id: int, amount: int, effective_on: date) -> None:
        original = self.line(posting_id)
        if original.kind != "OBLIGATION":
            raise Refused("ValueInvalid")
        if amount == original.amount:
            raise Refused("AmountInvalid")
        if posting_id in self.voided:
            raise Refused("AlreadyVoided")
        original.refuse_another_sum()
        movements = self._live_movements(posting_id)
        due_on = original.due_on
        if due_on and amount > original.amount and not self.remaining[posting_id]:
            due_on = max(due_on, effective_on + timedelta((5 - effective_on.weekday()) % 7))
        self._reverse([*movements, posting_id], effective_on)
        again = self._post(replace(original, amount=amount, due_on=due_on, effective_on=effective_on))
        for line in sorted((self.line(n) for n in reversed(movements)), key=lambda line: not line.funding):
            part = min(line.amount, self.remaining[again])
            if part:
                self._post(replace(line, amount=part, balance=again, effective_on=effective_on))

    def charge_again(
        self, *, posting_id: int, amount: int | None, with_what_had_paid: bool, effective_on: date
    ) -> None:
        """What had paid a charge when it was voided pays it again, oldest first, as far as its credits hold it."""
        original = self.line(posting_id)
        if original.kind != "OBLIGATION":
            raise Refused("NotAnObligation")
        original.refuse_another_sum()
        if posting_id not in self.voided:
            raise Refused("NotVoided")
        bearers = self.bearers(original.reference_id)
        if bearers[-1] != posting_id:
            raise Refused("ReferenceConflict")
        again = self._post(replace(original, amount=amount or original.amount, effective_on=effective_on))
        if not with_what_had_paid:
            return
        held = dict(self.remaining)
        for number in self._undone_with(posting_id):
            line = self.line(number)
            assert line.funding is not None
            offered = min(line.amount, held[line.funding])
            held[line.funding] -= offered
            part = min(offered, self.remaining[again])
            if part:
                self._post(replace(line, amount=part, balance=again, effective_on=effective_on))

    def win_back(self, *, posting_id: int, effective_on: date) -> None:
        """All of a credit is owed, once; what is still held of it pays, and what it had paid stays paid."""
        credit = self.line(posting_id)
        if posting_id not in self.remaining or credit.kind not in ("CREDIT_MEMO", "EARNINGS"):
            raise Refused("NotACredit")
        if posting_id in self.voided:
            raise Refused("AlreadyVoided")
        reference_id = f"WINBACK-{credit.reference_id}"
        if any(number not in self.voided for number in self.bearers(reference_id)):
            raise Refused("AlreadyWonBack")
        charge = Line("OBLIGATION", "DEBIT", "RECOVERY", credit.amount, reference_id, credit.driver_id, effective_on)
        owed = self._post(replace(charge, lease_id=credit.lease_id, vehicle_id=credit.vehicle_id, due_on=effective_on))
        if self.remaining[posting_id]:
            self._move("APPLICATION", owed, self.remaining[posting_id], effective_on, funding=posting_id)

    def allocate_credit(self, *, posting_id: int, allocations: Mapping[str, int], effective_on: date) -> None:
        """Held money pays what is named, also what falls due within four weeks; no deposit does."""
        credit = self.line(posting_id)
        if posting_id not in self.remaining or credit.entry_type != "CREDIT" or credit.kind == "DEPOSIT":
            raise Refused("NotACredit")
        if not self.remaining[posting_id]:
            raise Refused("ValueInvalid")
        if sum(allocations.values()) > self.remaining[posting_id]:
            raise Refused("AllocationsExceedPayment")
        if not allocations:
            raise Refused("ValueInvalid")
        for planned in self._payable():
            named = planned.reference_id in allocations and planned.driver_id == credit.driver_id
            if named and planned.due_on <= effective_on + timedelta(28):
                self._post_planned(planned, effective_on)
        paid = {name: self._find_payable(name, credit.driver_id, part) for name, part in allocations.items()}
        kind = "ALLOCATION" if credit.kind == "PAYMENT" else "APPLICATION"
        for reference_id, part in allocations.items():
            self._move(kind, paid[reference_id], part, effective_on, funding=posting_id, payment=credit.payment)

    def _reverse(self, numbers: Iterable[int], effective_on: date) -> None:
        first = len(self.lines) + 1
        super()._reverse(numbers, effective_on)
        self.together |= dict.fromkeys(range(first, len(self.lines) + 1), first)

    def _undone_with(self, charge: int) -> list[int]:
        """What paid the charge until its own void undid it, oldest first."""
        voids = {line.reverses: number for number, line in enumerate(self.lines, start=1) if line.reverses}
        moment = self.together[voids[charge]]
        return [
            number
            for number, line in enumerate(self.lines, start=1)
            if line.balance == charge
            and line.kind in ("ALLOCATION", "APPLICATION")
            and number in voids
            and self.together[voids[number]] == moment
        ]
