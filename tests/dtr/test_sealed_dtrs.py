"""What PostgreSQL refuses once a statement is sealed."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from dtr import services as dtr
from dtr.models import CloseBatch, Dtr, DtrLine
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from ledger.services.transactions import constraint_of
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, SUNDAY, WEEK, close, get_dtr, start
from tests.factories import DriverFactory
from tests.locks import run_elsewhere
from tests.owner import as_owner

pytestmark = pytest.mark.django_db

ZEROS = dict.fromkeys(("opening", *ledger_selectors.MOVEMENT_COLUMNS, "closing", "balance"), 0)


def build_dtr(driver, **values):
    facts = dict.fromkeys(("previous_cut", "sealed_through", "held", "deposits", "owed_due", "owed_later"), 0)
    identity = {"driver_name": "Jo Bell", "tlc_license": "5000001", "fleet_name": "Our fleet", "template": 1}
    return Dtr(**{"week_id": SATURDAY, "driver": driver, "sealed_on": SUNDAY, **facts, **identity, **values})


def make_dtr(driver, **values):
    made = build_dtr(driver, **values)
    made.save()
    return made


def make_next_dtr(driver):
    """As :func:`make_dtr`, of the week after, without postings."""
    cut = get_dtr(None, driver).sealed_through
    week = {"week_id": NEXT_WEEK.end, "sealed_on": NEXT_WEEK.next.start}
    return make_dtr(driver, **week, previous_cut=cut, sealed_through=cut)


def make_line(dtr, category, amount):
    """A charge of this week, so far unpaid."""
    figures = {"opened": amount, "closing": amount, "balance": amount}
    return DtrLine(**{"dtr": dtr, "entry_type": "DEBIT", "category": category, **ZEROS, **figures})


def refusal_at_the_end():
    """What refuses the transaction when it would end; all that it wrote is undone."""
    with pytest.raises(IntegrityError) as refusal:
        connection.check_constraints()
    transaction.set_rollback(True)
    return constraint_of(refusal.value)


def charge(driver, reference_id="MISC-1", on=SATURDAY):
    return ledger.create_obligation(
        category="MISC", amount=Decimal("10.00"), reference_id=reference_id, driver_id=driver.pk, effective_on=on
    )


class TestTheDatabaseSealsIt:
    @pytest.fixture
    def sealed(self):
        driver = DriverFactory.create()
        charge(driver)
        close()
        connection.check_constraints()
        return get_dtr(None, driver)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE dtr_dtrs SET held = 1",
            "UPDATE dtr_dtrs SET driver_name = 'Somebody else'",
            "UPDATE dtr_dtrs SET told = '{}'",
            "DELETE FROM dtr_dtrs",
            "TRUNCATE dtr_dtrs CASCADE",
            "UPDATE dtr_lines SET category = 'LOAN'",
            "DELETE FROM dtr_lines",
            "TRUNCATE dtr_lines",
            "UPDATE dtr_week_closes SET state = 'OPEN', finished_at = NULL",
            "DELETE FROM dtr_week_closes",
            "UPDATE dtr_close_batches SET done_at = NULL",
            "DELETE FROM dtr_close_batches",
        ],
    )
    def test_a_sealed_row_is_never_changed(self, sealed, statement):
        with (
            as_owner(),
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    @pytest.mark.parametrize(
        ("values", "constraint"),
        [
            ({"opened": 5, "closing": 6, "balance": 6}, "dtr_lines_adds_up"),
            ({"opened": 5, "closing": 5, "balance": 6}, "dtr_lines_closing_is_balance"),
            ({"opened": 5, "paid_out": 5}, "dtr_lines_columns_of_side"),
            ({"opened": 5, "receipts_voided": 5}, "dtr_lines_columns_of_side"),
            ({"payouts_undone": 5, "written_off": 5}, "dtr_lines_columns_of_side"),
            ({"entry_type": "CREDIT", "opened": 5, "written_off": 5}, "dtr_lines_columns_of_side"),
            ({"entry_type": "CREDIT", "opened": 5, "corrected": -5}, "dtr_lines_columns_of_side"),
            ({"entry_type": "CREDIT", "opened": 5, "from_deposit": 5}, "dtr_lines_columns_of_side"),
            ({"opened": -5, "corrected": 5}, "dtr_lines_not_negative"),
            ({"undone": -5, "corrected": 5}, "dtr_lines_not_negative"),
            ({"corrected": -5, "closing": -5, "balance": -5}, "dtr_lines_not_negative"),
            ({"opened": 5, "paid": 5}, "dtr_lines_tables_agree"),
            ({"opened": 5, "closing": 5, "balance": 5}, "dtr_lines_sum_to_head"),
            ({"opening": 5, "corrected": -5}, "dtr_lines_brought_forward"),
        ],
    )
    def test_a_line_that_does_not_add_up_is_refused(self, values, constraint):
        driver = DriverFactory.create()
        charge(driver)
        start()
        statement = make_dtr(driver)
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            DtrLine.objects.create(**{"dtr": statement, "entry_type": "DEBIT", "category": "LOAN", **ZEROS, **values})
        assert constraint_of(refusal.value) == constraint

    def test_a_line_must_begin_with_what_the_last_one_ended_with(self):
        driver = DriverFactory.create()
        charge(driver)
        close()
        start(NEXT_WEEK)
        with pytest.raises(IntegrityError, match="MISC does not begin"), transaction.atomic():
            make_line(make_next_dtr(driver), "LOAN", 0).save()

    @pytest.mark.parametrize(
        ("values", "constraint"),
        [
            ({"driver_name": ""}, "dtr_dtrs_identity_given"),
            ({"tlc_license": ""}, "dtr_dtrs_identity_given"),
            ({"fleet_name": ""}, "dtr_dtrs_identity_given"),
            ({"sealed_on": SATURDAY}, "dtr_dtrs_sealed_after_week"),
            ({"owed_since": -1}, "dtr_dtrs_sums_not_negative"),
        ],
    )
    def test_a_dtr_without_its_identity_is_refused(self, values, constraint):
        driver = DriverFactory.create()
        charge(driver)
        start()
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            make_dtr(driver, **values)


class TestNoDtrIsMadeUp:
    """By SQL of the product's own role, as whoever has its password would."""

    def test_of_a_closed_week(self):
        driver = DriverFactory.create()
        close()
        charge(driver, on=SUNDAY)
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            make_dtr(driver)
        assert constraint_of(refusal.value) == "dtr_dtrs_week_open"

    def test_of_a_week_whose_close_was_never_begun(self):
        driver = DriverFactory.create()
        charge(driver)
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            make_dtr(driver)
        assert constraint_of(refusal.value) == "dtr_dtrs_week_open"

    def test_that_ends_where_no_account_was_cut(self):
        driver, stranger = DriverFactory.create_batch(2)
        posting = charge(driver)
        start()
        for about in ({"driver": driver, "sealed_through": posting.pk}, {"driver": stranger}):
            with pytest.raises(IntegrityError) as refusal, transaction.atomic():
                make_dtr(**about)
            assert constraint_of(refusal.value) == "dtr_dtrs_end_at_the_cut"

    @pytest.mark.parametrize("column", ["held", "deposits", "owed_due", "owed_since", "owed_later"])
    def test_with_a_sum_and_no_line(self, column):
        """One among others, which are as they should be."""
        drivers = DriverFactory.create_batch(3)
        for number, driver in enumerate(drivers):
            charge(driver, f"MISC-{number}")
        start()
        lined = make_dtr(drivers[0], owed_later=5)
        make_line(lined, "MISC", 5).save()
        Dtr.objects.bulk_create([build_dtr(drivers[1]), build_dtr(drivers[2], **{column: 5})])
        assert refusal_at_the_end() == "dtr_lines_sum_to_head"

    def test_without_a_line_of_what_the_last_one_ended_with(self):
        driver = DriverFactory.create()
        charge(driver)
        close()
        start(NEXT_WEEK)
        make_next_dtr(driver)
        assert refusal_at_the_end() == "dtr_lines_brought_forward"

    def test_with_its_sum_twice(self):
        """Each line is all that its head says; the second came when the first had been found right."""
        driver = DriverFactory.create()
        charge(driver)
        start()
        statement = make_dtr(driver, owed_later=5)
        make_line(statement, "MISC", 5).save()
        connection.check_constraints()
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            make_line(statement, "LOAN", 5).save()
        assert constraint_of(refusal.value) == "dtr_lines_sum_to_head"

    def test_with_a_line_after_it_was_found_right_without(self):
        driver = DriverFactory.create()
        charge(driver)
        start()
        statement = make_dtr(driver)
        connection.check_constraints()
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            make_line(statement, "MISC", 5).save()
        assert constraint_of(refusal.value) == "dtr_lines_sum_to_head"

    def test_nothing_is_left_of_the_question(self):
        driver = DriverFactory.create()
        charge(driver)
        close()
        assert Dtr.objects.count() == 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM dtr_awaiting_lines")
            assert cursor.fetchone() == (1,)
            connection.check_constraints()
            cursor.execute("SELECT count(*) FROM dtr_awaiting_lines")
            assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
class TestAWeekThatCloses:
    def test_waits_for_a_dtr_that_is_being_sealed(self, impatient):
        driver = DriverFactory.create()
        start()
        CloseBatch.objects.update(done_at=Now())
        charge(driver)
        with transaction.atomic():
            make_dtr(driver)
            assert isinstance(run_elsewhere(dtr.finish_week, week=WEEK), ledger.LedgerBusy)
        assert dtr.finish_week(week=WEEK).is_closed


@pytest.mark.django_db(transaction=True)
class TestALineTooLate:
    def test_a_line_is_refused_in_any_later_transaction(self):
        driver = DriverFactory.create()
        charge(driver)
        close()
        with pytest.raises(IntegrityError) as refusal:
            DtrLine.objects.create(dtr=get_dtr(None, driver), entry_type="DEBIT", category="LOAN", **ZEROS)
        assert constraint_of(refusal.value) == "dtr_lines_sealed"
