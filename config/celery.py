"""The Celery app. Its settings are those of `config.settings` that begin with CELERY_."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.conf import settings

from config.heartbeat import Heartbeat
from config.surroundings import refuse_weak_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("fleet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Heartbeat)


@worker_init.connect
@beat_init.connect
def _refuse_weak_key(**_: Any) -> None:
    refuse_weak_key(settings.SECRET_KEY)
