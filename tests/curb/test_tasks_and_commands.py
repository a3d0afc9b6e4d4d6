"""The tasks that beat sends, and what is typed in a shell."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from curb.errors import CurbIncomplete
from curb.models import Reconciliation, Trip
from dtr import tasks
from dtr.models import WeekClose
from tests.curb import trip, trip_file
from tests.curb.conftest import PAIRS
from tests.dtr.fleet import SATURDAY, close, leased_driver

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
CSV_ROW = {
    "VendorID": "2",
    "tpep_pickup_datetime": "2019-03-04 16:11:55",
    "tpep_dropoff_datetime": "2019-03-04 16:19:00",
    "payment_type": "1",
    "fare_amount": "5.0",
    "extra": "1.0",
    "mta_tax": "0.5",
    "tip_amount": "2.0",
    "tolls_amount": "0.0",
    "improvement_surcharge": "0.3",
    "total_amount": "11.3",
    "congestion_surcharge": "2.5",
    "color": "yellow",
}


def day_of(one: Trip) -> date:
    return timezone.localdate(one.start_at)


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def sunday(monkeypatch):
    """It is the Sunday after the week that ends on 2026-03-07."""
    monkeypatch.setattr(tasks, "timezone", SimpleNamespace(localdate=lambda: date(2026, 3, 8)))


@pytest.fixture
def sent(monkeypatch):
    """The weeks whose close was sent to the workers."""
    weeks: list[str] = []
    monkeypatch.setattr(tasks.close_week_task, "delay", weeks.append)
    return weeks


class TestImportTask:
    def test_imports_the_week_and_the_two_before(self, connect, sunday, sent):
        connect()
        tasks.import_curb_earnings_task()
        days = {day_of(one) for one in Trip.objects.all()}
        assert (min(days), max(days), len(days)) == (date(2026, 2, 15), SATURDAY, 21)
        assert sent == []

    def test_then_has_the_week_closed(self, connect, sunday, sent):
        connect()
        tasks.import_curb_earnings_task(then_close=True)
        assert sent == ["2026-03-07"]

    def test_does_not_close_a_week_without_its_earnings(self, connect, sunday, sent):
        connect(garble_every=50)
        with pytest.raises(CurbIncomplete):
            tasks.import_curb_earnings_task(then_close=True)
        assert sent == []

    def test_leaves_a_week_alone_that_was_begun(self, connect, sunday, sent):
        sandbox = connect()
        close()
        tasks.import_curb_earnings_task(then_close=True)
        assert (sandbox.calls, sent, WeekClose.objects.count()) == (0, [], 1)

    def test_closes_without_credentials_what_files_brought(self, settings, sunday, sent):
        settings.CURB_URL = ""
        tasks.import_curb_earnings_task(then_close=True)
        assert sent == ["2026-03-07"]


class TestReconcileTask:
    def test_settles_closed_weeks(self, connect):
        sandbox = connect()
        for pair in PAIRS:
            leased_driver(*pair)
        call_command("import_curb", "--from", "2026-03-01", "--to", "2026-03-07")
        close()
        tasks.reconcile_curb_trips_task()
        assert len(sandbox.receipts) == Trip.objects.count() > 0

    def test_is_quiet_without_credentials(self, settings):
        settings.CURB_URL = ""
        tasks.reconcile_curb_trips_task()
        assert Reconciliation.objects.count() == 0


class TestImportCommand:
    def test_imports_days(self, connect, capsys):
        connect()
        call_command("import_curb", "--from", "2026-03-03")
        assert re.search(r"\d+ trips and \d+ card transactions imported, 0 known before", capsys.readouterr().out)
        assert {day_of(one) for one in Trip.objects.all()} == {date(2026, 3, 3)}

    def test_says_what_is_missing(self, connect, capsys):
        connect(garble_every=1)
        with pytest.raises(CommandError, match="4 of CURB's answers are missing"):
            call_command("import_curb", "--from", "2026-03-03")
        assert "CURB trips 2026-03-03: The document inside CURB's answer" in capsys.readouterr().err

    def test_says_what_is_not_set_up(self, settings):
        settings.CURB_PASSWORD = ""
        with pytest.raises(CommandError, match="CURB_PASSWORD"):
            call_command("import_curb", "--from", "2026-03-03")

    def test_imports_a_file(self, tmp_path, capsys):
        path = tmp_path / "trips.xml"
        path.write_bytes(trip_file([trip()]))
        call_command("import_curb", "--file", str(path))
        assert "1 rows: 1 imported" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "words", [[], ["--file", "a.xml", "--from", "2026-03-03"], ["--file", "a", "--to", "2026-03-03"]]
    )
    def test_takes_days_or_a_file(self, words):
        with pytest.raises(CommandError):
            call_command("import_curb", *words)


class TestSandboxCommand:
    def test_serves_a_file_until_it_is_interrupted(self, tmp_path):
        """A process of its own, as a person starts it."""
        path = tmp_path / "yellow.csv"
        write_csv(path, [CSV_ROW, {**CSV_ROW, "VendorID": "1"}, {**CSV_ROW, "color": "green"}])
        process = subprocess.Popen(
            [
                sys.executable,
                "manage.py",
                "curb_sandbox",
                "--port=0",
                f"--trips={path}",
                "--driver=5000001:9Z90",
                "--drop-every=9",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ.copy(),
        )
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[3]
            with urllib.request.urlopen(f"{url}control", timeout=5) as answer:
                assert json.load(answer)["drop_every"] == 9
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
        assert process.returncode == 0

    def test_refuses_senseless_behavior(self):
        with pytest.raises(CommandError, match="delay is a number from 0 on"):
            call_command("curb_sandbox", "--delay", "-1")

    def test_refuses_a_driver_without_a_cab(self):
        with pytest.raises(CommandError, match="'5000001' is not a license and a medallion"):
            call_command("curb_sandbox", "--driver", "5000001")

    def test_refuses_a_file_of_something_else(self, tmp_path):
        (tmp_path / "a.csv").write_text("a,b\n1,2\n")
        with pytest.raises(CommandError, match="has no column VendorID"):
            call_command("curb_sandbox", "--trips", str(tmp_path / "a.csv"))

    def test_says_when_a_port_is_taken(self, serve):
        _, account = serve()
        port = account.url.rstrip("/").rpartition(":")[2]
        with pytest.raises(CommandError, match=f"Port {port} can't be used"):
            call_command("curb_sandbox", "--port", port)
