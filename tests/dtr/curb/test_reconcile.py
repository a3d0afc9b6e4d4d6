"""After crediting, trips are marked as reconciled at CURB: once, by a receipt, and again until CURB has answered."""

import pytest
from django.db import IntegrityError, connection, transaction

from dtr import services as dtr
from dtr.curb import Patience
from dtr.curb.sandbox import Behavior
from dtr.models import Reconciliation, Trip
from dtr.services import reconciliations
from tests.dtr.curb.conftest import do_not_wait
from tests.dtr.fleet import NEXT_SATURDAY, card, cash, close, drive, leased_driver

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted():
    """Two trips of a closed week in two periods, and one that waits."""
    leased_driver()
    trips = drive(card(), cash(PERIOD="202602"), card(DRIVER="9999999"))
    close()
    return trips[:2]


def reconcile(patience=None):
    return dtr.reconcile_trips(patience=patience or Patience(sleep=do_not_wait))


class TestReconcileTrips:
    def test_marks_what_a_closed_week_counted(self, connect, counted):
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

    def test_sends_nothing_the_second_time(self, connect, counted):
        sandbox = connect()
        reconcile()
        calls = sandbox.calls
        assert reconcile() == dtr.Settlement(0)
        assert (sandbox.calls, Reconciliation.objects.count()) == (calls, 2)

    def test_sends_again_under_the_same_number_what_failed(self, connect, counted):
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

    def test_leaves_an_open_week_alone(self, connect):
        connect()
        leased_driver()
        drive(card())
        dtr.start_week(week_end=NEXT_SATURDAY, today=NEXT_SATURDAY.replace(day=15))
        assert reconcile() == dtr.Settlement(0)
        assert Reconciliation.objects.count() == 0

    def test_splits_many_trips(self, connect, monkeypatch):
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

    def test_writes_nothing_without_credentials(self, settings, counted):
        settings.CURB_URL = ""
        with pytest.raises(dtr.CurbNotConfigured):
            dtr.reconcile_trips()
        assert Reconciliation.objects.count() == 0


class TestTheDatabaseKeepsReceipts:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE dtr_reconciliations SET confirmed_at = NULL",
            "UPDATE dtr_reconciliations SET week_end = '2026-03-14'",
            "DELETE FROM dtr_reconciliations",
            "UPDATE dtr_trips SET reconciliation_id = NULL WHERE reconciliation_id IS NOT NULL",
        ],
    )
    def test_refuses_to_change_one(self, connect, counted, statement):
        connect()
        reconcile()
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
