"""``python -m tests.torture.soak``: many clients at few drivers over HTTP; each keeps its own log, compared at the end.

Nothing that was answered is lost, nothing is there twice, whatever timed out and was sent again.
"""

import argparse
import random
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.torture.database import database_of_its_own
from tests.torture.site import NoAnswer, Site, found_fleet, list_findings

#: A client that waits so short loses an answer now and then, and asks again.
HASTY = 0.05
MOST_TRIES = 60
#: What asking again helps with.
_AGAIN = (
    *("busy", "ledger_busy", "request_in_progress", "idempotency_in_progress"),
    *("database_unavailable", "outcome_unknown"),
)


@dataclass
class Entry:
    """One act as its client knows it."""

    kind: str
    driver: int
    cents: int
    key: str
    answer: dict[str, Any]


@dataclass
class Client:
    """Somebody who sends one request after the other, and writes down what came back."""

    number: int
    site: Site
    chance: random.Random
    log: list[Entry] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    replays: int = 0
    failure: BaseException | None = None

    def run(self, ends_at: float) -> None:
        try:
            while time.monotonic() < ends_at:
                self._act()
        except BaseException as failure:  # raised where the soak is judged
            self.failure = failure

    def _act(self) -> None:
        driver, cents = self.chance.choice(self.site.drivers), self.chance.randint(100, 9_000)
        key = f"soak-{self.number}-{len(self.log)}-{self.chance.randrange(10**9)}"
        dollars = str(Decimal(cents).scaleb(-2))
        kind = self.chance.choices(("pay", "charge", "out", "void", "again"), (8, 5, 3, 2, 2))[0]
        if kind == "pay":
            body = {"driver_id": driver, "payment_amount": dollars, "payment_method": "CASH", "allocations": {}}
            path = "/api/ledger/interim-payment"
        elif kind == "charge":
            body = {"driver_id": driver, "category": "MISC", "amount": dollars, "reference_id": f"MISC-{key}"}
            path = "/api/ledger/obligations"
        elif kind == "out":
            body = {"driver_id": driver, "amount": dollars, "method": "CASH"}
            path = "/api/ledger/payouts"
        elif kind == "void" and (paid := [entry for entry in self.log if entry.kind == "pay"]):
            entry = self.chance.choice(paid)
            driver, cents = entry.driver, entry.cents
            body, path = {"reason": "Mistake"}, f"/api/ledger/payments/{entry.answer['id']}/void"
        elif self.log:
            self._send_again(self.chance.choice(self.log))
            return
        else:
            return
        answer = self._send(kind, path, body, key)
        if answer is not None:
            entry = Entry(kind, driver, cents, key, answer)
            entry.answer |= {"_path": path, "_body": body}
            self.log.append(entry)

    def _send(self, kind: str, path: str, body: dict[str, Any], key: str) -> dict[str, Any] | None:
        """Ask until there is an answer; None when it is a refusal."""
        for _ in range(MOST_TRIES):
            try:
                hasty = self.chance.random() < 0.08
                status, answer = self.site.ask("POST", path, body, key=key, timeout=HASTY if hasty else 60)
            except NoAnswer:
                self.replays += 1
                time.sleep(0.05)
                continue
            self.statuses[f"{kind} {status}"] += 1
            assert status < 500, f"{path} answers {status}: {answer}"
            if status < 300:
                assert isinstance(answer, dict)
                return answer
            if answer.get("code") not in _AGAIN:
                return None
            self.statuses[f"{kind} {answer['code']}"] += 1
            time.sleep(0.2)
        raise AssertionError(f"{path} was not answered in {MOST_TRIES} tries")

    def _send_again(self, entry: Entry) -> None:
        """What was answered is answered the same, and done once; but that it was voided since is told with it."""
        self.replays += 1
        answer = self._send("again", entry.answer["_path"], entry.answer["_body"], entry.key)
        told = {name: value for name, value in entry.answer.items() if not name.startswith("_")}
        if answer is not None:
            answer.pop("voided", None)
        assert answer == told, f"{entry.key} was answered {told}, and now {answer}"


