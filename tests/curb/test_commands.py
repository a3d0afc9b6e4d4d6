"""What is typed in a shell: imports from CURB or a file, and the sandbox."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from curb import services as curb
from curb.models import Trip
from curb.sandbox import GivenTrips
from curb.selectors import list_unseen_files
from tests.curb import trip, trip_file
from tests.dtr.fleet import WEEK, card, leased_driver

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


class TestImportCommand:
    def test_the_command_imports_days(self, connect, capsys):
        connect()
        call_command("import_curb", "--from", "2026-03-03")
        assert re.search(r"\d+ trips and \d+ card transactions imported, 0 known before", capsys.readouterr().out)
        assert {day_of(one) for one in Trip.objects.all()} == {date(2026, 3, 3)}

    def test_the_command_says_what_is_missing(self, connect, capsys):
        connect(garble_every=1)
        with pytest.raises(CommandError, match="4 of CURB's answers are missing"):
            call_command("import_curb", "--from", "2026-03-03")
        assert "CURB trips 2026-03-03: The document inside CURB's answer" in capsys.readouterr().err

    def test_says_what_is_not_set_up(self, settings):
        settings.CURB_PASSWORD = ""
        with pytest.raises(CommandError, match="CURB_PASSWORD"):
            call_command("import_curb", "--from", "2026-03-03")

    def test_the_command_imports_a_file(self, tmp_path, capsys):
        path = tmp_path / "trips.xml"
        path.write_bytes(trip_file([trip()]))
        call_command("import_curb", "--file", str(path))
        assert "1 rows: 1 imported" in capsys.readouterr().out

    def test_the_command_imports_a_file_once(self, tmp_path):
        leased_driver()
        file = tmp_path / "week10.xml"
        file.write_bytes(trip_file([card(ID="1"), card(ID="2", DRIVER="9999999")]))
        out = io.StringIO()
        call_command("import_curb", "--file", str(file), stdout=out)
        call_command("import_curb", "--file", str(file), stdout=out)
        assert out.getvalue().splitlines() == [
            "2 rows: 2 imported, 0 known before, 0 with errors. 1 trips wait for a driver, cab or lease.",
            "week10.xml was imported before; nothing changed.",
        ]

    def test_the_command_imports_a_file_whose_name_is_no_text(self, tmp_path):
        file = tmp_path / "caf\udce9.xml"
        file.write_bytes(trip_file([trip()]))
        out = io.StringIO()
        call_command("import_curb", "--file", str(file), stdout=out)
        call_command("import_curb", "--file", str(file), stdout=out)
        assert out.getvalue().endswith("\ncaf\N{REPLACEMENT CHARACTER}.xml was imported before; nothing changed.\n")

    def test_the_command_lists_the_rows_with_errors(self, tmp_path):
        leased_driver()
        file = tmp_path / "week10.xml"
        file.write_bytes(trip_file([card(ID="1"), card(ID="2", T="?")]))
        errors = io.StringIO()
        with pytest.raises(CommandError, match="1 rows were not imported"):
            call_command("import_curb", "--file", str(file), stdout=io.StringIO(), stderr=errors)
        assert "Row 2, T: '?' is not a payment type" in errors.getvalue()
        assert Trip.objects.count() == 1

    def test_the_command_lists_the_rows_with_errors_of_days_too(self, connect):
        leased_driver()
        next_day = trip(ID="C", START_DATE="03/04/2026 09:00:00", T="?")
        connect(GivenTrips([trip(ID="A"), trip(ID="B", HEALTHFEE="1,2"), next_day]))
        out, errors = io.StringIO(), io.StringIO()
        with pytest.raises(CommandError, match="2 rows were not imported"):
            call_command("import_curb", "--from", "2026-03-03", "--to", "2026-03-04", stdout=out, stderr=errors)
        told = errors.getvalue().splitlines()
        assert [line.partition(":")[0] for line in told] == [
            "CURB trips 2026-03-03, row 2, HEALTHFEE", "CURB trips 2026-03-04, row 1, T",
        ]  # fmt: skip
        assert [line.rpartition(" (")[2] for line in told] == ["Mar 3, 2026)", "Mar 4, 2026)"]
        assert "1 trips and" in out.getvalue()
        assert Trip.objects.count() == 1
        unread = {file.file_name: file.records for file in list_unseen_files(WEEK)}
        assert unread == {"CURB trips 2026-03-03": 1, "CURB trips 2026-03-04": 1}

        for file in list_unseen_files(WEEK):
            curb.mark_seen(file_id=file.file_id, reason="Test rides", actor=None)
        call_command("import_curb", "--from", "2026-03-03", "--to", "2026-03-04", stdout=out, stderr=errors)

    def test_the_command_tells_what_was_amended(self, tmp_path, connect):
        out = io.StringIO()
        for name, tips, total in (("a", "3.00", "17.30"), ("b", "5.00", "19.30")):
            file = tmp_path / f"{name}.xml"
            file.write_bytes(trip_file([trip(ID="7", TIPS=tips, TOTAL_AMOUNT=total)]))
            call_command("import_curb", "--file", str(file), stdout=out)
        assert "1 rows: 1 imported, 1 amended (+2.00), 0 known before, 0 with errors." in out.getvalue()
        connect(GivenTrips([trip(ID="7", TIPS="1.00", TOTAL_AMOUNT="15.30")]))
        call_command("import_curb", "--from", "2026-03-03", stdout=out)
        assert "1 trips and 1 card transactions imported, 1 amended (-4.00), 0 known" in out.getvalue()

    def test_refuses_a_file_in_one_sentence(self, tmp_path):
        with pytest.raises(CommandError, match="No such file"):
            call_command("import_curb", "--file", str(tmp_path / "none.xml"))
        broken = tmp_path / "broken.xml"
        broken.write_bytes(b"<trips>")
        with pytest.raises(CommandError, match="not well-formed XML"):
            call_command("import_curb", "--file", str(broken))

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

    def test_the_sandbox_refuses_senseless_behavior(self):
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
