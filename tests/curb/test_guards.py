"""What came from CURB, and what people said of it: each guard of its tables, tried by ordinary SQL."""

from decimal import Decimal

import pytest
from django.utils import timezone

from curb import services as curb
from curb.models import CurbAnswer, Trip, UnreadRecord
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from tests.curb import trip, trip_file
from tests.curb.counting import back, receive_transaction
from tests.curb.test_count_guards import TestTheDatabase as _Counts
from tests.dtr.fleet import SATURDAY, card, close, drive, leased_driver, start
from tests.dtr.test_credit_earnings import credit
from tests.factories import UserFactory
from tests.guards import copy_of, refusal_of, refusals_of_changes, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def adams():
    return leased_driver("5000001", "9Z90")


@pytest.fixture
def counted(adams):
    (one,) = drive(card())
    close()
    settle()
    return one


class TestAnswers:
    @pytest.fixture(autouse=True)
    def answer(self):
        CurbAnswer.objects.create(day=SATURDAY, question="TRIPS", asked_at=timezone.now())

    def test_there_is_one_of_a_day_and_question(self):
        assert refusal_of(copy_of("curb_answers")) == "curb_answers_one_each"

    def test_are_to_questions_that_are_asked(self):
        assert refusal_of(copy_of("curb_answers", question="'WHY'")) == "curb_answers_question_known"


class TestCardTripsExpected:
    @pytest.fixture(autouse=True)
    def said(self):
        curb.expect_card_trips(since=SATURDAY, reason="The contract began", actor=None)

    def test_is_said_anew_and_never_changed(self):
        assert refusals_of_changes("curb_card_trips_expected", "reason") == {"curb_card_trips_expected_append_only"}

    def test_says_why(self):
        assert refusal_of(copy_of("curb_card_trips_expected", reason="''")) == "curb_card_trips_expected_says_why"

    def test_is_said_by_an_import_once(self, adams):
        sql = copy_of("curb_card_trips_expected", by_import="true") + " RETURNING 1"
        twice = f"WITH first AS ({sql}) " + copy_of("curb_card_trips_expected", by_import="true")
        assert refusal_of(twice) == "curb_card_trips_expected_one_first_import"


class TestCorrections:
    @pytest.fixture(autouse=True)
    def corrected(self, adams):
        (one,) = drive(card())
        back(one)

    def test_stay(self):
        assert refusals_of_changes("curb_trip_corrections", "reason") == {"curb_trip_corrections_append_only"}

    def test_say_why(self):
        assert refusal_of(copy_of("curb_trip_corrections", reason="''")) == "curb_trip_corrections_with_a_reason"

    def test_move_to_somebody(self):
        sql = copy_of("curb_trip_corrections", act="'MOVED'")
        assert refusal_of(sql) == "curb_trip_corrections_moved_to_somebody"


class TestCounts:
    def test_stay(self, counted):
        assert refusals_of_changes("curb_trip_counts", "sign") == {"curb_trip_counts_append_only"}

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"sign": "2"}, "curb_trip_counts_sign_known"),
            ({"sign": "0"}, "curb_trip_counts_sign_known"),
            ({"payment_type": "'GIFT'", "mta_tax": "0"}, "curb_trip_counts_payment_type_known"),
            ({"share": "'2026-03-07'"}, "curb_trip_counts_share_names"),
            ({"share": "'2026-03-07-X1'"}, "curb_trip_counts_share_names"),
        ],
    )
    def test_are_of_a_known_kind(self, counted, changes, rule):
        untaxed = dict.fromkeys(("mta_tax", "improvement", "congestion", "airport", "cbd"), "0")
        assert refusal_of(copy_of("curb_trip_counts", **{**untaxed, **changes})) == rule

    def test_a_share_is_voided_only_untouched(self, adams):
        """Fares that paid something are not voided with what they paid, in one moment, by whatever is written."""
        drive(trip(TAX="0", IMPTAX="0", CONGFEE="0"))
        start()
        credit(adams.primary_driver)
        fares = ledger_selectors.list_postings().get(balance=None)
        debt = self.charge(adams)
        use = (
            "INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, balance_id,"
            f" funding_id, effective_on, reason) SELECT 'APPLICATION', 'CREDIT', category, 1, reference_id, driver_id,"
            f" id, {fares.pk}, effective_on, '' FROM ledger_postings WHERE id = {debt}"
        )
        void_use = (
            "INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, balance_id,"
            " funding_id, reverses_id, effective_on, reason) SELECT 'VOID', 'DEBIT', category, amount, reference_id,"
            " driver_id, balance_id, funding_id, id, effective_on, 'x' FROM ledger_postings WHERE kind = 'APPLICATION'"
        )
        back_again = copy_of("curb_trip_counts", sign="-1", total="-total", is_void="true")
        statements = [use, void_use, back_again, _Counts().void_of(fares)]
        # One moment is the clock of one statement: a void of the use that bears it is of the same act.
        sql = ";".join(statements)
        assert refusal_of(sql) == "curb_trip_counts_void_untouched"

    def charge(self, lease):
        return ledger.create_obligation(
            category="MISC",
            amount=Decimal("5.00"),
            reference_id="MISC-1",
            driver_id=lease.primary_driver_id,
            effective_on=SATURDAY,
        ).pk


