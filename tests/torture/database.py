"""A database of its own, a clock of its own, and Django set up for acts from a program instead of a test run."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.utils import timezone

#: All acts of a run are of days that have passed, whenever it is run.
FIRST_DAY = datetime(2025, 1, 5, 14, tzinfo=UTC)


class Clock:
    """What the interfaces take for the present moment while :meth:`installed`; it goes on by itself within a day."""

    def __init__(self) -> None:
        self.moment = FIRST_DAY

    def read(self) -> datetime:
        self.moment += timedelta(milliseconds=20)
        return self.moment

    def next_day(self, days: int = 1) -> None:
        self.moment = self.moment.replace(hour=FIRST_DAY.hour, minute=0, second=0) + timedelta(days=days)

    @contextmanager
    def set_back(self, days: int) -> Iterator[None]:
        """Have the clock show an earlier day for a while, as a machine's does when it is set wrong."""
        self.moment -= timedelta(days=days)
        try:
            yield
        finally:
            self.moment += timedelta(days=days)

    @contextmanager
    def installed(self) -> Iterator[None]:
        real = timezone.now
        timezone.now = self.read
        try:
            yield
        finally:
            timezone.now = real


@contextmanager
def database_of_its_own() -> Iterator[None]:
    """Set Django up with a fresh database, made by the migrations, and drop it in the end.

    The server is the one of the settings (DATABASE_URL, or the embedded one of DATA_DIR), as in the tests.
    """
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import connection, connections
    from django.test.utils import setup_test_environment, teardown_test_environment

    from config.celery import app
    from tests.owner import work_as_role

    logging.disable(logging.ERROR)  # refusals are what is asked for here, and told in a table
    app.conf.update(broker_url="memory://")  # no worker of a fleet being served here shall hear of it
    settings.API_REQUESTS_PER_MINUTE = settings.API_REFUSED_PER_MINUTE = 0
    database = settings.DATABASES["default"]
    database["ENGINE"] = "tests.postgresql"
    database["OPTIONS"] = {**database["OPTIONS"], "options": "-c synchronous_commit=off"}
    work_as_role(database)
    database["TEST"] = {**database.get("TEST", {}), "NAME": f"torture_{os.getpid()}"}
    connections["default"].close()
    del connections["default"]
    setup_test_environment()
    connections["default"].creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(f"torture_{os.getpid()}", verbosity=0)
        teardown_test_environment()
