"""The product at work on a schema that was changed for a trial: `python -m bench.scaling.smoke WHAT`, as its role.

``work``: charge, pay, void (and once more, which is refused), apply, and close the week. ``void ID``: void one posting,
and print what is answered. ``measure``: rows a second by arrays and one by one, as JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from decimal import Decimal

from bench import closing  # its import readies Django

# isort: split
from django.contrib.auth.models import User

from core.errors import DomainError
from dtr import services as dtr
from dtr.services import closes
from leases.models import Driver
from ledger import services as ledger
from ledger.categories import Category
from ledger.models import LedgerPosting

_ROWS, _SINGLES = 4_000, 100
TODAY = closing.TODAY


def work() -> None:
    """One of everything that posts, and a close."""
    actor, driver = User.objects.get(username="bench-office"), Driver.objects.earliest("pk")
    charged = _charge(driver.pk, "TOLL-SMOKE-1", actor)
    payment = ledger.apply_interim_payment(
        payment_amount=Decimal("30.00"), allocations={}, driver_id=driver.pk, payment_method="CASH",
        idempotency_key="smoke-1", effective_on=TODAY, actor=actor,
    )  # fmt: skip
    assert LedgerPosting.objects.filter(payment_id=getattr(payment, "pk", None)).exists() or payment is not None
    ledger.void_posting(posting_id=charged, reason="Smoke", actor=actor, effective_on=TODAY, cascade=True)
    try:
        ledger.void_posting(posting_id=charged, reason="Smoke", actor=actor, effective_on=TODAY)
        sys.exit("✗ voided twice")
    except ledger.AlreadyVoided as refusal:
        print(f"    voided once more: {refusal.code}")
    closes.check_ready = lambda week, today: None
    dtr.close_week(week=closing.WEEK, today=TODAY)
    print(f"    charged, paid, voided, closed; {LedgerPosting.objects.count()} postings are seen")


def void(posting: str) -> None:
    """Void a posting, and print what is answered."""
    actor = User.objects.get(username="bench-office")
    try:
        ledger.void_posting(posting_id=int(posting), reason="Smoke", actor=actor, effective_on=TODAY)
        print("voided")
    except DomainError as refusal:
        print(f"{type(refusal).__name__}: {refusal}")


def measure() -> None:
    """Post by arrays, and one by one, three times each; print rows a second at best."""
    actor = User.objects.get(username="bench-office")
    drivers = list(Driver.objects.order_by("pk").values_list("pk", flat=True)[:500])
    mark = LedgerPosting.objects.count()
    best = {"array": 0.0, "single": 0.0}
    for turn in range(3):
        openings = [
            ledger.Opening(
                category=Category.EZPASS, amount=Decimal("5.00"), reference_id=f"TOLL-A-{mark}-{turn}-{n}",
                driver_id=drivers[n % len(drivers)], due_on=TODAY, effective_on=TODAY,
            )
            for n in range(_ROWS)
        ]  # fmt: skip
        start = time.perf_counter()
        ledger.create_obligations(openings, actor=actor)
        best["array"] = max(best["array"], _ROWS / (time.perf_counter() - start))
        start = time.perf_counter()
        for n in range(_SINGLES):
            _charge(drivers[n % len(drivers)], f"TOLL-S-{mark}-{turn}-{n}", actor)
        best["single"] = max(best["single"], _SINGLES / (time.perf_counter() - start))
    print(json.dumps(best))


def _charge(driver_id: int, reference: str, actor: User) -> int:
    charged = ledger.create_obligation(
        category=Category.EZPASS, amount=Decimal("5.00"), reference_id=reference, driver_id=driver_id, due_on=TODAY,
        effective_on=TODAY, actor=actor,
    )  # fmt: skip
    return int(charged.pk)


COMMANDS: dict[str, Callable[..., None]] = {"work": work, "void": void, "measure": measure}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
