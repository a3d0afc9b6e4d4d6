"""All audits are silent on a sound ledger; running them shows one moment, writes nothing, and keeps what they find."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import audits
from core.audits import Audit, audit, examine, list_audits
from core.models import AuditResult, AuditRun
from core.services.audits import SAMPLE, run_audits
from ledger.models import LedgerPosting
from tests.books import asks_a_module, assert_books_clean
from tests.factories import DriverFactory
from tests.ledger import (
    test_audits_of_books,
    test_audits_of_documents,
    test_audits_of_postings,
    test_audits_of_waterfall,
    test_late_applications,
)
from tests.ledger.hostile import SATURDAY, Week, guards_off, run_sql, tamper

TESTED_IN = (
    test_audits_of_books,
    test_audits_of_documents,
    test_audits_of_postings,
    test_audits_of_waterfall,
    test_late_applications,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rooms_above_are_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The week's charges bear the names of tickets and repairs that nobody has entered."""
    kept = {found.name: found for found in list_audits() if not asks_a_module(found)}
    monkeypatch.setattr(audits, "_audits", kept)


@pytest.fixture
def week() -> Week:
    return Week()


class TestAllAudits:
    def test_find_nothing_in_a_week_with_every_kind(self, week):
        assert set(LedgerPosting.objects.values_list("kind", flat=True)) == {
            "OBLIGATION", "PAYMENT", "DEPOSIT", "EARNINGS", "CREDIT_MEMO", "ALLOCATION", "APPLICATION", "PAYOUT",
            "WRITE_OFF", "VOID",
        }  # fmt: skip
        assert_books_clean()

    def test_find_nothing_in_an_empty_ledger(self):
        assert_books_clean()

    def test_who_was_silent_before_is_heard(self, week):
        """Of an audit that found nothing the questions alone are asked the next time; it speaks as before."""
        assert_books_clean()
        assert_books_clean()
        tamper("ledger_balances", "DELETE FROM ledger_balances WHERE posting_id = %s", week.taxes.pk)
        with pytest.raises(AssertionError, match=r"ledger\.projection: .* opened a balance, and there is none"):
            assert_books_clean()

    def test_each_have_a_test(self):
        """A new audit without a test that makes it speak proves nothing."""
        cases = [case for module in TESTED_IN for case in vars(module).values()]
        tested = {name for case in cases if (name := getattr(case, "audit_name", None))}
        # A guard's audit may be tested beside its guard.
        for file in Path(__file__).parent.glob("test_*.py"):
            tested |= set(re.findall(r'findings_of\("(ledger\.\w+)"\)', file.read_text()))
        assert {found.name for found in list_audits() if found.name.startswith("ledger.")} == tested


class TestExamine:
    def test_takes_an_audit_that_fails_for_a_finding_and_goes_on(self):
        def fail() -> list[str]:
            run_sql("SELECT 1 / 0")
            return []

        broken, sound = examine([Audit("test.broken", "…", fail), Audit("test.sound", "…", list)])
        (finding,) = broken.findings
        assert finding.startswith("The audit itself failed: DataError: division by zero")
        assert list(sound.findings) == []

    def test_refuses_a_second_audit_of_one_name(self):
        list_audits()
        with pytest.raises(ValueError, match="There is an audit named ledger"):
            audit("ledger.projection", "…")(list)

    @pytest.mark.django_db(transaction=True)
    def test_shows_every_audit_the_same_moment(self):
        """The first audit lets somebody else post; the second must not see it, and after them it is there."""
        driver = DriverFactory.create()

        def post_in_another_session() -> list[str]:
            other = connection.copy()
            try:
                with other.cursor() as cursor:
                    cursor.execute(
                        """
                        INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id,
                            effective_on, reason) VALUES ('EARNINGS', 'CREDIT', 'EARNINGS', 5, 'CURB-1', %s, %s, '')
                        """,
                        [driver.pk, SATURDAY],
                    )
            finally:
                other.close()
            return []

        def count() -> list[str]:
            return [f"{LedgerPosting.objects.count()} postings"]

        counted, _, counted_again = examine(
            [Audit("a", "", count), Audit("b", "", post_in_another_session), Audit("c", "", count)]
        )
        assert list(counted.findings) == list(counted_again.findings) == ["0 postings"]
        assert LedgerPosting.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_lets_no_audit_write(self):
        def write() -> list[str]:
            AuditRun.objects.create()
            return []

        (examined,) = examine([Audit("test.writes", "…", write)])
        (finding,) = examined.findings
        assert "read-only transaction" in finding
        assert AuditRun.objects.count() == 0


