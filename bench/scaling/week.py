"""What a run does to the product's database by the product's own code: `python -m bench.scaling.week WHAT`.

``make N``: a fleet of N drivers with a week to close (as the tables' owner). ``start``: begin its close. ``resume``:
what beat does each minute. ``check N``: hold the closed week against what it must be, and run every audit.
``audit NAME …``: every audit but those.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence

from bench import closing
from core.audits import examine, list_audits
from dtr import services as dtr
from dtr import tasks
from dtr.models import CloseBatch, Dtr, WeekClose
from dtr.services import closes
from leases.models import Driver
from ledger.models import LedgerPosting

#: Of each driver: 20 trips credited as two facts a week (earnings, taxes), a rent, three tolls.
WEEK = closing.WEEK


def make(drivers: str) -> None:
    """Make the fleet."""
    closing.make_week(int(drivers))


def start() -> None:
    """Begin the close, and send the first step's task to the workers."""
    closes.check_ready = lambda week, today: None
    dtr.start_week(week=WEEK, today=closing.TODAY)
    tasks.send_batches(WEEK)


def resume() -> None:
    """Send again what has been silent for a minute."""
    tasks.resume_close_task()


def check(count: str) -> None:
    """Tell where the closed week is not what it must be; end with 1 then."""
    drivers = int(count)
    found = []
    close = WeekClose.objects.get()
    if not close.is_closed:
        found.append(f"the week is {close.state}")
    # Who only pays at the counter besides (`tills`) is no part of it.
    with_lease = Driver.objects.filter(first_name="Bench").values("pk")
    per_driver = Counter(Dtr.objects.filter(driver_id__in=with_lease).values_list("driver_id", flat=True))
    if len(per_driver) != drivers or set(per_driver.values()) != {1}:
        found.append(f"{len(per_driver)} drivers have DTRs, at most {max(per_driver.values(), default=0)} each")
    if CloseBatch.objects.filter(done_at=None).exists():
        found.append("a batch is not done")
    theirs = LedgerPosting.objects.filter(driver_id__in=with_lease).order_by()
    postings = Counter(theirs.values_list("kind", "category", "driver_id"))
    kinds = {(kind, category) for kind, category, _ in postings}
    for kind, category in sorted(kinds):
        each = Counter(count for (k, c, _), count in postings.items() if (k, c) == (kind, category))
        print(f"    {kind} {category}: {dict(each)} (postings a driver: drivers)")
        if len(each) != 1 or sum(each.values()) != drivers:
            found.append(f"{kind} {category} is not the same for every driver: {dict(each)}")
    _tell(found)
    audit()
    print(f"  ✓ {drivers} drivers, a DTR each, books closed")


def audit(*without: str) -> None:
    """Run the audits but those named, and tell what they find; end with 1 then."""
    audits = [one for one in list_audits() if one.name not in without]
    _tell([f"{one.audit.name}: {sentence}" for one in examine(audits) for sentence in list(one.findings)[:5]])
    print(f"  ✓ {len(audits)} audits find nothing")


def _tell(found: Sequence[str]) -> None:
    for sentence in found:
        print(f"  ✗ {sentence}")
    if found:
        sys.exit(1)


COMMANDS: dict[str, Callable[..., None]] = {
    "make": make,
    "start": start,
    "resume": resume,
    "check": check,
    "audit": audit,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
