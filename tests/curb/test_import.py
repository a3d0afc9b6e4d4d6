"""From the service into the tables, over real HTTP: complete, once, and as received."""

import asyncio
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from curb import aio
from curb import services as curb
from curb.client import Patience
from curb.errors import CurbIncomplete, CurbNotConfigured, PeriodInvalid
from curb.importers.transactions import parse_transactions
from curb.models import CardTransaction, Trip, TripCount, TripFile, UnreadRecord
from curb.rules import PaymentType, TransactionState
from curb.sandbox import Behavior, GeneratedTrips, GivenTrips
from curb.selectors.card_money import list_card_differences
from curb.services.transactions import keep_transactions
from dtr import aio as dtr_aio
from ledger import selectors as ledger
from tests.books import assert_books_clean
from tests.curb import trip
from tests.curb.conftest import PAIRS, do_not_wait
from tests.curb.counting import receive_transaction
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, WEEK, card, close, drive, leased_driver

pytestmark = pytest.mark.django_db

FROM, TO = date(2026, 3, 1), SATURDAY


def records_of(from_on: date = FROM, to_on: date = TO) -> list[dict[str, str]]:
    trips = GeneratedTrips(PAIRS).list_trips(datetime.combine(from_on, time.min), datetime.combine(to_on, time.max))
    return [reported.record for reported in trips]


def card_total(records: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(record["TOTAL_AMOUNT"]) for record in records if record["T"] == "C"), Decimal(0))


def fetch(patience: Patience, from_on: date = FROM, to_on: date = TO) -> curb.CurbImport:
    return curb.import_curb_earnings(from_on=from_on, to_on=to_on, patience=patience)


def sides() -> list[tuple[str, str, str]]:
    """Reported, logged, and why, of the rides of the week that differ."""
    return [(str(row.reported), str(row.logged), row.why) for row in list_card_differences(WEEK)]


def rows() -> tuple[int, int, int]:
    return Trip.objects.count(), CardTransaction.objects.count(), TripFile.objects.count()