class TestRunAudits:
    def test_keeps_what_each_audit_found(self, week):
        tamper(
            "ledger_balances",
            "UPDATE ledger_balances SET status = 'VOIDED' WHERE posting_id = %s",
            week.taxes.pk,
        )
        run = run_audits()

        assert run.findings == 1
        assert run.finished_at is not None
        assert run.finished_at >= run.started_at
        assert AuditResult.objects.filter(run=run).count() == len(list_audits())
        found = AuditResult.objects.get(run=run, findings__gt=0)
        assert (found.name, found.findings) == ("ledger.projection", 1)
        assert found.sample == [f"Balance {week.taxes.pk} (TAXES-1): status is VOIDED and should be SETTLED."]

    def test_keeps_the_first_findings_and_counts_all(self, week):
        for number in range(SAMPLE + 5):
            week.charge("MISC", "1.00", f"MISC-{number}")
        with guards_off("ledger_balances"):
            run_sql("UPDATE ledger_balances SET effective_on = '2020-01-01' WHERE reference_id LIKE 'MISC-%'")
        run = run_audits()
        found = run.results.get(name="ledger.projection")
        assert (found.findings, len(found.sample)) == (SAMPLE + 5, SAMPLE)

    @pytest.mark.django_db(transaction=True)
    def test_runs_on_a_snapshot_of_its_own(self, week):
        assert run_audits().findings == 0


class TestAuditLedgerCommand:
    def test_prints_every_audit_and_succeeds(self, week):
        out = StringIO()
        call_command("audit_ledger", stdout=out, no_color=True)
        lines = out.getvalue().splitlines()
        assert len(lines) == len(list_audits()) + 1
        assert all(line.startswith("✓ ") for line in lines[:-1])
        assert lines[-1] == "No findings."
        assert AuditRun.objects.count() == 1

    def test_without_a_record_it_says_the_same_and_writes_nothing(self, week):
        recorded, out = StringIO(), StringIO()
        call_command("audit_ledger", stdout=recorded, no_color=True)
        with CaptureQueriesContext(connection) as captured:
            call_command("audit_ledger", no_record=True, stdout=out, no_color=True)
        assert out.getvalue() == recorded.getvalue()
        assert AuditRun.objects.count() == 1
        assert [query["sql"] for query in captured if re.match(r"\s*(?:INSERT|UPDATE|DELETE)", query["sql"])] == []

    def test_prints_the_finding_and_exits_with_1(self, week):
        tamper("ledger_payouts", "UPDATE ledger_payouts SET amount = 90.00 WHERE id = %s", week.payout.pk)
        out = StringIO()
        with pytest.raises(SystemExit) as stopped:
            call_command("audit_ledger", stdout=out, no_color=True)
        assert stopped.value.code == 1
        printed = out.getvalue()
        assert "✗ ledger.payouts: Each payout's postings sum to what it says, and are its driver's; " in printed
        assert (
            "\n    Payout 2 of 90.00 has postings of 100.00, 0 of them another driver's, 0 of another lease.\n"
            in printed
        )
        assert printed.endswith("Findings: 1.\n")
        assert AuditRun.objects.get().findings == 1
