"""``python -m tests.torture.crashes``: SIGKILL in the middle of payments and of a week's close, round after round.

Of web server, worker, beat, Redis or PostgreSQL. After each round whoever was killed is started again: what was
answered before is there, what was not is asked again and done once, the close finishes, the audits find nothing.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.torture.site import NoAnswer, Site, list_findings, site

VICTIMS = ("web", "worker", "beat", "redis", "postgres")
PAYERS = 4
#: A close whose worker was killed is gone on with by the next look of beat; nobody waits for that here.
CLOSE_PATIENCE = 4
WIDE = 40


@dataclass
class Log:
    """What was asked, by key: driver and cents; and which receipt was answered."""

    asked: dict[str, tuple[int, int]] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)


def pay(served: Site, log: Log, key: str) -> None:
    """Ask once. Whatever is no answer leaves the key unanswered."""
    driver, cents = log.asked[key]
    body = {
        "driver_id": driver,
        "payment_amount": str(Decimal(cents).scaleb(-2)),
        "payment_method": "CASH",
        "allocations": {},
    }
    with suppress(NoAnswer):
        status, answer = served.ask("POST", "/api/ledger/interim-payment", body, key=key, timeout=20)
        if status == 201:
            log.answered[key] = int(answer["id"])


def pay_on(served: Site, log: Log, name: str, chance: random.Random, until: threading.Event) -> None:
    """Take one payment after the other, until told to stop, or until one is not answered."""
    number = 0
    while not until.is_set():
        number += 1
        key = f"{name}-{number}"
        log.asked[key] = (chance.choice(served.drivers), chance.randint(100, 9_999))
        pay(served, log, key)
        if key not in log.answered:
            return


def kill(served: Site, victim: str) -> None:
    """SIGKILL, without a word, with all that belongs to it."""
    if victim in served.running:
        os.killpg(served.running[victim].pid, signal.SIGKILL)
        served.running[victim].wait()
        return
    for process in served.servers("redis-server" if victim == "redis" else "postgres"):
        with suppress(Exception):
            process.kill()


def restart(served: Site, victim: str) -> None:
    served.hold_servers()
    if victim in served.running:
        served.start(victim)
    for name, process in list(served.running.items()):
        if process.poll() is not None:  # whoever did not outlive the loss of its server is started again, as by systemd
            served.start(name)
    served.wait_until_healthy()


def settle(served: Site, log: Log) -> None:
    """Ask again for what was not answered, until it is."""
    for key in [key for key in log.asked if key not in log.answered]:
        deadline = time.monotonic() + 60
        while key not in log.answered:
            assert time.monotonic() < deadline, f"{key} is not answered"
            pay(served, log, key)
            time.sleep(0 if key in log.answered else 0.2)


def finish_close(week: Any) -> str:
    """Wait a moment for the worker to finish; then do what is left, as beat's next look has it done."""
    from django.utils import timezone

    from dtr import services as dtr
    from dtr.models import WeekClose

    deadline = time.monotonic() + CLOSE_PATIENCE
    while time.monotonic() < deadline:
        if WeekClose.objects.filter(week_end=week.end, state="CLOSED").exists():
            return "by the worker"
        time.sleep(0.1)
    for _ in range(100):
        try:
            dtr.close_week(week=week, today=timezone.localdate())
            return "resumed"
        except dtr.WeekAlreadyClosed:
            return "by the worker"
        except Exception as refusal:  # the worker is at it
            if getattr(refusal, "http_status", 500) != 409:
                raise
            time.sleep(0.3)
    raise AssertionError(f"The close of the week ending {week.end} does not finish")


def compare(log: Log) -> list[str]:
    """Every answered receipt is there once, and nothing besides."""
    from ledger.models import InterimPayment

    kept = Counter((p.pk, p.driver_id, int(p.amount * 100)) for p in InterimPayment.objects.all())
    told = Counter((log.answered[key], *log.asked[key]) for key in log.answered)
    wrong = [f"payment {row} was answered and is not there" for row in told - kept]
    return wrong + [f"payment {row} is there and nobody was told" for row in kept - told]


def tell_trips(served: Site, week: Any, number: int) -> None:
    from curb import services as curb
    from tests.curb import trip, trip_file
    from tests.torture.fleet import license_of, medallion_of

    day = week.start + timedelta(days=2)
    records = [
        trip(
            ID=f"{number}-{n}",
            PERIOD=f"{day:%Y%m}",
            CABNUMBER=medallion_of(n),
            DRIVER=license_of(n),
            START_DATE=f"{day:%m/%d/%Y} 10:00:00",
            END_DATE=f"{day:%m/%d/%Y} 10:20:00",
        )
        for n in range(len(served.drivers))
    ]
    curb.import_trips(file_name=f"trips-{number}.xml", content=trip_file(records))