class TestImportCurbEarnings:
    def test_an_import_keeps_a_week_as_received(self, connect, at_once):
        connect()
        for pair in PAIRS:
            leased_driver(*pair)

        done = fetch(at_once)

        expected = records_of()
        cards = [record for record in expected if record["T"] == "C"]
        assert (done.trips, done.transactions, done.known, done.errors) == (len(expected), len(cards), 0, 0)
        kept = {trip.record_id: trip.received for trip in Trip.objects.all()}
        assert kept == {record["ID"]: record for record in expected}
        assert Trip.objects.waiting().count() == 0
        one = Trip.objects.order_by("start_at").first()
        assert one is not None
        assert one.raw.startswith("<RECORD ID=")
        assert one.raw.endswith("/>")
        assert one.file.origin == TripFile.Origin.TRIP_LOG
        approved = CardTransaction.objects.filter(state=TransactionState.APPROVED)
        assert approved.aggregate(Sum("amount"))["amount__sum"] == card_total(expected)
        assert CardTransaction.objects.all()[0].raw.startswith("<tran ROWID=")

    def test_a_second_import_changes_nothing(self, connect, at_once):
        connect()
        first = fetch(at_once)
        before = rows()

        again = fetch(at_once)

        assert rows() == before
        assert (again.trips, again.transactions, again.known) == (0, 0, first.trips + first.transactions)

    @pytest.mark.parametrize("trouble", ["drop_every", "error_every", "fault_every"])
    def test_an_import_is_complete_though_every_third_call_fails(self, connect, at_once, trouble):
        sandbox = connect(**{trouble: 3})
        done = fetch(at_once)
        assert done.trips == Trip.objects.count() == len(records_of())
        assert sandbox.calls > 4 * 7

    def test_keeps_what_came_and_says_what_is_missing(self, connect):
        connect(garble_every=4)
        impatient = Patience(attempts=1, sleep=do_not_wait)

        with pytest.raises(CurbIncomplete, match="of CURB's answers are missing") as failure:
            fetch(impatient)

        assert len(failure.value.facts["failures"]) == 7
        assert Trip.objects.count() + CardTransaction.objects.count() > 0

    def test_completes_later_what_was_missing(self, connect):
        sandbox = connect(garble_every=3)
        with pytest.raises(CurbIncomplete):
            fetch(Patience(attempts=1, sleep=do_not_wait))

        sandbox.behavior = Behavior()
        fetch(Patience())

        assert Trip.objects.count() == len(records_of())

    def test_a_record_reported_twice_is_kept_once(self, connect, at_once):
        connect(duplicate_every=4)
        done = fetch(at_once)
        assert Trip.objects.count() == done.trips == len(records_of())
        assert done.known > 0

    def test_declined_and_duplicate_cards_earn_nothing_before_somebody_says_what_they_are(self, connect, at_once):
        connect(duplicate_every=4, declined_every=2)
        leases = [leased_driver(*pair) for pair in PAIRS]
        fetch(at_once)
        assert set(CardTransaction.objects.values_list("state", flat=True)) == {"AP", "DC", "DUP"}
        in_doubt = list(Trip.objects.undecided())
        assert len(in_doubt) == CardTransaction.objects.filter(state="DUP").count() > 0

        close()

        credited = sum(ledger.list_postings(kind="EARNINGS").values_list("amount", flat=True))
        assert credited == card_total(records_of()) - sum(one.total for one in in_doubt)
        assert ledger.list_postings(kind="EARNINGS").count() == len(leases)
        assert_books_clean()

    def test_late_trips_come_with_the_next_import(self, connect, at_once, settings):
        sandbox = connect(late_every=5)
        for pair in PAIRS:
            leased_driver(*pair)
        early = fetch(at_once).trips
        close()

        sandbox.behavior = Behavior()
        late = fetch(at_once)
        assert 0 < late.trips == len(records_of()) - early
        assert late.known > 0
        settings.CURB_URL = ""  # nothing more is asked
        close(NEXT_WEEK)

        assert all(trip.is_late for trip in Trip.objects.filter(week_end=date(2026, 3, 14)))
        credited = TripCount.objects.filter(payment_type="CARD").aggregate(Sum("total"))["total__sum"]
        assert credited == card_total(records_of())
        assert_books_clean()

    def test_a_refund_lowers_the_credit(self, connect, at_once):
        leased_driver()
        connect(GivenTrips([trip(ID="A"), trip(ID="B", START_DATE="03/03/2026 11:00:00", TOTAL_AMOUNT="-7.30")]))
        fetch(at_once)
        close()
        assert [posting.amount for posting in ledger.list_postings(kind="EARNINGS")] == [Decimal("10.00")]

    def test_an_empty_week_leaves_no_trace(self, connect, at_once):
        connect(GeneratedTrips([]))
        assert fetch(at_once) == curb.CurbImport()
        assert rows() == (0, 0, 0)

    def test_an_import_is_refused_without_credentials(self, settings):
        settings.CURB_URL = ""
        with pytest.raises(CurbNotConfigured, match="CURB_URL"):
            curb.import_curb_earnings(from_on=FROM, to_on=TO)

    @pytest.mark.parametrize(("from_on", "to_on"), [(TO, FROM), (date(2020, 1, 1), TO)])
    def test_an_import_of_a_senseless_period_is_refused(self, connect, from_on, to_on):
        connect()
        with pytest.raises(PeriodInvalid):
            curb.import_curb_earnings(from_on=from_on, to_on=to_on)


