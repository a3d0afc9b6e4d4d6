"""What a close credited and charged for a driver's trips is voided together or not at all, with what was counted."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from curb import services as curb
from curb.models import Trip, TripCount
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.curb import trip
from tests.curb.counting import move
from tests.dtr.fleet import (
    NEXT_SUNDAY,
    NEXT_WEEK,
    SUNDAY,
    card,
    cash,
    close,
    drive,
    leased_driver,
    live_balances,
    start,
)
from tests.dtr.test_credit_earnings import credit
from tests.refusals import refused

pytestmark = pytest.mark.django_db

THIRD_WEEK = NEXT_WEEK.next


@pytest.fixture
def adams():
    return leased_driver("5000001", "9Z90")


@pytest.fixture
def baker():
    return leased_driver("5000002", "9Z91")


class TestVoids:
    def void(self, reference, *, on=SUNDAY, **others):
        posting = ledger_selectors.list_postings().get(reference_id=reference, balance=None)
        return ledger.void_posting(
            posting_id=posting.pk, reason="Closed too early", actor=None, effective_on=on, **others
        )

    @pytest.fixture
    def credited(self, adams):
        """A card and a cash trip of an open week, credited and not used yet."""
        drive(card(), cash())
        start()
        credit(adams.primary_driver)
        return f"2026-03-07-L{adams.pk}"

    @pytest.mark.parametrize("prefix", ["CURB", "TAXES"])
    def test_a_void_of_either_voids_both_and_what_was_counted(self, adams, credited, prefix):
        assert len(self.void(f"{prefix}-{credited}")) == 2
        assert live_balances(adams.primary_driver) == {}
        assert TripCount.objects.aggregate(net=Sum("sign"))["net"] == 0
        assert Trip.objects.filter(awaits_count=True).count() == 2
        connection.check_constraints()
        close()
        close(NEXT_WEEK)
        assert live_balances(adams.primary_driver).keys() == {
            f"CURB-2026-03-14-L{adams.pk}", f"TAXES-2026-03-14-L{adams.pk}",
        }  # fmt: skip
        assert_books_clean()

    @pytest.mark.parametrize("cascade", [False, True])
    def test_a_week_of_which_something_is_used_is_not_voided(self, adams, cascade):
        drive(card())
        close()
        error = ledger.BalanceInUse if cascade else ledger.CreditInUse
        with refused(error):
            self.void(f"CURB-2026-03-07-L{adams.pk}", cascade=cascade)
        with refused(ledger.BalanceInUse, code="balance_in_use") as refusal:
            self.void(f"TAXES-2026-03-07-L{adams.pk}", cascade=cascade)
        assert "it is moved to its right driver or counted back" in refusal.value.message
        assert TripCount.objects.filter(is_void=True).count() == 0

    def test_a_week_from_which_a_trip_was_moved_is_not_voided_before_the_week_that_moved_it(self, adams, baker):
        untaxed = {"TAX": "0", "IMPTAX": "0", "CONGFEE": "0", "TOTAL_AMOUNT": "17.30"}
        one, _ = drive(trip(**untaxed), trip(**untaxed))
        close()
        move(one, baker)
        drive(
            trip(TAX="0", IMPTAX="0", CONGFEE="0", TOTAL_AMOUNT="40.00", START_DATE="03/10/2026 10:00:00", END_DATE="")
        )
        close(NEXT_WEEK)
        with refused(curb.CountedElsewhere, code="counted_elsewhere"):
            self.void(f"CURB-2026-03-07-L{adams.pk}", on=NEXT_SUNDAY)
        # What the later close made of it first, the receiving side before the giving one.
        self.void(f"CURB-2026-03-14-L{baker.pk}", on=NEXT_SUNDAY)
        close(THIRD_WEEK)
        assert_books_clean()

    def test_a_charge_that_only_looks_like_a_weeks_is_voided_as_any(self, adams):
        ledger.create_obligation(
            category="TAXES",
            amount=Decimal(1),
            reference_id="TAXES-OLD",
            driver_id=adams.primary_driver_id,
            effective_on=SUNDAY,
        )
        assert len(self.void("TAXES-OLD")) == 1
