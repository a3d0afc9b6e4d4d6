"""What a close would do is found by doing it, and nothing of it stays."""

from dataclasses import fields
from datetime import timedelta
from decimal import Decimal

import pytest

from curb.models import Trip
from dtr import services as dtr
from dtr.models import CloseBatch, Dtr, WeekClose
from dtr.services import previews
from ledger import services as ledger
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


def figures_of(figures):
    """In the order of the page, and its taxes after the card fares."""
    return [str(getattr(figures, column.name)) for column in fields(previews.Figures)]


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

    def test_each_row_and_the_totals_add_up(self, fleet):
        """500.00 of rent and 3.30 of taxes on 203.30 by card, 80.00 at the counter, 40.00 of a toll forgiven."""
        debtor, _ = fleet
        owe = {"driver_id": debtor.primary_driver_id, "lease_id": debtor.pk, "effective_on": WEEK.start}
        toll = ledger.create_obligation(
            category="EZPASS", amount=Decimal("40.00"), reference_id="EZPASS-1", due_on=SATURDAY, **owe
        )
        ledger.write_off_obligation(
            posting_id=toll.pk, amount=Decimal("40.00"), reason="Old", actor=None, effective_on=SATURDAY
        )
        ledger.create_obligation(
            category="MISC", amount=Decimal("90.00"), reference_id="MISC-1", due_on=NEXT_WEEK.end, **owe
        )
        ledger.apply_interim_payment(
            payment_amount=Decimal("80.00"),
            allocations={"MISC-1": Decimal("80.00")},
            payment_method="CASH",
            **owe,
        )
        preview = dtr.preview_week(week=WEEK, today=SUNDAY)
        row = next(row for row in preview.drivers if row.driver_id == debtor.primary_driver_id)
        assert figures_of(row) == [
            "203.30", "3.30",
            "0.00", "633.30", "80.00", "203.30", "-40.00", "310.00",
            "300.00", "0.00", "0.00", "300.00",
        ]  # fmt: skip
        assert figures_of(preview.total) == [
            "306.60", "6.60",
            "0.00", "636.60", "80.00", "206.60", "-40.00", "310.00",
            "300.00", "100.00", "100.00", "300.00",
        ]  # fmt: skip
        for one in (*preview.drivers, preview.total):
            assert one.brought_forward + one.charged - one.paid - one.applied + one.changed == one.still_owed
            assert one.held - one.owed_due == one.to_pay - one.short

    def test_the_next_week_begins_with_what_this_one_left(self, fleet):
        close()
        preview = dtr.preview_week(week=NEXT_WEEK, today=NEXT_WEEK.next.start)
        assert [str(row.brought_forward) for row in preview.drivers] == ["300.00", "0.00"]
        assert [str(row.still_owed) for row in preview.drivers] == ["300.00", "0.00"]

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
        assert Trip.objects.filter(week_end=None, counts=None, awaits_count=True).count() == 2

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