def do_round(served: Site, log: Log, chance: random.Random, number: int, week: Any) -> str:
    """One kill, and what it left. Returns how it went, in words."""
    victim = VICTIMS[number % len(VICTIMS)]
    tell_trips(served, week, number)
    until = threading.Event()
    payers = [
        threading.Thread(target=pay_on, args=[served, log, f"r{number}-{n}", random.Random(chance.random()), until])
        for n in range(PAYERS)
    ]
    for payer in payers:
        payer.start()
    time.sleep(chance.uniform(0.1, 0.5))
    with suppress(NoAnswer):
        served.ask("POST", f"/api/weeks/{week.end}", {}, key=f"close-{number}", timeout=20)
    time.sleep(chance.uniform(0.0, 0.6))
    kill(served, victim)
    time.sleep(chance.uniform(0.0, 0.3))
    until.set()
    for payer in payers:
        payer.join()
    lost = sum(key not in log.answered for key in log.asked)
    restart(served, victim)
    settle(served, log)
    how = finish_close(week)
    wrong = compare(log) + list_findings()
    assert not wrong, "\n".join(wrong[:20])
    return f"round {number + 1:3}: {victim:9} killed, {len(log.asked):5} payments, {lost:2} unanswered, close {how}"


def run_rounds(rounds: int, seed: int) -> int:
    chance, log = random.Random(seed), Log()
    with site("web", "worker", "beat", weeks=rounds + 1) as served:
        from django.utils import timezone

        from core.weeks import week_of

        week = week_of(timezone.localdate() - timedelta(weeks=rounds + 1))
        for number in range(rounds):
            try:
                print(do_round(served, log, chance, number, week), flush=True)
            except AssertionError as finding:
                print(f"FOUND in round {number + 1} of seed {seed}: {finding}")
                return 1
            week = week.next
    print(f"{rounds} rounds, {len(log.answered)} payments: each there once, every close finished, all audits clean.")
    return 0


def fill_disk() -> int:
    """On a file system of a size: a batch that the disk has no room for leaves nothing, and works when it has."""
    with tempfile.TemporaryDirectory(prefix="torture-disk-") as made:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=420m,mode=0755", "tmpfs", made], check=False)
        if mounted.returncode:
            print("The full disk was not tried: only root, where it may mount, can make a small one.")
            return 0
        try:
            with site("web", folder=Path(made)) as served:
                return _fill(served, Path(made))
        finally:
            time.sleep(1)
            subprocess.run(["umount", "--lazy", made], check=False)


def _fill(served: Site, folder: Path) -> int:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.utils import timezone

    from ledger import services as ledger
    from ledger.models import LedgerPosting

    today, actor = timezone.localdate(), User.objects.get(username="torture")
    facts: dict[str, Any] = {"category": "MISC", "amount": Decimal("1.00"), "effective_on": today}
    rows = [
        ledger.Opening(reference_id=f"CHARGE-FULL{n}", driver_id=served.drivers[n % len(served.drivers)], **facts)
        for n in range(WIDE * 1000)
    ]
    log = Log(asked={"before": (served.drivers[0], 500)})
    pay(served, log, "before")
    ballast = folder / "ballast"
    with ballast.open("wb") as file, suppress(OSError):
        while shutil.disk_usage(folder).free > 3_000_000:
            file.write(b"\0" * 500_000)
            file.flush()
    try:
        ledger.create_obligations(rows, actor=actor)
        print("FOUND: the disk was full, and the batch was done.")
        return 1
    except Exception as refusal:  # whatever says that there is no room
        print(f"The batch of {len(rows):,} charges on a full disk: {type(refusal).__name__}: {str(refusal)[:100]}")
    ballast.unlink()
    connection.close()
    served.hold_servers()
    served.wait_until_healthy()
    assert LedgerPosting.objects.filter(reference_id__startswith="CHARGE-FULL").count() == 0
    pay(served, log, "before")
    wrong = compare(log) + list_findings()
    ledger.create_obligations(rows[:1000], actor=actor)
    wrong += list_findings()
    for sentence in wrong[:20]:
        print(f"FOUND: {sentence}")
    print("Nothing of it was kept, what was answered before is there, and with room it is done.")
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.crashes", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--full-disk", action="store_true", help="only that")
    asked = parser.parse_args()
    if asked.full_disk:
        return fill_disk()
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    print(f"Seed {seed}.", flush=True)
    failed = run_rounds(asked.rounds, seed)
    # In a process of its own: the settings know one data folder.
    return (
        failed or subprocess.run([sys.executable, "-m", "tests.torture.crashes", "--full-disk"], check=False).returncode
    )


if __name__ == "__main__":
    sys.exit(main())
