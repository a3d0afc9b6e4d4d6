"""A week that lacks card trips does not close by itself; somebody says why it may, and the next closes as ever."""

from datetime import date, datetime, time, timedelta

import pytest

from config.celery import app
from core.clock import at
from curb import services as curb
from dtr import services as dtr
from dtr import tasks
from dtr.models import Check, Overrule, WeekClose
from leases.models import Lease
from tests.books import assert_books_clean
from tests.dtr.conftest import clock_at
from tests.factories import UserFactory
from tests.stories.fleet import SATURDAY, drive, read_books, rent_cab, table

pytestmark = pytest.mark.django_db

THURSDAY = date(2026, 11, 19)
SUNDAY = SATURDAY + timedelta(days=1)


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch):
    """Beat, at that moment; the workers do at once what it sends."""
    app.conf.task_always_eager = True

    def at_moment(moment: datetime) -> None:
        monkeypatch.setattr(tasks, "timezone", clock_at(moment))
        tasks.import_curb_earnings_task(then_close=True)

    yield at_moment
    app.conf.task_always_eager = False


def drive_week(lease: Lease, first: date, *, but: tuple[date, ...] = ()) -> None:
    for passed in range(7):
        day = first + timedelta(days=passed)
        if day not in but:
            drive(lease, card="100.00", card_taxes="3.00", on=day)


def test_a_snow_day_is_overruled_and_the_week_closes_within_the_hour(tick):
    """Snow on Thursday: six days of 100.00 by card. The supervisor comes at seven, and says why."""
    lease = rent_cab(lease=12)
    curb.expect_card_trips(since=SATURDAY - timedelta(days=6), reason="Go-live", actor=None)
    drive_week(lease, SATURDAY - timedelta(days=6), but=(THURSDAY,))
    supervisor = UserFactory.create(groups=["Supervisor"])

    tick(at(SUNDAY, time(5)))
    tick(at(SUNDAY, time(6)))
    assert WeekClose.objects.count() == 0
    assert read_books(lease.primary_driver) == []

    week = WeekClose(week_end=SATURDAY).week
    dtr.overrule_check(
        week=week, check=Check.CARD_TRIPS, reason="Snow: the city was closed", today=SUNDAY, actor=supervisor
    )
    tick(at(SUNDAY, time(7)))
    assert WeekClose.objects.get().is_closed
    assert Overrule.objects.get().finding == "No card trip on Thursday, Nov 19."
    assert read_books(lease.primary_driver) == table(
        """
        CURB-2026-11-21-L12   600.00   82.00  OPEN
        TAXES-2026-11-21-L12   18.00       -  SETTLED
        LEASE-12-2026W47      500.00       -  SETTLED
        """.replace(" - ", " 0.00 ")
    )
    assert_books_clean()


def test_a_week_without_trips_waits_for_a_word_and_closes_when_they_come(tick):
    """Nothing came from the meters: the week stays open. On Monday the file is there, and it closes by itself."""
    lease = rent_cab(lease=12, weeks=2, start=SATURDAY - timedelta(days=13))
    curb.expect_card_trips(since=SATURDAY - timedelta(days=13), reason="Go-live", actor=None)
    drive_week(lease, SATURDAY - timedelta(days=13))
    tick(at(SATURDAY - timedelta(days=6), time(5)))
    assert WeekClose.objects.get().is_closed

    tick(at(SUNDAY, time(5)))
    tick(at(SUNDAY + timedelta(days=1), time(9)))
    assert WeekClose.objects.count() == 1

    drive_week(lease, SATURDAY - timedelta(days=6))
    tick(at(SUNDAY + timedelta(days=1), time(10)))
    assert WeekClose.objects.filter(state=WeekClose.State.CLOSED).count() == 2
    assert_books_clean()
