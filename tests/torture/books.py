"""The books once more, in whole cents, kept from what was posted by rules of their own (docs/ledger.md, "Kinds").

Nothing here calls the product: postings come as plain rows, one after the other, and each must be possible. What an act
is going to do is said with these books before it is done (:class:`Change`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

#: The priority order until another one is dated.
ORDER = ("TAXES", "EZPASS", "LEASE", "RECOVERY", "PVB", "TLC", "REPAIR", "LOAN", "MISC")

OPENS = {
    "OBLIGATION": "owed",
    "PAYMENT": "held",
    "EARNINGS": "held",
    "CREDIT_MEMO": "held",
    "DEPOSIT": "deposit",
}
PLACE = {"owed": 0, "held": 1, "deposit": 2}


class Finding(Exception):
    """What must never be: it ends the run."""


@dataclass(slots=True)
class Balance:
    id: int
    side: str
    kind: str
    driver: int
    lease: int | None
    category: str
    reference: str
    amount: int
    left: int
    due_on: date | None
    on: date
    payment: int | None
    voided: bool = False
    #: The movements that touched it, undone ones included.
    moves: list["Move"] = field(default_factory=list, repr=False)


@dataclass(slots=True)
class Move:
    id: int
    kind: str
    amount: int
    balance: Balance
    funding: Balance | None
    payment: int | None
    payout: int | None
    undone: bool = False


class Change:
    """What an act does to drivers' money, in cents: to what they owe, hold on account, and have as deposit."""

    def __init__(self) -> None:
        self.exact: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
        #: Where only the difference is told: owed less held less deposits, from the least to the most.
        self.net: dict[int, list[int]] = {}

    def add(self, driver: int, *, owed: int = 0, held: int = 0, deposit: int = 0) -> "Change":
        for place, amount in enumerate((owed, held, deposit)):
            self.exact[driver][place] += amount
        return self

    def worth(self, driver: int, least: int, most: int | None = None) -> "Change":
        """Say what they owe more, all in all, or get less; how that is spread is not foretold."""
        known = self.net.setdefault(driver, [0, 0])
        known[0] += least
        known[1] += least if most is None else most
        return self

    def __str__(self) -> str:
        return f"{ {driver: change for driver, change in self.exact.items() if any(change)} } {self.net or ''}"


class Books:
    def __init__(self) -> None:
        self.balances: dict[int, Balance] = {}
        self.moves: dict[int, Move] = {}
        self.totals: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
        self.open: dict[int, Balance] = {}
        self.live: dict[str, Balance] = {}
        self.voided: set[int] = set()
        self.last_id = 0

    def take(self, rows: Iterable[tuple[Any, ...]]) -> set[int]:
        """Write the postings down, and return the balances that they touched."""
        touched: set[int] = set()
        for row in rows:
            self.last_id = row[0]
            kind = row[1]
            try:
                touched |= {found.id for found in (self._void(row) if kind == "VOID" else self._enter(row))}
            except Finding as finding:
                raise Finding(f"{finding} (posting {row})") from None
        return touched

    def _enter(self, row: tuple[Any, ...]) -> Iterator[Balance]:
        (id_, kind, entry, category, cents, reference, driver, lease, on, _, _, payment, payout, due_on, day) = row
        if kind in OPENS:
            check(on is None and cents > 0, "An opening opens, and is above zero")
            check(entry == ("DEBIT" if kind == "OBLIGATION" else "CREDIT"), "It is on its side")
            check(reference not in self.live, f"{reference} is borne by another balance that is not voided")
            balance = Balance(
                id_, OPENS[kind], kind, driver, lease, category, reference, cents, cents, due_on, day, payment
            )
            self.balances[id_] = self.open[id_] = self.live[reference] = balance
            self.totals[driver][PLACE[balance.side]] += cents
            yield balance
            return
        balance = self.balances[on]
        funding = self.balances[row[9]] if row[9] else None
        same = (balance.driver, balance.lease, balance.category, balance.reference)
        check(same == (driver, lease, category, reference), "A movement repeats its balance")
        if kind in ("ALLOCATION", "APPLICATION"):
            check(balance.side == "owed" and funding is not None and funding.side != "owed", "A credit pays a charge")
            check(funding is not None and funding.driver == driver, "One's money pays one's charges")
            if funding is not None and funding.side == "deposit":
                check(lease in (None, funding.lease), "A deposit pays what is owed on its lease, or on none")
        elif kind == "PAYOUT":
            check(balance.side != "owed" and funding is None and payout is not None, "A payout draws a credit")
        else:
            check(kind == "WRITE_OFF" and balance.side == "owed" and funding is None, "Nothing else moves")
        move = Move(id_, kind, cents, balance, funding, payment, payout)
        self.moves[id_] = move
        balance.moves.append(move)
        yield self._shift(balance, -cents)
        if funding is not None:
            funding.moves.append(move)
            yield self._shift(funding, -cents)

    def _void(self, row: tuple[Any, ...]) -> Iterator[Balance]:
        undoes, cents = row[10], row[4]
        check(undoes not in self.voided, "What is voided is not voided again")
        self.voided.add(undoes)
        if undoes in self.moves:
            move = self.moves[undoes]
            check(move.amount == cents, "A void mirrors the amount")
            move.undone = True
            yield self._shift(move.balance, cents)
            if move.funding is not None:
                yield self._shift(move.funding, cents)
            return
        balance = self.balances.get(undoes)
        check(balance is not None, "A void is never voided, and undoes something")
        assert balance is not None
        check(balance.left == balance.amount == cents, "What is voided is whole again before")
        self._shift(balance, -cents)
        balance.voided = True
        del self.live[balance.reference]
        yield balance

    def _shift(self, balance: Balance, cents: int) -> Balance:
        balance.left += cents
        check(0 <= balance.left <= balance.amount, f"{balance.reference} has {balance.left} of {balance.amount} left")
        check(not balance.voided, f"{balance.reference} is voided")
        self.totals[balance.driver][PLACE[balance.side]] += cents
        if balance.left:
            self.open[balance.id] = balance
        else:
            self.open.pop(balance.id, None)
        return balance

    def copy_totals(self) -> dict[int, list[int]]:
        return {driver: list(total) for driver, total in self.totals.items()}

    def list_open(self, *sides: str, driver: int | None = None) -> list[Balance]:
        """Balances with something left, oldest first."""
        found = (b for b in self.open.values() if b.side in sides and driver in (None, b.driver))
        return sorted(found, key=lambda balance: balance.id)

    def uses_of(self, balance: Balance) -> list[Move]:
        return [move for move in balance.moves if not move.undone]

    def undo(self, move: Move, change: Change) -> None:
        """What undoing a movement gives back."""
        place_of = {"owed": "owed", "held": "held", "deposit": "deposit"}
        change.add(move.balance.driver, **{place_of[move.balance.side]: move.amount})
        if move.funding is not None:
            change.add(move.funding.driver, **{place_of[move.funding.side]: move.amount})

    def undo_opening(self, balance: Balance, change: Change) -> None:
        """What voiding an opening does, its movements first."""
        for move in self.uses_of(balance):
            self.undo(move, change)
        change.add(balance.driver, **{balance.side: -balance.amount})

    def pay_in_order(self, debts: Iterable[Balance], held: Iterable[Balance]) -> int:
        """How many cents the credits pay of the debts: in whatever order, since each of them may pay any."""
        return min(sum(debt.left for debt in debts), sum(credit.left for credit in held))


def check(holds: bool, promise: str) -> None:
    if not holds:
        raise Finding(f"This does not hold: {promise}.")
