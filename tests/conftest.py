"""What every test shares: a database that is soon clean again, and quick commits."""

import gc
import signal
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections

from config.celery import app
from tests import reference_facts, static_files
from tests.made_once import made_once as made_once
from tests.made_once import made_once_a_class as made_once_a_class
from tests.owner import as_owner, work_as_role
from tests.postgresql import reference, rendering

# A task that a test sends must not reach the worker of a fleet being served on this machine.
app.conf.update(broker_url="memory://")

# Tests of one machine share its Redis, and thousands of requests; those of the limits set their own.
settings.API_REQUESTS_PER_MINUTE = settings.API_REFUSED_PER_MINUTE = 0

# No test reads or deletes what was uploaded on this machine while uploads lay on the disk.
settings.MEDIA_ROOT = settings.DATA_DIR / "no-uploads"

# A shell has what it starts in the background ignore an interrupt, and so would the servers that tests start to stop.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

reference.install()
rendering.install()
reference_facts.install()
static_files.install()


#: Start servers, for up to a minute each: at the end one worker would wait for the other at them.
LONG = ("upgrade", "test_serve.py", "test_embedded.py", "test_backups.py")

gc.disable()  # while the code and the tests are collected, nothing is thrown away


@pytest.hookimpl(trylast=True)  # pytest-django puts the tests that commit behind the others: among them it stays so
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, of those that leave the test database alone.

    Of these first those that need none: meanwhile the other worker makes the database that all others are copied from.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    is_long = item.path.name in LONG or item.path.parent.name in LONG
    if not is_long or item.get_closest_marker("django_db"):
        return 2
    return "django_db_setup" in getattr(item, "fixturenames", ())


def pytest_collection_finish() -> None:
    """Let the collector pass over what lives to the end (the code and the collected tests), and look more seldom."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True)
def _as_owner_where_marked(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test marked ``owner`` is about what the database's owner meets, such as a guard on what the role may not do."""
    if request.node.get_closest_marker("owner") is None:
        yield
        return
    request.getfixturevalue("_django_db_marker")
    with as_owner():
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Connect through the test backend (see tests/postgresql), and do not wait for the disk at each commit."""
    database = settings.DATABASES["default"]
    database["ENGINE"] = "tests.postgresql"
    database["OPTIONS"] = {**database["OPTIONS"], "options": "-c synchronous_commit=off"}
    work_as_role(database)
    connections["default"].close()
    del connections["default"]  # made with the engine of the settings; the next use makes it anew
