"""A real Chromium before a fleet that is served: one browser a worker, and one set of data a module.

``make test ARGS="tests/browser --headed --slowmo 500"`` shows what it does, ``--screenshot only-on-failure`` keeps what
it saw last.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, TransactionTestCase
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import CHROMIUM, WITHOUT
from tests.browser.fleet import Fleet, asking, make_fleet

HERE = Path(__file__).parent
#: A page that has not come by then never will.
PATIENCE = 15_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.django_db(transaction=True))
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason=WITHOUT))


@pytest.fixture
def _django_db_helper() -> None:
    """Nothing: pytest-django would empty the database after each test, and a module's data are emptied after it."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ["--no-sandbox"]}


# Playwright drives its browser by a loop of its own in the thread of the tests, which Django takes for asynchronous
# code. So a module's browser comes after its data and goes before it; `asking` sets the loop aside for a question
# in between.


@pytest.fixture(scope="module")
def fleet(django_db_setup: None, django_db_blocker: Any) -> Iterator[Fleet]:
    """A small fleet, for all tests of a module: each takes a driver of its own."""
    with django_db_blocker.unblock():
        yield make_fleet()
        TransactionTestCase("__init__")._fixture_teardown()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def served(fleet: Fleet) -> Iterator[str]:
    """The fleet's address."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def playwright(served: str) -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    started = playwright.chromium.launch(**browser_type_launch_args)
    yield started
    started.close()


@pytest.fixture(scope="module")
def browser_context_args() -> dict[str, Any]:
    return {"locale": "en-US", "timezone_id": "America/New_York", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def signed_in(served: str, page: Page) -> Any:
    """Sign the browser in with a role: ``page = signed_in("Cashier")``."""

    def sign_in(role: str) -> Page:
        client = Client()
        with asking():
            client.force_login(Fleet.person(role))
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": served}])
        page.set_default_timeout(PATIENCE)
        return page

    return sign_in
