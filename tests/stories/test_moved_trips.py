"""Trips that counted for the wrong driver, came amended, or came twice: counted back and counted anew, never freed."""

from datetime import date

import pytest

from core.weeks import week_of
from curb import selectors
from curb import services as curb
from curb.models import Reconciliation, Trip
from curb.services import reconciliations
from dtr.exports.content import describe_dtr
from dtr.selectors import list_papers
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.curb import trip, trip_file
from tests.factories import DriverFactory, UserFactory
from tests.stories.fleet import close_week, drive, find_posting, get_dtr, lease_cab, read_books, table

pytestmark = pytest.mark.django_db

OCT_4, OCT_8, OCT_14 = date(2026, 10, 4), date(2026, 10, 8), date(2026, 10, 14)
OCT_10, OCT_17, OCT_24 = date(2026, 10, 10), date(2026, 10, 17), date(2026, 10, 24)


@pytest.fixture
def adams():
    return lease_cab(
        lease=12, start=date(2026, 10, 4), driver=DriverFactory.create(first_name="Ann", last_name="Adams")
    )


@pytest.fixture
def baker():
    return lease_cab(
        lease=13, start=date(2026, 10, 4), driver=DriverFactory.create(first_name="Bob", last_name="Baker")
    )


def find_trip(total):
    return Trip.objects.current().get(total=total)


def move(one, lease):
    return curb.move_trip(
        trip_id=one.pk,
        driver_id=lease.primary_driver_id,
        vehicle_id=lease.vehicle_id,
        reason="Baker drove it; the meter had Adams's license",
        actor=None,
    )


def read_log(lease, saturday):
    key = (saturday, lease.primary_driver_id, lease.pk)
    return selectors.list_trip_logs([key]).get(key, [])


def count_week_to_oct_10(adams, baker):
    """Adams's week to Oct 10: 900.00 by card, 60.00 of taxes, with the trip that is Baker's in truth in them."""
    drive(adams, card="885.50", card_taxes="56.70", on=OCT_8)
    drive(adams, card="14.50", card_taxes="3.30", on=OCT_8)
    drive(baker, card="700.00", card_taxes="45.00", on=OCT_8)
    close_week(OCT_10)


def test_a_trip_is_moved_to_its_right_driver(adams, baker):
    """A trip of 14.50 / taxes 3.30 counted for Adams in the week to Oct 10, Baker's in truth, moved on Oct 14.

    The close to Oct 17 counts Adams 850.00 − 14.50 = 835.50 and 55.00 − 3.30 = 51.70, Baker 500.00 + 14.50 = 514.50 and
    32.00 + 3.30 = 35.30: together 1,350.00 and 87.00, as they would have been.
    """
    count_week_to_oct_10(adams, baker)
    reconciliations.make_receipts(closed_through=week_of(OCT_10))
    moved = move(find_trip("14.50"), baker)
    assert [row.words for row in selectors.list_pending(moved)] == [
        f"Counted back for {adams.primary_driver}, {adams}: -$14.50 card, taxes -$3.30",
        f"Counted for {baker.primary_driver}, {baker}: $14.50 card, taxes $3.30",
    ]
    drive(adams, card="850.00", card_taxes="55.00", on=OCT_14)
    drive(baker, card="500.00", card_taxes="32.00", on=OCT_14)
    close_week(OCT_17)

    assert read_books(adams.primary_driver) == table("""
        CURB-2026-10-10-L12   900.00  788.30  OPEN
        TAXES-2026-10-10-L12   60.00    0.00  SETTLED
        CURB-2026-10-17-L12   835.50  835.50  OPEN
        TAXES-2026-10-17-L12   51.70    0.00  SETTLED
    """)
    assert read_books(baker.primary_driver) == table("""
        CURB-2026-10-10-L13   700.00  619.70  OPEN
        TAXES-2026-10-10-L13   45.00    0.00  SETTLED
        CURB-2026-10-17-L13   514.50  514.50  OPEN
        TAXES-2026-10-17-L13   35.30    0.00  SETTLED
    """)
    # The sealed log of the week to Oct 10 says what was counted then; the next one, what was counted back.
    first, second = (
        [(row.sign, row.total, row.taxes_total) for row in read_log(adams, saturday) if row.trip_id == moved.pk]
        for saturday in (OCT_10, OCT_17)
    )
    assert [str(figure) for figure in first[0]] == ["1", "14.50", "3.30"]
    assert [str(figure) for figure in second[0]] == ["-1", "-14.50", "-3.30"]
    (paper,) = list_papers([get_dtr(adams.primary_driver, OCT_17, adams)])
    rows = describe_dtr(paper)["trips"]["rows"]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("Card", "credited to you in full", "850.00"),
        ("Card, counted back", "1 trip of Oct 8", "−14.50"),
    ]
    assert find_posting("EARNINGS", "CURB-2026-10-17-L12").description == "Card trips Oct 11–17, 1 trip, 1 counted back"
    said = find_posting("EARNINGS", "CURB-2026-10-17-L13").description
    assert said == "Card trips Oct 11–17, 2 trips, 1 of earlier weeks"
    # CURB's receipt stays with the trip, and no second one is sent.
    reconciliations.make_receipts(closed_through=week_of(OCT_17))
    moved.refresh_from_db()
    assert moved.reconciliation == Reconciliation.objects.get(week_end=OCT_10)
    assert list(Reconciliation.objects.filter(week_end=OCT_17, trips=moved)) == []
    assert_books_clean()


