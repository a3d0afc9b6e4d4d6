"""Card trips that CURB lists as declined or duplicate are left out until somebody says how they were paid."""

import pytest

from core.errors import ReasonRequired, ValueInvalid
from curb import selectors
from curb import services as curb
from tests.books import assert_books_clean
from tests.curb.counting import counts_of, nothing_corrected, receive_transaction
from tests.dtr.fleet import NEXT_WEEK, WEEK, card, cash, close, drive, leased_driver, live_balances
from tests.refusals import refused

pytestmark = pytest.mark.django_db

THIRD_WEEK = NEXT_WEEK.next


@pytest.fixture
def adams():
    return leased_driver("5000001", "9Z90")


class TestPairs:
    """The pair itself, and what comes of it."""

    @pytest.fixture
    def pair(self, adams):
        def make(state="DC", trip_=None, **different):
            (one,) = drive(trip_ or card())
            receive_transaction(one, state, **different)
            one.refresh_from_db()
            return one

        return make

    @pytest.mark.parametrize("state", ["DC", "DUP"])
    def test_a_pair_is_neither_credited_nor_taxed(self, pair, adams, state):
        one = pair(state)
        assert list(selectors.list_paired_trips(WEEK)) == [one]
        close()
        assert (counts_of(one), live_balances(adams.primary_driver)) == ([], {})
        assert list(selectors.list_paired_trips(NEXT_WEEK)) == [one]
        assert_books_clean()

    @pytest.mark.parametrize("different", [{"TRIPDRIVERID": "05000001"}, {"TRIPDRIVERID": "0005000001"}])
    def test_zeros_before_the_license_make_the_same_pair(self, pair, different):
        assert pair(**different).paired_with is not None

    @pytest.mark.parametrize(
        "different",
        [
            {"CABNUMBER": "9Z99"},
            {"TRIPDRIVERID": "5000009"},
            {"NUM_SERVICE": "8"},
            {"TRIPTIMESTART": "10:01"},
            {"AMOUNT": "17.31"},
        ],
    )
    def test_anything_different_makes_no_pair(self, pair, different):
        one = pair(**different)
        assert one.paired_with is None
        close()
        assert [sign for sign, *_ in counts_of(one)] == [1]
        (row,) = selectors.list_unpaired_transactions()
        assert getattr(row, "in_cash") is False  # noqa: B009  (an annotation)

    def test_an_approved_transaction_makes_no_pair(self, pair):
        assert pair("AP").paired_with is None
        assert list(selectors.list_unpaired_transactions()) == []

    def test_a_trip_paid_in_cash_makes_no_pair_and_says_why(self, pair):
        one = pair(trip_=cash("17.30"))
        close()
        assert [sign for sign, *_ in counts_of(one)] == [1]
        (row,) = selectors.list_unpaired_transactions()
        assert getattr(row, "in_cash") is True  # noqa: B009  (an annotation)

    def test_a_trip_that_comes_after_the_transaction_is_paired_too(self, adams):
        (first,) = drive(card(ID="7"))
        receive_transaction(first, "DC")
        (second,) = drive(card(ID="8"))
        assert second.paired_with is not None

    @pytest.mark.parametrize(
        ("said", "references"),
        [("CARD", ["CURB", "TAXES"]), ("CASH", ["TAXES"]), ("NO_CHARGE", [])],
    )
    def test_what_somebody_says_is_counted_by_the_next_close(self, pair, adams, said, references):
        one = pair()
        close()
        curb.decide_payment(trip_id=one.pk, counts_as=said, reason="The passenger says so", actor=None)
        assert list(selectors.list_paired_trips(NEXT_WEEK)) == []
        close(NEXT_WEEK)
        assert [sign for sign, *_ in counts_of(one)] == [1]
        assert sorted(name.partition("-")[0] for name in live_balances(adams.primary_driver)) == references
        assert_books_clean()

    def test_a_trip_counted_before_the_transaction_came_stays_until_somebody_says(self, pair, adams):
        (one,) = drive(card())
        close()
        receive_transaction(one, "DC")
        close(NEXT_WEEK)
        assert [sign for sign, *_ in counts_of(one)] == [1]
        assert list(selectors.list_undecided_trips()) == [one]
        curb.decide_payment(trip_id=one.pk, counts_as="CASH", reason="Paid in cash", actor=None)
        close(THIRD_WEEK)
        assert [(row.sign, row.payment_type) for row in one.counts.order_by("id")] == [
            (1, "CARD"), (-1, "CARD"), (1, "CASH"),
        ]  # fmt: skip
        assert_books_clean()

    def test_refusals_write_nothing(self, pair, adams):
        (plain,) = drive(card(ID="P", START_DATE="03/03/2026 12:00:00"))
        one = pair()
        with nothing_corrected(curb.NotInDoubt, code="trip_not_in_doubt"):
            curb.decide_payment(trip_id=plain.pk, counts_as="CASH", reason="Cash", actor=None)
        with nothing_corrected(ValueInvalid, field="counts_as"):
            curb.decide_payment(trip_id=one.pk, counts_as="PRIVATE", reason="Cash", actor=None)
        with nothing_corrected(ReasonRequired):
            curb.decide_payment(trip_id=one.pk, counts_as="CASH", reason="", actor=None)
        curb.decide_payment(trip_id=one.pk, counts_as="CASH", reason="Cash", actor=None)
        with refused(curb.AlreadyDecided, code="already_decided", field="counts_as"):
            curb.decide_payment(trip_id=one.pk, counts_as="CASH", reason="Cash", actor=None)
