"""What PostgreSQL refuses once a statement is sealed."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from dtr.models import Dtr, DtrLine
from ledger import services as ledger
from tests.dtr.fleet import SATURDAY, close, get_dtr, start
from tests.factories import DriverFactory

pytestmark = pytest.mark.django_db

COLUMNS = ("opening", "opened", "paid", "applied", "written_off", "paid_out", "voided", "closing", "balance")
ZEROS = dict.fromkeys(COLUMNS, 0)


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
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @pytest.mark.parametrize(
        ("values", "constraint"),
        [
            ({"opened": 5, "closing": 6, "balance": 6}, "dtr_lines_adds_up"),
            ({"opened": 5, "closing": 5, "balance": 6}, "dtr_lines_closing_is_balance"),
            ({"opened": 5, "paid_out": 5}, "dtr_lines_adds_up"),
            ({"entry_type": "CREDIT", "opened": 5, "written_off": 5}, "dtr_lines_adds_up"),
            ({"opened": -5, "voided": 5}, "dtr_lines_not_negative"),
        ],
    )
    def test_a_line_that_does_not_add_up_is_refused(self, values, constraint):
        driver = DriverFactory.create()
        charge(driver)
        start()
        statement = Dtr.objects.create(
            week_id=SATURDAY,
            driver=driver,
            previous_cut=0,
            sealed_through=0,
            held=0,
            deposits=0,
            owed_due=0,
            owed_later=0,
        )
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            DtrLine.objects.create(**{"dtr": statement, "entry_type": "DEBIT", "category": "LOAN", **ZEROS, **values})


@pytest.mark.django_db(transaction=True)
class TestALineTooLate:
    def test_a_line_is_refused_in_any_later_transaction(self):
        driver = DriverFactory.create()
        charge(driver)
        close()
        with pytest.raises(IntegrityError, match="takes no more lines"):
            DtrLine.objects.create(dtr=get_dtr(None, driver), entry_type="DEBIT", category="LOAN", **ZEROS)
