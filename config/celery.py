"""The Celery app. Its settings are those of `config.settings` that begin with CELERY_."""

import gc
import os
from typing import Any

from celery import Celery, Task
from celery.apps import beat
from celery.schedules import crontab
from celery.signals import setup_logging, task_prerun, worker_init
from django.apps import apps
from django.conf import settings
from django.utils.log import configure_logging

from config.heartbeat import Heartbeat
from config.schedules import SCHEDULES
from core.log_context import begin_task
from core.outages import is_outage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if not (apps.loading or apps.ready):
    gc.disable()  # as in manage.py: a worker or beat loads the code from here on

#: Seconds between two tries of a task that met no database, and how often: for three hours.
_RETRY_SECONDS = 300
_RETRIES = 36
#: What is sent once a day. All else comes again within the hour by itself, and would only pile up.
DAILY = frozenset(
    entry["task"]
    for entry in SCHEDULES.values()
    if isinstance(entry["schedule"], crontab) and len(vars(entry["schedule"])["hour"]) == 1
)


class PatientTask(Task):
    """A task that is sent once a day, and finds the database away, is tried again until it is there."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(*args, **kwargs)
        except Exception as failure:
            if self.name not in DAILY or self.request.called_directly or not is_outage(failure):
                raise
            raise self.retry(exc=failure, countdown=_RETRY_SECONDS, max_retries=_RETRIES) from failure


class Beat(beat.Beat):
    """Looks at the database before its schedule does; Celery's own signal comes after that."""

    def start_scheduler(self) -> Any:
        _begin()
        return super().start_scheduler()


app = Celery("fleet", task_cls=PatientTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Heartbeat)
app.__dict__["Beat"] = app.subclass_with_self(Beat, name="Beat")  # where Celery keeps its own, once made


@worker_init.connect
def _begin(**_: Any) -> None:
    from config import startup  # it reads the apps, which this module is loaded by

    startup.begin()


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Who listens here keeps Celery from a log of its own: LOG_LEVEL and LOG_FORMAT count for worker and beat too."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@task_prerun.connect
def _begin_task(**_: Any) -> None:
    begin_task()
