"""Rows that many tests begin with and none needs anew, made once a module or a class: each test is undone to them."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import pytest
from django.db import connection, transaction

T = TypeVar("T")


class MadeOnce(Protocol):
    def __call__(self, make: Callable[[], T], /) -> T:
        """Have ``make`` make its rows. What a test may change of them in Python, it gets as a copy."""


def _make_once(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[MadeOnce]:
    committing = [item.name for item in request.session.items if item.path == request.path and commits(item)]
    assert not committing, f"What is made once is in a transaction, and these commit: {committing}"

    def call(make: Callable[[], T], /) -> T:
        with django_db_blocker.unblock():
            made = make()
            connection.check_constraints()  # once, and not after each test
        return made

    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own around a test: a service may be durable
    with django_db_blocker.unblock():
        around.__enter__()
    yield call
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


#: For fixtures of a module, none of whose tests commits.
made_once = pytest.fixture(scope="module", name="made_once")(_make_once)
#: For fixtures of a class, where other tests of the module begin with nothing; none of the module's commits.
made_once_a_class = pytest.fixture(scope="class", name="made_once_a_class")(_make_once)


def commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    asked_for = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked_for or (marker and marker.kwargs.get("transaction")))
