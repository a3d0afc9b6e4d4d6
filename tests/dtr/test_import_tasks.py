"""The tasks that talk to CURB: the import that begins the chain, and the receipts of closed weeks."""

from datetime import date

import pytest
from django.utils import timezone

from curb.errors import CurbIncomplete
from curb.models import Reconciliation, Trip
from curb.sandbox import Behavior
from curb.services import import_curb_earnings
from dtr import tasks
from dtr.errors import WeekNotReady
from dtr.models import WeekClose
from tests.curb.conftest import PAIRS
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, WEEK, close, leased_driver, start
from tests.factories import DriverFactory

pytestmark = pytest.mark.django_db

NAME = SATURDAY.isoformat()


@pytest.fixture
def closes_sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The weeks whose close was sent to the workers."""
    weeks: list[str] = []
    monkeypatch.setattr(tasks.close_week_task, "delay", weeks.append)
    return weeks


class TestImportTask:
    def test_an_import_is_of_the_week_and_the_two_before(self, connect, sunday, closes_sent):
        connect()
        tasks.import_curb_earnings_task()
        days = {timezone.localdate(one.start_at) for one in Trip.objects.all()}
        assert (min(days), max(days), len(days)) == (date(2026, 2, 15), SATURDAY, 21)
        assert closes_sent == []

    def test_an_import_may_be_of_another_week_by_its_saturday(self, connect, sunday, closes_sent):
        connect()
        tasks.import_curb_earnings_task("2026-02-28")
        days = {timezone.localdate(one.start_at) for one in Trip.objects.all()}
        assert (min(days), max(days)) == (date(2026, 2, 8), date(2026, 2, 28))

    def test_an_import_then_has_the_week_closed(self, connect, sunday, closes_sent):
        leased_driver()
        connect()
        tasks.import_curb_earnings_task(then_close=True)
        assert closes_sent == [NAME]

    def test_an_import_alone_fails_when_answers_are_missing(self, connect, sunday):
        connect(garble_every=50)
        with pytest.raises(CurbIncomplete):
            tasks.import_curb_earnings_task()

    def test_a_week_is_not_closed_without_its_earnings(self, connect, sunday):
        connect(garble_every=20)
        tasks.import_curb_earnings_task(then_close=True)
        with pytest.raises(WeekNotReady):
            tasks.close_week_task(NAME)
        assert WeekClose.objects.count() == 0

    def test_a_close_that_was_stopped_runs_when_the_answers_are_there(self, connect, sunday, worker):
        leased_driver()
        sandbox = connect(garble_every=20)
        tasks.import_curb_earnings_task(then_close=True)
        assert WeekClose.objects.count() == 0
        sandbox.behavior = Behavior()
        tasks.import_curb_earnings_task(then_close=True)
        assert WeekClose.objects.get().is_closed

    def test_an_import_leaves_a_week_alone_that_was_begun(self, connect, sunday, closes_sent):
        close()
        sandbox = connect()
        tasks.import_curb_earnings_task(then_close=True)
        assert (sandbox.calls, closes_sent, WeekClose.objects.count()) == (0, [], 1)

    def test_a_week_is_closed_without_credentials_with_what_files_brought(self, settings, sunday, closes_sent):
        leased_driver()
        settings.CURB_URL = ""
        tasks.import_curb_earnings_task(then_close=True)
        assert closes_sent == [NAME]


class TestReconcileTask:
    def test_the_trips_of_closed_weeks_are_settled(self, connect):
        sandbox = connect()
        for pair in PAIRS:
            leased_driver(*pair)
        import_curb_earnings(from_on=WEEK.start, to_on=WEEK.end)
        close()
        tasks.reconcile_curb_trips_task()
        assert len(sandbox.receipts) == Trip.objects.count() > 0

    def test_nothing_is_settled_while_no_week_is_closed(self, connect):
        DriverFactory.create()
        start(NEXT_WEEK)
        sandbox = connect()
        tasks.reconcile_curb_trips_task()
        assert (sandbox.calls, Reconciliation.objects.count()) == (0, 0)

    def test_settling_is_quiet_without_credentials(self, settings):
        settings.CURB_URL = ""
        close()
        tasks.reconcile_curb_trips_task()
        assert Reconciliation.objects.count() == 0
