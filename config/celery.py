"""The Celery app. Its settings are those of `config.settings` that begin with CELERY_."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, task_prerun, worker_init
from django.conf import settings
from django.utils.log import configure_logging

from config.heartbeat import Heartbeat
from config.surroundings import refuse_weak_key
from core.log_context import begin_task

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("fleet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Heartbeat)


@worker_init.connect
@beat_init.connect
def _refuse_weak_key(**_: Any) -> None:
    refuse_weak_key(settings.SECRET_KEY)


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Who listens here keeps Celery from a log of its own: LOG_LEVEL and LOG_FORMAT count for worker and beat too."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@task_prerun.connect
def _begin_task(**_: Any) -> None:
    begin_task()
