"""The Celery app. Its settings are those of `config.settings` that begin with CELERY_."""

import os
from typing import Any

from celery import Celery, Task
from celery.schedules import crontab
from celery.signals import beat_init, worker_init
from django.conf import settings

from config.heartbeat import Heartbeat
from config.schedules import SCHEDULES
from config.surroundings import refuse_weak_key
from core.outages import is_outage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

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


app = Celery("fleet", task_cls=PatientTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Heartbeat)


@worker_init.connect
@beat_init.connect
def _refuse_weak_key(**_: Any) -> None:
    refuse_weak_key(settings.SECRET_KEY)
