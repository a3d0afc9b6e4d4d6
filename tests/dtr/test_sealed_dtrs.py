"""What PostgreSQL refuses once a statement is sealed."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from dtr.models import Dtr, DtrLine
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from ledger.services.transactions import constraint_of
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, SUNDAY, close, get_dtr, start
from tests.factories import DriverFactory
from tests.owner import as_owner

pytestmark = pytest.mark.django_db

ZEROS = dict.fromkeys(("opening", *ledger_selectors.MOVEMENT_COLUMNS, "closing", "balance"), 0)


def make_dtr(driver, **values):
    facts = dict.fromkeys(("previous_cut", "sealed_through", "held", "deposits", "owed_due", "owed_later"), 0)
    identity = {"driver_name": "Jo Bell", "tlc_license": "5000001", "fleet_name": "Our fleet", "template": 1}
    return Dtr.objects.create(
        **{"week_id": SATURDAY, "driver": driver, "sealed_on": SUNDAY, **facts, **identity, **values}
    )


def charge(driver):
    ledger.create_obligation(
        category="MISC", amount=Decimal("10.00"), reference_id="MISC-1", driver_id=driver.pk, effective_on=SATURDAY
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
        left_out = make_dtr(driver, week_id=NEXT_WEEK.end, sealed_on=NEXT_WEEK.next.start)
        with (
            pytest.raises(IntegrityError, match="MISC does not begin"),
            transaction.atomic(),
        ):
            DtrLine.objects.create(**{"dtr": left_out, "entry_type": "DEBIT", "category": "LOAN", **ZEROS})

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


@pytest.mark.django_db(transaction=True)
class TestALineTooLate:
    def test_a_line_is_refused_in_any_later_transaction(self):
        driver = DriverFactory.create()
        charge(driver)
        close()
        with pytest.raises(IntegrityError) as refusal:
            DtrLine.objects.create(dtr=get_dtr(None, driver), entry_type="DEBIT", category="LOAN", **ZEROS)
        assert constraint_of(refusal.value) == "dtr_lines_sealed"
