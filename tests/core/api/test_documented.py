"""docs/api.md is true: each of its examples is run, as it stands there, against a server."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.services import create_api_token
from ledger import services as ledger
from tests.asgi_server import served
from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.owner import as_owner

DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
#: What curl is told besides: say what went wrong, and fail for every refusal.
CURL = 'curl() { command curl --silent --show-error --fail-with-body "$@"; }; set -euo pipefail\n'
#: What an example is about is not there in the test: it is understood, and refused for that alone.
REFUSED = {
    "/api/imports/7/confirm": "import_not_found",
    "/api/loans/3/payoff": "loan_not_found",
    # Its rent is laid down by no service here.
    "/api/leases/12/deposit/settle": "deposit_still_held",
    "/api/leases/12/days-away": "rent_charged_elsewhere",
    "/api/repairs?dry_run": "plan_start_refused",
    "/api/trips/4711/move": "driver_not_found",
    # What is charged here stands on no module's record, and the audits say so.
    "/api/weeks/2026-03-07/progress": "week_not_started",
    '/api/weeks/2026-03-07"': "week_not_ready",
}
STATEMENT = (
    "Lane Txn ID,Tag/Plate #,Agency,Entry Plaza,Exit Plaza,Date,Time,Amount\n"
    "90000000002,8H50B,MTAB&T,,RFK,03/09/2026,10:15:00,($6.94)\n"
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("curl") is None, reason="There is no curl here."),
]


def list_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)


@pytest.fixture
def environment() -> dict[str, str]:
    """Driver 1 on lease 12 of vehicle 3, with the charges that the examples name; posting 2 is one that they void."""
    user = UserFactory.create(is_superuser=True)
    driver: Any = DriverFactory.create(pk=1)
    VehicleFactory.create(pk=1)
    days = {"start_on": date(2026, 3, 1), "end_on": date(2036, 3, 1)}
    LeaseFactory.create(pk=12, primary_driver=driver, vehicle=VehicleFactory.create(pk=3), **days)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('ledger_postings', 'id'), 1)")
    for reference_id, category, amount in (
        ("PVB-9", "PVB", "115.00"),
        ("LEASE-12-2026W10", "LEASE", "500.00"),
        ("EZPASS-90000000001", "EZPASS", "12.50"),
        ("MISC-7", "MISC", "20.00"),
    ):
        ledger.create_obligation(
            category=category,
            amount=Decimal(amount),
            reference_id=reference_id,
            driver_id=1,
            effective_on=timezone.localdate(),
        )
    token = create_api_token(user=user, name="documented", scope="ALL", now=timezone.now()).secret
    return {**os.environ, "TOKEN": token}


def test_each_example_of_curl_is_answered(environment, tmp_path):
    commands = [
        command
        for block in list_blocks("sh")
        for command in re.split(r"^(?=curl )", block, flags=re.MULTILINE)
        if command.startswith("curl ")
    ]
    (tmp_path / "statement.csv").write_text(STATEMENT)
    wrong = []
    with served() as port:
        environment["SERVER"] = f"http://127.0.0.1:{port}"
        for command in commands:
            ran = subprocess.run(
                ["bash", "-c", CURL + command],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            refused = [code for address, code in REFUSED.items() if address in command]
            told = json.loads(ran.stdout) if ran.stdout else {}
            if (told.get("code"), ran.returncode == 0) != (refused[0] if refused else None, not refused):
                wrong.append(f"{command}\n{ran.stdout}{ran.stderr}")
    assert len(commands) > 15
    assert not wrong, "\n".join(wrong)


def test_the_client_in_python_pays_and_reads(environment):
    (client,) = list_blocks("python")
    with served() as port:
        environment["SERVER"] = f"http://127.0.0.1:{port}"
        ran = subprocess.run(
            [sys.executable, "-c", client], env=environment, capture_output=True, text=True, check=False
        )

    # Of four charges one is paid, and three are left.
    assert (ran.stdout, ran.stderr) == ("PAY-000001\n3\n", "")
