"""Batches of the journal: nothing twice, nothing passed over, and always the same bytes."""

import csv
import io
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.groups import AUDITOR, CASHIER, OFFICE
from ledger import services as ledger
from ledger.admin.pages import journal as journal_pages
from ledger.exports import FORMATS, SPLIT_WEEKS
from ledger.models import ChartAccount, JournalBatch
from ledger.selectors import iter_batch, iter_journal, list_chart_rows
from tests.factories import DriverFactory, UserFactory
from tests.guards import copy_of, refusal_of, refusals_of_changes
from tests.ledger.journal import read_in_both
from tests.ledger.proofs import WEDNESDAY, charge
from tests.refusals import refused
from tests.threads import run_together

#: What makes a copy of a batch the span after it.
NEXT = {"after_posting_id": "last_posting_id", "after_transfer_id": "last_transfer_id"}
HOSTILE = 'Tire; "blown" | =1+1: \\ and – 輪'


def bytes_of(batch: JournalBatch, form: str) -> bytes:
    return b"".join(FORMATS[form].encode(iter_batch(batch), batch.chart, str(batch)))


@pytest.mark.django_db
class TestTakeJournalBatch:
    def test_takes_what_no_batch_took_whatever_its_day(self) -> None:
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "10.00")
        first = ledger.take_journal_batch(actor=None)
        charge(driver, "MISC-2", "20.00", effective_on=date(2026, 11, 9), due_on=date(2026, 11, 9))
        second = ledger.take_journal_batch(actor=None)

        assert [entry.reference_id for entry in iter_batch(first)] == ["MISC-1"]
        assert [entry.reference_id for entry in iter_batch(second)] == ["MISC-2"]
        assert (first.number, first.entries, first.total) == (1, 1, Decimal("10.00"))
        assert (second.number, second.from_on, second.to_on) == (2, date(2026, 11, 9), date(2026, 11, 9))

    def test_takes_transfers_too(self) -> None:
        ledger.record_transfer(
            kind="FLOAT", debit="1010", credit="1030", amount=Decimal("200.00"), reference_id="DRAWER-1",
            effective_on=WEDNESDAY, reason="", actor=None,
        )  # fmt: skip
        batch = ledger.take_journal_batch(actor=None)
        assert [(e.source, e.debit, e.credit, e.amount) for e in iter_batch(batch)] == [
            ("TRANSFER", "1010", "1030", Decimal("200.00"))
        ]

    def test_counts_and_sums_what_its_file_has_interest_too(self) -> None:
        """250.00 of a loan and 3.95 of interest: the charge of 253.95, and 3.95 as an entry of its own."""
        loan = charge(DriverFactory.create(), "LOAN-1-1", "253.95", income=Decimal("3.95"))
        assert loan.income == Decimal("3.95")
        batch = ledger.take_journal_batch(actor=None)
        amounts = [entry.amount for entry in iter_batch(batch)]
        assert amounts == [Decimal("253.95"), Decimal("3.95")]
        assert (batch.entries, batch.total) == (2, Decimal("257.90"))

    def test_refuses_an_empty_one(self) -> None:
        with refused(ledger.JournalEmpty):
            ledger.take_journal_batch(actor=None)

    @pytest.mark.parametrize("form", list(FORMATS))
    def test_is_the_same_whatever_is_renamed_later(self, form: str) -> None:
        driver = DriverFactory.create(first_name="Nadia")
        charge(driver, "MISC-1", "10.00")
        batch = ledger.take_journal_batch(actor=None)
        before = bytes_of(batch, form)
        assert b"Nadia" in before

        driver.first_name = "Maria"
        driver.save()
        ChartAccount.objects.filter(code="4030").update(outside_code="Other")
        charge(driver, "MISC-2", "20.00")
        assert bytes_of(JournalBatch.objects.get(), form) == before


