"""The same real trips of March 2019, this time as CURB reports them: over HTTP, with every third connection dropped."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from core.weeks import week_of
from curb import services as curb
from curb.client import Patience
from curb.models import CardTransaction, Trip
from curb.sandbox import Behavior, CsvTrips, Sandbox, run_in_thread
from dtr import services as dtr
from dtr.models import Dtr
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory
from tests.stories.test_real_trips import (
    CARD_FARES,
    FILE,
    LAST_SATURDAY,
    LEASES,
    TRIP_TAXES,
    card_fares,
    look_at_amounts,
    read_rows,
    saturday_of,
    trip_taxes,
    weeks,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILE.exists(), reason="needs ../shared/data/yellow_trips_2019-03.csv beside the checkout"),
]

PAIRS = [(f"{5_000_000 + number}", f"9Z{number:02d}") for number in range(LEASES)]
FIRST_SUNDAY = LAST_SATURDAY - timedelta(days=41)


async def do_not_wait(seconds: float) -> None:
    """Stands in for asyncio.sleep between two attempts."""


@pytest.fixture
def sandbox(settings):
    """CURB on this machine, dropping every third connection; the fleet's settings name it."""
    curb = Sandbox(CsvTrips(FILE, PAIRS), behavior=Behavior(drop_every=3))
    with run_in_thread(curb) as url:
        settings.CURB_URL = url
        settings.CURB_USER_ID = settings.CURB_PASSWORD = settings.CURB_MERCHANT = "sandbox"
        yield curb


def test_every_cent_arrives_on_the_statements(sandbox):
    for license_, medallion in PAIRS:
        LeaseFactory.create(
            primary_driver=DriverFactory.create(tlc_license=license_),
            vehicle__medallion=medallion,
            start_on=FIRST_SUNDAY,
            end_on=LAST_SATURDAY,
        )
    patience = Patience(attempts=8, sleep=do_not_wait)

    done = curb.import_curb_earnings(from_on=FIRST_SUNDAY, to_on=LAST_SATURDAY, patience=patience)

    rows = read_rows()
    assert (done.trips, done.transactions, done.errors) == (3451, 2539, 0)
    assert sandbox.drops > 50
    assert CardTransaction.objects.aggregate(Sum("amount"))["amount__sum"] == CARD_FARES
    for saturday in weeks():
        dtr.close_week(week=week_of(saturday), today=saturday + timedelta(days=1))
        of_the_week = [row for row in rows if saturday_of(row) == saturday]
        reported = Dtr.objects.filter(week=saturday).aggregate(Sum("card_total"), Sum("taxes_total"))
        assert reported["card_total__sum"] == card_fares(of_the_week)
        assert reported["taxes_total__sum"] == trip_taxes(of_the_week)
    together = Dtr.objects.aggregate(Sum("card_total"), Sum("taxes_total"))
    assert (together["card_total__sum"], together["taxes_total__sum"]) == (CARD_FARES, TRIP_TAXES)

    assert curb.reconcile_trips(closed_through=week_of(saturday), patience=patience).failures == ()
    assert len(sandbox.receipts) == Trip.objects.exclude(reconciliation=None).count() == 3451
    assert look_at_amounts() == set()
    assert_books_clean()