def compare(clients: list[Client]) -> list[str]:
    """What differs between the clients' logs and the ledger."""
    from ledger.models import InterimPayment, LedgerPosting, Payout

    entries = [entry for client in clients for entry in client.log]
    wrong: list[str] = []

    def same(what: str, told: Counter[Any], kept: Counter[Any]) -> None:
        wrong.extend(f"{what}: {row} was answered {n} times, and is not there" for row, n in (told - kept).items())
        wrong.extend(f"{what}: {row} is there {n} times more than was answered" for row, n in (kept - told).items())

    told = Counter((e.answer["id"], e.driver, e.cents) for e in entries if e.kind == "pay")
    same("payment", told, Counter((p.pk, p.driver_id, int(p.amount * 100)) for p in InterimPayment.objects.all()))
    told = Counter((e.answer["id"], e.driver, e.cents) for e in entries if e.kind == "out")
    same("payout", told, Counter((p.pk, p.driver_id, int(p.amount * 100)) for p in Payout.objects.all()))
    told_ = Counter((e.driver, e.cents, f"MISC-{e.key}") for e in entries if e.kind == "charge")
    charges = LedgerPosting.objects.filter(kind="OBLIGATION", reference_id__startswith="MISC-soak")
    same("charge", told_, Counter((p.driver_id, int(p.amount * 100), p.reference_id) for p in charges))
    told = Counter(e.answer["_path"].split("/")[4] for e in entries if e.kind == "void")
    voids = LedgerPosting.objects.filter(kind="VOID", reverses__kind="PAYMENT").values_list("payment_id", flat=True)
    same("void", told, Counter(map(str, voids)))
    return wrong + _compare_positions(entries)


def _compare_positions(entries: list[Entry]) -> list[str]:
    from ledger.models import LedgerBalance

    worth: dict[int, int] = defaultdict(int)
    for entry in entries:
        worth[entry.driver] += entry.cents * {"pay": -1, "charge": 1, "out": 1, "void": 1}[entry.kind]
    kept: dict[int, int] = defaultdict(int)
    for driver, side, remaining in LedgerBalance.objects.values_list("driver_id", "entry_type", "remaining"):
        kept[driver] += int(remaining * 100) * (1 if side == "DEBIT" else -1)
    return [
        f"driver {driver} owes {kept[driver]} cents less what is held, and by the logs {worth[driver]}"
        for driver in sorted({*worth, *kept})
        if worth[driver] != kept[driver]
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.soak", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    print(f"Seed {seed}.", flush=True)
    with database_of_its_own():
        wrong, clients = soak(seed=seed, minutes=asked.minutes, count=asked.clients)
    _tell(clients, asked.minutes)
    for sentence in wrong[:40]:
        print(f"FOUND: {sentence}")
    print("Nothing lost, nothing doubled, all audits clean." if not wrong else f"{len(wrong)} findings, seed {seed}.")
    return 1 if wrong else 0


def soak(*, seed: int, minutes: float, count: int) -> tuple[list[str], list[Client]]:
    """Have the clients at it, and compare. Returns what was found, and the clients with their logs."""
    from tests.asgi_server import served as serve

    with serve() as port:
        served = Site(Path(), port=port)
        found_fleet(served, 0)
        clients = [Client(n, served, random.Random(f"{seed}-{n}")) for n in range(count)]
        ends_at = time.monotonic() + minutes * 60
        threads = [threading.Thread(target=client.run, args=[ends_at]) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wrong = [f"client {client.number}: {client.failure!r}" for client in clients if client.failure]
    return wrong + compare(clients) + list_findings(), clients


def _tell(clients: list[Client], minutes: float) -> None:
    answers: Counter[str] = sum((client.statuses for client in clients), Counter())
    for name, count in sorted(answers.items()):
        print(f"{name:40}{count:8}")
    kinds = Counter(entry.kind for client in clients for entry in client.log)
    print(
        f"{sum(kinds.values())} acts answered ({dict(kinds)}), {sum(c.replays for c in clients)} sent again, ", end=""
    )
    print(f"{len(clients)} clients, {minutes:g} minutes.")


if __name__ == "__main__":
    sys.exit(main())