@pytest.mark.django_db
class TestFormats:
    def test_hostile_words_leave_the_figures_alone(self, tmp_path: Path) -> None:
        driver = DriverFactory.create(last_name='O\'Neil: =2; "x"')
        charge(driver, "MISC-1", "10.00", description=HOSTILE)
        expected = {f"1100:{driver.pk}:MISC": Decimal("10.00"), "4030": Decimal("-10.00")}
        assert read_in_both(iter_journal(), tmp_path) == expected

    def test_csv_has_a_row_for_each_side(self) -> None:
        driver = DriverFactory.create(first_name="Nadia", last_name="Castillo")
        posted = charge(driver, "MISC-1", "10.00", description="=1+1")
        text = b"".join(FORMATS["csv"].encode(iter_journal(), list_chart_rows())).decode("utf-8-sig")
        whose = f"{driver.pk} Nadia Castillo"
        assert list(csv.reader(io.StringIO(text)))[1:] == [
            [f"P{posted.pk}", "2026-11-18", "1100", "Drivers' receivable", whose, "'=1+1", "MISC-1", "10.00", "", ""],
            [f"P{posted.pk}", "2026-11-18", "4030", "Miscellaneous income", whose, "'=1+1", "MISC-1", "", "10.00", ""],
        ]

    def test_iif_has_balanced_entries(self) -> None:
        charge(DriverFactory.create(), "MISC-1", "10.00", description="Lost\tkey")
        text = b"".join(FORMATS["iif"].encode(iter_journal(), list_chart_rows())).decode("cp1252")
        rows = [row.split("\t") for row in text.splitlines()]
        assert [row[0] for row in rows] == ["!TRNS", "!SPL", "!ENDTRNS", "TRNS", "SPL", "ENDTRNS"]
        assert rows[3][2:4] == ["11/18/2026", "1100 Drivers' receivable"]
        assert (rows[3][5], rows[4][5]) == ("10.00", "-10.00")
        assert rows[3][7] == "Lost key [MISC-1]"


@pytest.mark.django_db(transaction=True)
def test_a_posting_going_on_is_waited_for() -> None:
    """An id drawn before the batch and committed after it would be passed over for ever."""
    driver, other = DriverFactory.create(), DriverFactory.create()
    charge(driver, "MISC-0", "5.00")

    def post_slowly() -> None:
        with transaction.atomic():
            charge(driver, "MISC-1", "10.00")
            charged.set()
            taken.wait(1.0)

    def take() -> JournalBatch:
        charged.wait(10.0)
        charge(other, "MISC-2", "20.00")
        batch = ledger.take_journal_batch(actor=None)
        taken.set()
        return batch

    charged, taken = threading.Event(), threading.Event()
    _, batch = run_together(post_slowly, take)
    assert [entry.reference_id for entry in iter_batch(batch)] == ["MISC-0", "MISC-1", "MISC-2"]


@pytest.mark.django_db
class TestGuards:
    def take(self) -> None:
        charge(DriverFactory.create(), "MISC-1", "10.00")
        ledger.take_journal_batch(actor=None)

    @pytest.mark.parametrize(
        ("table", "column"), [("ledger_journal_batches", "total"), ("ledger_journal_batch_drivers", "name")]
    )
    def test_a_batch_is_never_changed(self, table: str, column: str) -> None:
        self.take()
        # A TRUNCATE of batches takes their drivers along, which refuse it themselves.
        assert refusals_of_changes(table, column) <= {
            f"{table}_append_only",
            "ledger_journal_batch_drivers_append_only",
        }

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"number": "3", "after_posting_id": "last_posting_id"}, "ledger_journal_batches_follow"),
            ({"number": "2"}, "ledger_journal_batches_follow"),
            ({"number": "2", "after_posting_id": "last_posting_id - 1"}, "ledger_journal_batches_follow"),
            (
                {"number": "2", **NEXT, "last_posting_id": "last_posting_id - 1"},
                "ledger_journal_batches_span_forward",
            ),
            (
                {"number": "2", **NEXT, "entries": "0"},
                "ledger_journal_batches_span_forward",
            ),
        ],
    )
    def test_a_batch_begins_where_the_last_one_ended(self, changes: dict[str, str], rule: str) -> None:
        self.take()
        assert refusal_of(copy_of("ledger_journal_batches", **changes)) == rule

    def test_a_driver_has_one_name_in_a_batch(self) -> None:
        self.take()
        sql = copy_of("ledger_journal_batch_drivers", name="'Somebody else'")
        assert refusal_of(sql) == "ledger_journal_batch_drivers_once"


