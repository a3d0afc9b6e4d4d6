"""What a test's fleet starts with, besides what every new fleet does: no card trips are expected of its weeks.

So a test closes a week with the few trips that it is about. One about what a week must have says what is expected by
``curb.services.expect_card_trips``.
"""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

REASON = "A test brings the trips that it is about."


def install() -> None:
    """Have it said in each test database: after the migrations, and again after a flush."""
    post_migrate.connect(_say_so, sender=apps.get_app_config("curb"), dispatch_uid="tests.reference_facts")


def _say_so(*, app_config: AppConfig, using: str, **kwargs: Any) -> None:
    expected = app_config.get_model("CardTripsExpected")
    if not expected._default_manager.using(using).exists():
        expected._default_manager.using(using).create(since=None, reason=REASON)
