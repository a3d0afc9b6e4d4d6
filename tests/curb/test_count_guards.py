"""What no service does to the counted trips, straight into the tables: each is refused by its own guard."""

import pytest
from django.db import IntegrityError, connection, transaction

from curb import services as curb
from curb.models import Trip
from curb.rules import TAX_COLUMNS
from ledger import selectors as ledger_selectors
from ledger.services.transactions import constraint_of
from tests.curb import trip, trip_file
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, card, close, drive, leased_driver, start
from tests.dtr.test_credit_earnings import credit
from tests.owner import as_owner

pytestmark = pytest.mark.django_db

THIRD_WEEK = NEXT_WEEK.next


@pytest.fixture
def adams():
    return leased_driver("5000001", "9Z90")


@pytest.fixture
def baker():
    return leased_driver("5000002", "9Z91")


class TestTheDatabase:
    """What no service does, straight into the tables."""

    COLUMNS = ", ".join(("driver_id", "vehicle_id", "lease_id", "payment_type", "is_late", "total", *TAX_COLUMNS))

    @pytest.fixture
    def counted(self, adams):
        (one,) = drive(card())
        close()
        connection.check_constraints()
        return one

    def refuse(self, sql, *parameters):
        """The name of the guard that refuses a statement."""

        def run():
            with as_owner(), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        with pytest.raises(IntegrityError) as refusal:
            run()
        return constraint_of(refusal.value)

    def copy(self, sign, *, changes="", week=NEXT_WEEK.end, is_void="false"):
        """A second row of what was counted, with some columns changed."""
        negative = "" if sign > 0 else "-"
        values = {
            "total": f"{negative}total", **{column: f"{negative}{column}" for column in TAX_COLUMNS},
            **dict(part.split(" = ") for part in changes.split("; ") if part),
        }  # fmt: skip
        columns = [values.get(name, name) for name in self.COLUMNS.split(", ")]
        return (
            f"INSERT INTO curb_trip_counts (trip_id, week_end, sign, share, is_void, {self.COLUMNS}) "
            f"SELECT trip_id, '{week}', {sign}, '{week}-L1', {is_void}, {', '.join(columns)} FROM curb_trip_counts"
        )

    def test_what_was_counted_is_never_changed_or_lost(self, counted):
        for sql in (
            "UPDATE curb_trip_counts SET sign = 1",
            "DELETE FROM curb_trip_counts",
            "DELETE FROM curb_trip_corrections",
        ):
            with (
                as_owner(),
                pytest.raises(IntegrityError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql)

    def test_a_close_counts_a_trip_once(self, counted):
        assert self.refuse(self.copy(1, week=SATURDAY)) == "curb_trip_counts_once_a_close"

    def test_a_trip_counts_for_one_driver_at_a_time(self, counted):
        assert self.refuse(self.copy(1)) == "curb_trip_counts_back_as_counted"

    def test_a_trip_is_not_counted_for_somebody_else(self, counted, baker):
        sql = self.copy(1, changes=f"driver_id = {baker.primary_driver_id}")
        assert self.refuse(sql) == "curb_trip_counts_repeats_its_trip"

    @pytest.mark.parametrize("changes", ["total = total + 1", "cbd = cbd + 1", "payment_type = 'CASH'"])
    def test_a_trip_is_not_counted_as_something_else(self, counted, changes):
        assert self.refuse(self.copy(1, changes=changes)) == "curb_trip_counts_repeats_its_trip"

    @pytest.mark.parametrize("changes", ["total = -total - 1", "cbd = -cbd - 1", "lease_id = NULL"])
    def test_a_trip_is_counted_back_as_it_was_counted(self, counted, changes):
        assert self.refuse(self.copy(-1, changes=changes)) == "curb_trip_counts_back_as_counted"

    def test_no_trip_is_counted_back_twice(self, counted):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO dtr_week_closes (week_end, state) VALUES (%s, 'OPEN')", [NEXT_WEEK.end])
            cursor.execute(self.copy(-1) + " WHERE sign = 1")
        sql = self.copy(-1, week=THIRD_WEEK.end) + " WHERE sign = 1"
        assert self.refuse(sql) == "curb_trip_counts_back_as_counted"

    def test_two_versions_of_a_record_do_not_both_count(self, counted):
        curb.import_trips(file_name="b.xml", content=trip_file([counted.received | {"TOTAL_AMOUNT": "20.00"}]))
        new = Trip.objects.current().get()
        sql = self.copy(1, changes="total = 20.00").replace("SELECT trip_id", f"SELECT {new.pk}")
        assert self.refuse(sql) == "curb_trip_counts_one_at_a_time"

    def test_taxes_of_a_trip_without_charge_are_refused(self, counted):
        assert self.refuse(self.copy(1, changes="payment_type = 'DISPUTE'")) in (
            "curb_trip_counts_only_card_and_cash_taxed", "curb_trip_counts_repeats_its_trip",
        )  # fmt: skip

    @pytest.mark.parametrize("reference", ["CURB", "TAXES"])
    def test_earnings_or_taxes_are_not_voided_alone(self, adams, reference):
        drive(card())
        start()
        credit(adams.primary_driver)
        opening = ledger_selectors.list_postings().get(reference_id__startswith=reference, balance=None)
        assert self.refuse(self.void_of(opening)) == "curb_trip_counts_voided_together"

    def test_money_is_not_voided_while_its_trips_stay_counted(self, adams):
        drive(trip(TAX="0", IMPTAX="0", CONGFEE="0"))
        start()
        credit(adams.primary_driver)
        opening = ledger_selectors.list_postings().get(balance=None)
        assert self.refuse(self.void_of(opening)) == "curb_trip_counts_voided_with_money"

    def test_trips_are_not_cancelled_while_their_money_stands(self, counted):
        sql = self.copy(-1, week=SATURDAY, is_void="true").replace(f"'{SATURDAY}-L1'", "share")
        assert self.refuse(sql) == "curb_trip_counts_void_of_money"

    def void_of(self, opening):
        entry = "CREDIT" if opening.entry_type == "DEBIT" else "DEBIT"
        return (
            "INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, "
            "vehicle_id, balance_id, reverses_id, effective_on, reason) SELECT 'VOID', "
            f"'{entry}', category, amount, reference_id, driver_id, lease_id, vehicle_id, id, id, effective_on, 'x' "
            f"FROM ledger_postings WHERE id = {opening.pk}"
        )