@pytest.mark.django_db
class TestCommand:
    def test_writes_a_batch_and_writes_it_again(self, tmp_path: Path) -> None:
        charge(DriverFactory.create(), "MISC-1", "10.00")
        first, again = tmp_path / "first", tmp_path / "again"
        call_command("export_journal", "--format=hledger", f"--output={first}")
        call_command("export_journal", "--format=hledger", "--batch=1", f"--output={again}")
        assert first.read_bytes() == again.read_bytes() != b""
        assert JournalBatch.objects.count() == 1

    def test_a_view_takes_nothing(self, tmp_path: Path) -> None:
        charge(DriverFactory.create(), "MISC-1", "10.00")
        out = tmp_path / "view"
        call_command("export_journal", "--format=csv", "--from=2026-11-01", "--to=2026-11-30", f"--output={out}")
        assert b"MISC-1" in out.read_bytes()
        call_command("export_journal", "--format=csv", "--from=2026-12-01", "--to=2026-12-31", f"--output={out}")
        assert b"MISC-1" not in out.read_bytes()
        assert not JournalBatch.objects.exists()

    @pytest.mark.parametrize(
        "given", [["--batch=7"], ["--from=2026-11-01"], ["--from=2026-11-02", "--to=2026-11-01"], []]
    )
    def test_refuses_in_a_sentence(self, given: list[str]) -> None:
        with pytest.raises(CommandError, match=r"\.$"):
            call_command("export_journal", "--format=csv", *given)


@pytest.mark.django_db
class TestPages:
    def test_the_office_takes_a_batch_and_gets_its_files(self, client: Client) -> None:
        charge(DriverFactory.create(), "MISC-1", "10.00")
        client.force_login(UserFactory.create(groups=[OFFICE]))
        answer = client.post(reverse("admin:ledger_journal_take"), {"_confirm": "1"}, follow=True)
        assert "Journal batch 000001 is taken: 1 entries." in answer.content.decode()
        for form in FORMATS:
            file = client.get(reverse("admin:ledger_journal_file", args=[1, form]))
            assert file.content == bytes_of(JournalBatch.objects.get(), form)
        again = client.post(reverse("admin:ledger_journal_take"), {"_confirm": "1"})
        assert "Nothing was posted since the last batch." in again.content.decode()

    def test_more_than_a_page_answers_with_is_said_with_whom_to_ask(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(journal_pages, "MOST_ENTRIES", 0)
        charge(DriverFactory.create(), "MISC-1", "10.00")
        ledger.take_journal_batch(actor=None)
        client.force_login(UserFactory.create(groups=[OFFICE]))
        whom = "ask whoever runs the server"
        answer = client.get(reverse("admin:ledger_journal_file", args=[1, "csv"]), follow=True)
        assert answer.redirect_chain[-1][0] == reverse("admin:ledger_journalbatch_change", args=[1])
        assert whom in answer.content.decode()
        days = {"from_on": "2026-11-01", "to_on": "2026-11-30", "file_format": "csv", "_confirm": "1"}
        assert whom in client.post(reverse("admin:ledger_journal_view"), days).content.decode()

    def test_a_view_is_a_file_or_says_what_is_wrong(self, client: Client) -> None:
        charge(DriverFactory.create(), "MISC-1", "10.00")
        client.force_login(UserFactory.create(groups=[AUDITOR]))
        days = {"from_on": "2026-11-01", "to_on": "2026-11-30", "file_format": "csv", "_confirm": "1"}
        answer = client.post(reverse("admin:ledger_journal_view"), days)
        assert answer["Content-Disposition"] == 'attachment; filename="journal-2026-11-01-2026-11-30.csv"'
        backwards = client.post(reverse("admin:ledger_journal_view"), {**days, "to_on": "2026-10-01"})
        assert "The last day is before the first." in backwards.content.decode()
        assert client.get(reverse("admin:ledger_journal_take")).status_code == 403

    @pytest.mark.parametrize("page", ["take", "view"])
    def test_says_that_a_split_week_is_accrued_outside(self, client: Client, page: str) -> None:
        client.force_login(UserFactory.create(groups=[OFFICE]))
        said = " ".join(client.get(reverse(f"admin:ledger_journal_{page}")).content.decode().split())
        assert SPLIT_WEEKS in said

    def test_a_cashier_sees_none_of_it(self, client: Client) -> None:
        client.force_login(UserFactory.create(groups=[CASHIER]))
        assert client.get(reverse("admin:ledger_journalbatch_changelist")).status_code == 403
        assert client.get(reverse("admin:ledger_journal_view")).status_code == 403
