"""A run from its first act to its table; and, when something is found, how to do it again."""

import time
from contextlib import suppress

from tests.torture import acts as all_acts
from tests.torture.books import Finding
from tests.torture.database import Clock
from tests.torture.engine import Tally, Torture
from tests.torture.fleet import found

assert all_acts


def run(*, seed: int, clock: Clock, acts: int, ends_at: float, audit_every: int) -> int:
    """Act until the time, or the number of acts, is over. Returns 1 when something was found."""
    with clock.installed():
        torture = Torture(seed=seed, clock=clock, audit_every=audit_every)
        try:
            found(torture)
            with suppress(KeyboardInterrupt):  # asked to stop: what was done is told all the same
                _go_on(torture, acts=acts, ends_at=ends_at)
            torture.audit()
            sealed = torture.verify_seals()
        except Finding as finding:
            tell_finding(torture, finding)
            tell_tally(torture.tally)
            return 1
    tell_tally(torture.tally)
    print("The seals were verified." if sealed else "There is no verify_ledger here, so no seal was verified.")
    print(f"Nothing found. {torture.tally.steps} acts of seed {seed}.")
    return 0


def _go_on(torture: Torture, *, acts: int, ends_at: float) -> None:
    while time.monotonic() < ends_at and (not acts or torture.tally.steps < acts):
        torture.act_once()
        if torture.tally.steps % torture.audit_every == 0:
            print(f"{torture.tally.steps} acts, to {torture.today}", flush=True)


def tell_finding(torture: Torture, finding: Finding) -> None:
    print("\n".join(["The last acts:", *torture.last]))
    print(f"FOUND at act {torture.tally.steps} of seed {torture.seed}: {finding}")
    print(f"Again: python -m tests.torture --seed {torture.seed} --acts {torture.tally.steps}")


def tell_tally(tally: Tally) -> None:
    """By service how often it did what it was asked, and was refused; by code the refusals."""
    seconds = time.monotonic() - tally.began
    print(f"\n{'service':42}{'done':>8}{'refused':>9}")
    for name in sorted({*tally.done, *tally.refused}):
        print(f"{name:42}{tally.done[name]:8}{tally.refused[name]:9}")
    print(f"\n{'refused by code':42}{'times':>8}")
    for code, count in tally.codes.most_common():
        print(f"{code:42}{count:8}")
    rate = tally.steps / seconds if seconds else 0
    print(
        f"\n{tally.steps} acts in {seconds:.0f} s ({rate:.1f} a second), {sum(tally.refused.values())} refused, ",
        end="",
    )
    print(f"{tally.together} by three at once, {tally.audits} times all audits.")
