"""What runs by itself: the tasks exist, in New York's time, and an operator's pause outlives a restart."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from config.celery import app
from config.schedules import SCHEDULES

NEW_YORK = ZoneInfo("America/New_York")


def restart_beat() -> None:
    DatabaseScheduler(app=app).sync()


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in SCHEDULES.values()} - set(app.tasks) == set()


@pytest.mark.django_db(transaction=True)  # beat closes old connections as it goes
class TestDatabaseScheduler:
    def test_every_entry_is_stored_in_new_york_time(self):
        restart_beat()

        stored = {task.name: task for task in PeriodicTask.objects.exclude(name__startswith="celery.")}
        assert stored.keys() == SCHEDULES.keys()
        assert {str(task.crontab.timezone) for task in stored.values() if task.crontab} == {"America/New_York"}

    def test_a_pause_is_kept_over_a_restart(self):
        restart_beat()
        PeriodicTask.objects.filter(name="Nightly audits").update(enabled=False)

        restart_beat()

        assert PeriodicTask.objects.get(name="Nightly audits").enabled is False

    def test_three_at_night_means_new_york_in_summer_and_winter(self):
        schedule = SCHEDULES["Nightly audits"]["schedule"]
        for noon in (datetime(2026, 1, 3, 12, tzinfo=NEW_YORK), datetime(2026, 7, 4, 12, tzinfo=NEW_YORK)):
            schedule.nowfun = lambda now=noon: now
            assert schedule.remaining_estimate(noon).total_seconds() == 15 * 3600