class TestCardTransactions:
    def test_card_transactions_credit_nobody_by_themselves(self, connect, at_once):
        leased_driver()
        connect(GivenTrips([trip(T="$")]), declined_every=1)
        fetch(at_once)
        close()
        assert CardTransaction.objects.count() == 1
        assert Trip.objects.get().payment_type == PaymentType.CASH
        assert ledger.list_postings(kind="EARNINGS").count() == 0

    def test_an_amended_transaction_supersedes_the_first_which_stays_as_received(self, connect, at_once):
        connect(GivenTrips([trip(ID="A")]))
        fetch(at_once)
        connect(GivenTrips([trip(ID="A", TIPS="5.00", TOTAL_AMOUNT="19.30")]))

        done = fetch(at_once)

        first, second = CardTransaction.objects.order_by("pk")
        assert [(one.amount, one.tips, one.is_current) for one in (first, second)] == [
            (Decimal("17.30"), Decimal("3.00"), False), (Decimal("19.30"), Decimal("5.00"), True),
        ]  # fmt: skip
        assert (second.supersedes, second.row_id) == (first, first.row_id)
        assert (done.transactions, done.trips, done.errors, done.amended) == (1, 1, 0, 2)
        assert done.amended_by == Decimal("2.00")  # of the trip; the transaction is the other side of it

    def test_a_transaction_spelt_otherwise_changes_nothing(self):
        (one,) = drive(card())
        receive_transaction(one, "AP", TRIPTIPS="3.00", TRIPFARE="14.30")
        receive_transaction(one, "AP", TRIPTIPS="3.0", TRIPDRIVERID="05000001", TRIPFARE="14.3", TAX="0.00")
        kept = CardTransaction.objects.get()
        assert (kept.is_current, kept.tips, UnreadRecord.objects.count()) == (True, Decimal("3.00"), 0)

    def test_a_transaction_that_comes_in_another_list_is_amended(self):
        """Approved, and declined on the next day: the first stays as it came, and its trip is in doubt."""
        leased_driver("5000001", "9Z90")
        (one,) = drive(card())
        receive_transaction(one, "AP", row_id="A1")
        assert sides() == [("17.30", "17.30", "Not counted by a close yet")]
        receive_transaction(one, "DC", row_id="A1")
        first, second = CardTransaction.objects.order_by("pk")
        assert [(row.state, row.is_current) for row in (first, second)] == [("AP", False), ("DC", True)]
        assert (second.supersedes, UnreadRecord.objects.count()) == (first, 0)
        assert (second.file.amended_count, second.file.amended_by) == (1, Decimal("-17.30"))
        one.refresh_from_db()
        assert one.paired_with == second
        assert sides() == [("None", "17.30", "Declined or a duplicate: nobody has said how it was paid")]

    def test_a_transaction_that_comes_back_in_a_list_it_has_left_is_an_error(self):
        (one,) = drive(card())
        receive_transaction(one, "DC", row_id="A1")
        receive_transaction(one, "AP", row_id="A1")
        assert TripFile.objects.latest("pk").amended_by == Decimal("17.30")
        receive_transaction(one, "DC", row_id="A1", AMOUNT="17.31")
        assert CardTransaction.objects.get(is_current=True).state == "AP"
        assert "in another of CURB's lists since" in UnreadRecord.objects.get().message

    def test_a_row_that_one_answer_has_twice_otherwise_is_an_error(self):
        rows = "".join(
            f'<tran ROWID="A1"><TRIPDATE>03/03/2026</TRIPDATE><TRIPTIMESTART>10:00</TRIPTIMESTART>'
            f"<AMOUNT>{amount}</AMOUNT></tran>"
            for amount in ("17.30", "17.3", "19.30")
        )
        content = f"<trans>{rows}</trans>".encode()
        keep_transactions(
            file_name="cards", content=content, parsed=parse_transactions(content), state=TransactionState.APPROVED
        )
        assert CardTransaction.objects.get().amount == Decimal("17.30")
        assert "has this row twice" in UnreadRecord.objects.get().message

    def test_both_sides_of_an_amended_ride_are_told(self):
        """The tip settles later: 28.75 and then 30.75, in the log first and then among the transactions."""
        leased_driver("5000001", "9Z90")
        (one,) = drive(trip(ID="A", TIPS="14.45", TOTAL_AMOUNT="28.75"))
        receive_transaction(one, "AP", row_id="A1", AMOUNT="28.75")
        drive(trip(ID="A", TIPS="16.45", TOTAL_AMOUNT="30.75"))
        assert sides() == [("28.75", "30.75", "The transaction and the trip differ")]
        receive_transaction(one, "AP", row_id="A1", AMOUNT="30.75")
        assert sides() == [("30.75", "30.75", "Not counted by a close yet")]
        close()
        assert sides() == []

    @pytest.mark.parametrize("change", [{"amount": 0}, {"raw": ""}, {"state": "DC"}])
    @pytest.mark.owner
    def test_card_transactions_can_not_be_changed(self, connect, at_once, change):
        connect(GivenTrips([trip()]))
        fetch(at_once)
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            CardTransaction.objects.update(**{"is_current": False, **change})

    @pytest.mark.owner
    def test_raw_xml_of_a_trip_can_not_be_changed(self, connect, at_once):
        connect(GivenTrips([trip()]))
        fetch(at_once)
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            Trip.objects.update(raw="")


@pytest.mark.django_db(transaction=True)
def test_an_async_caller_imports_and_reconciles(connect, at_once):
    sandbox = connect(drop_every=3)
    for pair in PAIRS:
        leased_driver(*pair)

    async def work():
        done = await aio.import_curb_earnings(from_on=FROM, to_on=TO, patience=at_once)
        await dtr_aio.close_week(week=WEEK, today=date(2026, 3, 8))
        return done, await aio.reconcile_trips(closed_through=WEEK, patience=at_once)

    done, settled = asyncio.run(work())
    assert done.trips == len(records_of()) == len(sandbox.receipts)
    assert settled.failures == ()