def test_a_driver_who_gives_back_more_than_they_earned(adams, baker):
    """Nothing else in the week to Oct 17: 14.50 of card money is won back, and 3.30 of taxes are given back."""
    count_week_to_oct_10(adams, baker)
    move(find_trip("14.50"), baker)
    close_week(OCT_17)
    assert read_books(adams.primary_driver) == table("""
        CURB-2026-10-10-L12   900.00  825.50  OPEN
        TAXES-2026-10-10-L12   60.00    0.00  SETTLED
        CURB-2026-10-17-L12    14.50    0.00  SETTLED
        TAXES-2026-10-17-L12    3.30    3.30  OPEN
    """)
    assert_books_clean()


def test_an_amended_record_is_counted_by_its_difference(adams):
    """CURB sends the trip of 30.00 / 3.30 again, as 26.00 / 2.80: −4.00 and −0.50 in the next close."""
    record = trip(
        ID="4711", PERIOD="202610", CABNUMBER=adams.vehicle.medallion, DRIVER=adams.primary_driver.tlc_license,
        START_DATE="10/08/2026 10:00:00", END_DATE="10/08/2026 10:20:00", TOTAL_AMOUNT="30.00",
    )  # fmt: skip
    curb.import_trips(file_name="first.xml", content=trip_file([record]))
    close_week(OCT_10)
    reconciliations.make_receipts(closed_through=week_of(OCT_10))
    assert record["TRIP"] == "22.70"
    amended = record | {"TOTAL_AMOUNT": "26.00", "CONGFEE": "2.00", "TRIP": "19.20"}
    file = curb.import_trips(file_name="amended.xml", content=trip_file([amended])).file
    assert (file.imported_count, file.amended_count, file.error_count) == (1, 1, 0)
    assert str(file.amended_by) == "-4.00"
    drive(adams, card="100.00", card_taxes="10.00", on=OCT_14)
    close_week(OCT_17)

    assert read_books(adams.primary_driver) == table("""
        CURB-2026-10-10-L12    30.00   17.20  OPEN
        TAXES-2026-10-10-L12    3.30    0.00  SETTLED
        CURB-2026-10-17-L12    96.00   96.00  OPEN
        TAXES-2026-10-17-L12    9.50    0.00  SETTLED
    """)
    versions = Trip.objects.filter(record_id="4711").order_by("id")
    assert [(str(one.total), one.is_current) for one in versions] == [("30.00", False), ("26.00", True)]
    # The receipt of the first stands for the ride.
    reconciliations.make_receipts(closed_through=week_of(OCT_17))
    assert [one.reconciliation_id is None for one in versions.all()] == [False, True]
    assert_books_clean()


def test_a_week_that_came_twice_is_taken_back(adams):
    """The same trips came once more under other numbers, and were counted: the whole file is counted back."""
    drive(adams, card="200.00", card_taxes="20.00", on=OCT_8)
    drive(adams, card="200.00", card_taxes="20.00", on=OCT_8)
    close_week(OCT_10)
    twice = Trip.objects.order_by("-id")[0].file
    assert curb.count_file_back(file_id=twice.pk, reason="Came under two numbers", actor=None) == 1
    drive(adams, card="300.00", card_taxes="30.00", on=OCT_14)
    close_week(OCT_17)
    close_week(OCT_24)
    assert read_books(adams.primary_driver) == table("""
        CURB-2026-10-10-L12   400.00  350.00  OPEN
        TAXES-2026-10-10-L12   40.00    0.00  SETTLED
        CURB-2026-10-17-L12   100.00  100.00  OPEN
        TAXES-2026-10-17-L12   10.00    0.00  SETTLED
    """)
    assert_books_clean()


def test_a_week_voided_while_nothing_of_it_is_used_counts_again(adams):
    """Earnings without taxes are not used by the close: voided, the trip counts in the next close."""
    drive(adams, card="200.00", on=OCT_8)
    close_week(OCT_10)
    supervisor = UserFactory.create(groups=["Supervisor"])
    posting = find_posting("EARNINGS", "CURB-2026-10-10-L12")
    ledger.void_posting(posting_id=posting.pk, reason="Closed too early", actor=supervisor, effective_on=OCT_14)
    close_week(OCT_17)
    assert read_books(adams.primary_driver) == table("""
        CURB-2026-10-10-L12   200.00    0.00  VOIDED
        CURB-2026-10-17-L12   200.00  200.00  OPEN
    """)
    # What the DTR of the first week has sealed is its log for good.
    assert [row.sign for row in read_log(adams, OCT_10)] == [1]
    assert_books_clean()
