"""CURB adds an amount without a word: it is told, the week closes, and a ruling sets right what was counted."""

from datetime import date

import pytest

from core.audits import examine, list_audits
from curb import services as curb
from curb.models import Trip
from tests.books import assert_books_clean
from tests.curb import trip, trip_file
from tests.factories import DriverFactory
from tests.stories.fleet import close_week, drive, lease_cab, read_books, table

pytestmark = pytest.mark.django_db

OCT_4, OCT_8, OCT_14 = date(2026, 10, 4), date(2026, 10, 8), date(2026, 10, 14)
OCT_10, OCT_17 = date(2026, 10, 10), date(2026, 10, 17)


@pytest.fixture
def adams():
    driver = DriverFactory.create(first_name="Ann", last_name="Adams")
    return lease_cab(lease=12, start=OCT_4, driver=driver)


def ride(adams):
    """20.00, tip 4.00, taxes 0.50 + 1.00 + 2.50 + 0.75 = 4.75, and 1.05 for a fund that nobody knows: 29.80."""
    record = trip(
        ID="4712", PERIOD="202610", CABNUMBER=adams.vehicle.medallion, DRIVER=f"0{adams.primary_driver.tlc_license}",
        START_DATE="10/08/2026 10:00:00", END_DATE="10/08/2026 10:20:00", TRIP="20.00", TIPS="4.00", EXTRAS="0.00",
        TAX="0.50", IMPTAX="1.00", CONGFEE="2.50", cbdt="0.75", newFund="1.05", TOTAL_AMOUNT="29.80",
    )  # fmt: skip
    return curb.import_trips(file_name="oct-8.xml", content=trip_file([record])).file


def findings() -> list[str]:
    return [sentence for found in examine(list_audits()) for sentence in found.findings]


def count_week_to_oct_10(adams):
    """What the record says is credited, the taxes it names are charged: 29.80 and 4.75; and it is told."""
    assert ride(adams).remarked_count == 1
    close_week(OCT_10)
    assert findings() == ["newFund is not known: $1.05 in 1 trip (Oct 8, 2026)."]
    assert read_books(adams.primary_driver) == table("""
        CURB-2026-10-10-L12   29.80  25.05  OPEN
        TAXES-2026-10-10-L12   4.75   0.00  SETTLED
    """)


def test_what_the_fleet_remits_does_not_stay_with_the_driver(adams):
    """Passed through: 29.80 is counted back and 28.75 counted, in the close of a week with 100.00 / 10.00."""
    count_week_to_oct_10(adams)
    curb.rule_attribute(key="NEWFUND", place="PASSED_THROUGH", from_on=OCT_4, reason="CURB's letter", actor=None)
    drive(adams, card="100.00", card_taxes="10.00", on=OCT_14)
    close_week(OCT_17)
    assert read_books(adams.primary_driver) == table("""
        CURB-2026-10-10-L12   29.80  15.05  OPEN
        TAXES-2026-10-10-L12   4.75   0.00  SETTLED
        CURB-2026-10-17-L12   98.95  98.95  OPEN
        TAXES-2026-10-17-L12  10.00   0.00  SETTLED
    """)
    assert_books_clean()


def test_a_tax_that_nobody_knew_is_charged(adams):
    """A toll of the congestion zone by another name: 1.05 more of taxes, in the close of a week with 100.00 / 10.00."""
    count_week_to_oct_10(adams)
    curb.rule_attribute(key="NEWFUND", place="CBD", from_on=OCT_4, reason="CURB's letter", actor=None)
    drive(adams, card="100.00", card_taxes="10.00", on=OCT_14)
    close_week(OCT_17)
    assert read_books(adams.primary_driver) == table("""
        CURB-2026-10-10-L12    29.80   14.00  OPEN
        TAXES-2026-10-10-L12    4.75    0.00  SETTLED
        CURB-2026-10-17-L12   100.00  100.00  OPEN
        TAXES-2026-10-17-L12   11.05    0.00  SETTLED
    """)
    kept = Trip.objects.filter(record_id="4712").order_by("id")
    assert [(str(one.cbd), one.received["newFund"], one.is_current) for one in kept] == [
        ("0.75", "1.05", False), ("1.80", "1.05", True),
    ]  # fmt: skip
    assert_books_clean()
