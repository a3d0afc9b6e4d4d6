"""What a close would do is found by doing it, and nothing of it stays."""

from datetime import timedelta

import pytest

from curb.models import Trip
from dtr import services as dtr
from dtr.models import CloseBatch, Dtr, WeekClose
from dtr.services import previews
from tests.books import assert_books_clean
from tests.dtr.fleet import (
    NEXT_WEEK,
    SATURDAY,
    SUNDAY,
    WEEK,
    card,
    close,
    count_postings,
    drive,
    get_dtr,
    leased_driver,
)
from tests.factories import LeaseInstallmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet():
    debtor = leased_driver()
    LeaseInstallmentFactory.create(lease=debtor, number=9)  # 500.00, due 2026-03-07
    earner = leased_driver("5000002", "9Z91")
    drive(card("203.30"), card("103.30", DRIVER="5000002", CABNUMBER="9Z91"))
    return debtor, earner


class TestPreviewWeek:
    def test_a_preview_says_what_each_driver_would_pay_and_get(self, fleet):
        debtor, earner = fleet
        preview = dtr.preview_week(week=WEEK, today=SUNDAY)
        rows = {row.driver_id: row for row in preview.drivers}
        debt, gain = rows[debtor.primary_driver_id], rows[earner.primary_driver_id]
        assert [str(n) for n in (debt.card_total, debt.charged, debt.applied, debt.owed_due, debt.net_due)] == [
            "203.30", "503.30", "203.30", "300.00", "-300.00",
        ]  # fmt: skip
        assert [str(n) for n in (gain.card_total, gain.taxes_total, gain.applied, gain.net_due)] == [
            "103.30", "3.30", "3.30", "100.00",
        ]  # fmt: skip

    def test_a_preview_is_what_the_close_then_does(self, fleet):
        previewed = {row.driver_id: row.net_due for row in dtr.preview_week(week=WEEK, today=SUNDAY).drivers}
        close()
        assert previewed == {lease.primary_driver_id: get_dtr(lease).net_due for lease in fleet}
        assert Dtr.objects.order_by("number").values_list("number", flat=True)[0] == 1
        assert_books_clean()

    def test_a_preview_leaves_nothing(self, fleet):
        dtr.preview_week(week=WEEK, today=SUNDAY)
        assert count_postings() == 0
        assert (WeekClose.objects.count(), CloseBatch.objects.count(), Dtr.objects.count()) == (0, 0, 0)
        assert Trip.objects.filter(week_end=None, taxes_reference="").count() == 2

    def test_a_preview_goes_batch_by_batch(self, fleet, monkeypatch):
        monkeypatch.setattr(previews, "DRIVERS_IN_A_PREVIEW", 1)
        first, second, beyond = (dtr.preview_week(week=WEEK, today=SUNDAY, number=n) for n in (1, 2, 9))
        assert (first.number, first.batches, len(first.drivers)) == (1, 2, 1)
        assert second.drivers[0].driver_id == fleet[1].primary_driver_id
        assert beyond == second

    def test_a_preview_refuses_what_the_close_would_refuse(self, fleet):
        with pytest.raises(dtr.WeekNotOver):
            dtr.preview_week(week=WEEK, today=SATURDAY)
        close()
        with pytest.raises(dtr.WeekOutOfOrder):
            dtr.preview_week(week=NEXT_WEEK.next, today=SUNDAY + timedelta(days=30))