class TestTrips:
    def test_a_record_stands_once(self, counted):
        assert refusal_of(copy_of("curb_trips", week_end="null")) == "curb_trips_record"

    def test_come_before_a_close_counts_them(self, counted):
        assert refusal_of(copy_of("curb_trips", is_current="false")) == "curb_trips_counted_later"

    def test_count_in_a_week_whose_close_was_begun(self, adams):
        drive(card())
        sql = "UPDATE curb_trips SET week_end = '2031-03-08', awaits_count = false"
        assert refusal_of(sql) == "curb_trips_week_begun"

    def test_count_as_something_known(self, counted):
        sql = "UPDATE curb_trips SET counts_as = 'GIFT', awaits_count = true"
        assert refusal_of(sql) == "curb_trips_counts_as_known"

    @pytest.mark.parametrize(
        "change", ["counts_as = 'CASH'", "lease_id = NULL", "is_current = false", "driver_id = {other}"]
    )
    def test_a_change_of_a_counted_one_is_for_the_next_close_to_look_at(self, counted, change):
        other = leased_driver("5000002", "9Z91").primary_driver_id
        settle()
        sql = f"UPDATE curb_trips SET {change.format(other=other)}"
        assert refusal_of(f"{sql}, awaits_count = false") == "curb_trips_change_awaits_count"
        Trip.objects.filter(pk=counted.pk).update(counts_as="CASH", awaits_count=True)

    def test_a_file_amends_no_more_than_it_brings(self, counted):
        sql = "UPDATE curb_trip_files SET amended_count = imported_count + 1"
        assert refusal_of(sql) == "curb_trip_files_amended_imported"


class TestUnreadRecords:
    @pytest.fixture(autouse=True)
    def unread(self):
        curb.import_trips(file_name="a.xml", content=trip_file([trip(TRIP="a lot")]))
        settle()
        assert UnreadRecord.objects.count() == 1

    @pytest.mark.parametrize("sql", ["DELETE FROM curb_unread_records", "TRUNCATE curb_unread_records"])
    def test_are_never_lost(self, sql):
        assert refusal_of(sql) == "curb_unread_records_append_only"

    @pytest.mark.parametrize("change", ["message = 'Nothing'", "row = 99", "day = NULL", "attribute = 'TIPS'"])
    def test_stay_as_they_were_told(self, change):
        assert refusal_of(f"UPDATE curb_unread_records SET {change}") == "curb_unread_records_append_only"

    def test_are_seen_with_a_reason_and_once(self):
        (file,) = {record.file_id for record in UnreadRecord.objects.all()}
        sql = "UPDATE curb_unread_records SET seen_at = now(), seen_reason = ''"
        assert refusal_of(sql) == "curb_unread_records_seen_with_a_reason"
        curb.mark_seen(file_id=file, reason="Test rides", actor=UserFactory.create())
        assert refusal_of("UPDATE curb_unread_records SET seen_reason = 'x'") == "curb_unread_records_append_only"


class TestLicenses:
    @pytest.mark.parametrize(
        ("table", "rule"),
        [
            ("curb_trips", "curb_trips_license_is_a_key"),
            ("curb_card_transactions", "curb_card_transactions_license_is_a_key"),
        ],
    )
    def test_a_license_is_kept_without_zeros_before_it(self, table: str, rule: str) -> None:
        (one,) = drive(card())
        receive_transaction(one, "AP")
        changed = {"record_id": "'2'"} if table == "curb_trips" else {"row_id": "'2'"}
        assert refusal_of(copy_of(table, license="'05000001'", **changed)) == rule
