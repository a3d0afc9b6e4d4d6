"""After crediting, trips are marked as reconciled at CURB: once, by a receipt, and again until CURB has answered."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from curb import services as curb
from curb.client import Patience
from curb.errors import CurbNotConfigured
from curb.models import Reconciliation, Trip
from curb.sandbox import Behavior
from curb.services import reconciliations
from dtr import services as dtr
from tests.curb.conftest import do_not_wait
from tests.dtr.fleet import NEXT_SATURDAY, NEXT_WEEK, WEEK, card, cash, close, drive, leased_driver, make_ready
from tests.ledger.hostile import findings_of, guards_off
from tests.owner import as_owner
from tests.threads import run_together

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted():
    """Two trips of a closed week in two periods, and one that waits."""
    leased_driver()
    trips = drive(card(), cash(PERIOD="202602"), card(DRIVER="9999999"))
    close()
    return trips[:2]


def reconcile(patience=None):
    return curb.reconcile_trips(closed_through=WEEK, patience=patience or Patience(sleep=do_not_wait))


class TestReconcileTrips:
    def test_what_a_closed_week_counted_is_marked_at_curb(self, connect, counted):
        sandbox = connect()

        assert reconcile().confirmed == 2

        receipts = {receipt.period: receipt for receipt in Reconciliation.objects.all()}
        assert sandbox.receipts == {
            counted[0].record_id: receipts["202603"].pk,
            counted[1].record_id: receipts["202602"].pk,
        }
        assert [(receipt.attempts, receipt.last_error) for receipt in receipts.values()] == [(1, "")] * 2
        assert all(receipt.confirmed_at for receipt in receipts.values())
        assert Trip.objects.filter(reconciliation=None).count() == 1

    def test_a_receipt_is_not_sent_a_second_time(self, connect, counted):
        sandbox = connect()
        reconcile()
        calls = sandbox.calls
        assert reconcile() == curb.Settlement(0)
        assert (sandbox.calls, Reconciliation.objects.count()) == (calls, 2)

    def test_what_failed_is_sent_again_under_the_same_number(self, connect, counted):
        sandbox = connect(error_every=1)
        failed = reconcile(Patience(attempts=2, sleep=do_not_wait))
        assert (failed.confirmed, len(failed.failures)) == (0, 2)
        assert {receipt.last_error for receipt in Reconciliation.objects.all()} == {
            "CURB answered Reconciliation_TRIP_LOG with HTTP 503."
        }
        numbers = set(Reconciliation.objects.values_list("pk", flat=True))

        sandbox.behavior = Behavior()
        assert reconcile().confirmed == 2

        assert set(sandbox.receipts.values()) == numbers
        assert [(receipt.attempts, receipt.last_error) for receipt in Reconciliation.objects.all()] == [(2, "")] * 2

    def test_an_answer_that_was_lost_does_no_harm(self, connect, counted):
        # The first connection ends without an answer, the second in the middle of one: CURB did mark the trips.
        sandbox = connect(drop_every=1)
        reconcile(Patience(attempts=2, sleep=do_not_wait))
        marked = dict(sandbox.receipts)
        assert marked

        sandbox.behavior = Behavior()
        reconcile()
        assert marked.items() <= sandbox.receipts.items()

    def test_an_open_week_has_no_receipts(self, connect):
        connect()
        leased_driver()
        drive(card())
        make_ready(NEXT_WEEK)
        dtr.start_week(week=NEXT_WEEK, today=NEXT_SATURDAY.replace(day=15))
        assert reconcile() == curb.Settlement(0)
        assert Reconciliation.objects.count() == 0

    def test_many_trips_are_split_over_receipts(self, connect, monkeypatch):
        sandbox = connect()
        leased_driver()
        drive(*(card() for _ in range(5)))
        close()
        monkeypatch.setattr(reconciliations, "TRIPS_ON_A_RECEIPT", 2)
        assert reconcile().confirmed == 3
        assert sorted(list(sandbox.receipts.values()).count(number) for number in set(sandbox.receipts.values())) == [
            1,
            2,
            2,
        ]

    def test_no_receipt_is_made_without_credentials(self, settings, counted):
        settings.CURB_URL = ""
        with pytest.raises(CurbNotConfigured):
            curb.reconcile_trips(closed_through=WEEK)
        assert Reconciliation.objects.count() == 0


class TestReceipts:
    def test_the_trips_are_locked_in_order_before_a_receipt_is_made(self, counted):
        with CaptureQueriesContext(connection) as captured:
            reconciliations.make_receipts(closed_through=WEEK)
        statements = [query["sql"] for query in captured.captured_queries]
        lock = next(n for n, sql in enumerate(statements) if "FOR NO KEY UPDATE" in sql)
        assert 'FROM "curb_trips"' in statements[lock]
        assert 'ORDER BY 1 ASC, "curb_trips"."start_at" ASC, 2 ASC' in statements[lock]
        first_write = next(n for n, sql in enumerate(statements) if sql.startswith(("INSERT", "UPDATE")))
        assert lock < first_write

    def test_a_trip_on_the_wrong_receipt_is_found(self, connect, counted):
        connect()
        reconcile()
        receipts = {receipt.period: receipt.pk for receipt in Reconciliation.objects.all()}
        assert findings_of("dtr.receipts") == []
        connection.check_constraints()  # a table with deferred checks to do can't be altered
        with guards_off("curb_trips"), as_owner(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE curb_trips SET reconciliation_id = %s WHERE id = %s", [receipts["202602"], counted[0].pk]
            )
            connection.check_constraints()
        assert findings_of("dtr.receipts") == [
            f"Trip {counted[0]}: it is on receipt {receipts['202602']}, which is not of its closed week and period."
        ]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_put_each_trip_on_one_receipt(connect):
    sandbox = connect(delay=0.05)
    leased_driver()
    trips = drive(*(card() for _ in range(4)))
    close()

    settled = run_together(reconcile, reconcile)

    assert [run.failures for run in settled] == [(), ()]
    assert sum(run.confirmed for run in settled) == Reconciliation.objects.count() == 1
    assert sandbox.receipts == dict.fromkeys((one.record_id for one in trips), Reconciliation.objects.get().pk)


class TestTheDatabaseKeepsReceipts:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE curb_reconciliations SET confirmed_at = NULL",
            "UPDATE curb_reconciliations SET week_end = '2026-03-14'",
            "DELETE FROM curb_reconciliations",
            "UPDATE curb_trips SET reconciliation_id = NULL WHERE reconciliation_id IS NOT NULL",
        ],
    )
    @pytest.mark.owner
    def test_the_database_refuses_to_change_a_receipt(self, connect, counted, statement):
        connect()
        reconcile()
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
