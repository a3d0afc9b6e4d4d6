"""The Celery app. Its settings are those of `config.settings` that begin with CELERY_."""

import os

from celery import Celery

from config.health import Heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("fleet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Heartbeat)
