"""A database of each version that was in use: today's code takes it over, and nothing in it is another.

The dumps are made by `make_dump`, each by the code of its own time; a version is never taken out of here again.
"""

import hashlib
import json
import lzma
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from core.audits import examine, list_audits
from dtr.exports import print_dtrs
from dtr.models import Dtr
from ledger import services as ledger
from tests.databases import another_database, restore
from tests.owner import as_owner

HERE = Path(__file__).parent
VERSIONS = sorted(path.name.removesuffix(".sql.xz") for path in HERE.glob("*.sql.xz"))


@pytest.fixture(scope="module", params=VERSIONS)
def told(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """What was told of a version's database when it was dumped; it is restored and migrated while a test runs."""
    with django_db_blocker.unblock(), another_database(f"upgraded_{os.getpid()}"):
        restore(lzma.decompress((HERE / f"{request.param}.sql.xz").read_bytes()))
        with as_owner():
            call_command("migrate", verbosity=0)
        yield json.loads((HERE / f"{request.param}.json").read_text())


class TestUpgrade:
    def test_nothing_is_lost_and_every_promise_holds(self, told: dict[str, Any]) -> None:
        with connection.cursor() as cursor:
            for table, rows in told["rows"].items():
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                # An upgrade may add rows (grants, schedules), and takes none.
                assert (table, cursor.fetchone()[0] >= rows) == (table, True)
        assert [(found.audit.name, *found.findings) for found in examine(list_audits()) if found.findings] == []

    def test_what_was_sealed_is_as_it_was_and_the_rest_is_sealed(self, told: dict[str, Any]) -> None:
        """In this order, in one test: the seals of before are compared before there is one of today's code."""
        head, rows = told.get("head", ""), told["rows"]
        written = sum(
            rows[table] for table in ("ledger_postings", "ledger_payments", "ledger_transfers", "dtr_dtrs", "dtr_lines")
        )
        before = ledger.verify_seals(is_whole=True, head=head)
        assert (before.findings, before.sealing.digest) == ([], head)
        assert before.check.seals == rows.get("ledger_seals", 0)
        assert before.check.rows >= (written if head else 0)

        ledger.seal_rows()
        after = ledger.verify_seals(is_whole=True)
        assert after.findings == []
        assert after.sealing.waiting_rows == 0
        assert after.check.rows >= written
        assert after.sealing.number > before.sealing.number or before.sealing.waiting_rows == 0

    def test_all_versions_but_the_first_have_seals(self) -> None:
        """Or nothing above would be compared; the first is from before there were any."""
        told = [json.loads((HERE / f"{name}.json").read_text()) for name in VERSIONS]
        assert [bool(one.get("head")) for one in told] == [False, *(True for _ in told[1:])]
        assert min(one["rows"]["ledger_seals"] for one in told[1:]) > 10

    def test_a_sealed_dtr_is_printed_as_it_was(self, told: dict[str, Any]) -> None:
        """Byte by byte; the last week of each version, since setting them all takes long."""
        week, digest = max(told["dtrs"].items())
        dtrs = list(Dtr.objects.filter(week_id=week).order_by("number"))
        printed = hashlib.sha256(print_dtrs(dtrs)).hexdigest()
        assert printed == digest, f"Set by typst {told['typst']}, now by {version('typst')}: see docs/decisions.md."
