"""The books at the end of a story: every audit of every app, and not one finding."""

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

from core.audits import Audit, list_audits, snapshot
from ledger.models import LedgerPosting

#: By session of PostgreSQL: the names under which it keeps how it answers what the audits ask.
_planned: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
#: By audit: all that it asks while nothing is found. None where that is more than the same words each time.
_asked: dict[str, list[str] | None] = {}
#: So often they are asked as the product asks them, whatever is known of their questions.
_IN_FULL = 20
_times = itertools.count()
_DAY = re.compile(r"'\d{4}-\d\d-\d\d")


def assert_books_clean() -> None:
    """Run the audits, storing nothing, and fail with the sentences of those that found something.

    All but those that ask a module for its record: tests of one room post under the names of the others', and lay down
    rents of their own. Nor those that compare the tables and guards with what was shipped: no story changes these, and
    tests/core/test_shipped_guards.py and test_grants.py ask them of the same database.
    """
    _assert_silent([found for found in list_audits() if not asks_a_module(found) and not reads_the_catalog(found)])


def assert_sources_known() -> None:
    """What assert_books_clean leaves out."""
    _assert_silent([found for found in list_audits() if asks_a_module(found)])


def asks_a_module(found: Audit) -> bool:
    is_of_records = found.name.endswith(".sources") or found.name in ("leases.charged_rent", "dtr.payouts")
    return is_of_records and found.name != "ledger.sources"


def reads_the_catalog(found: Audit) -> bool:
    return found.name.endswith(".guards") or found.name == "core.grants"


def _assert_silent(audits: Iterable[Audit]) -> None:
    told = list(audits)
    with snapshot():
        if next(_times) % _IN_FULL:
            told = _leave_out_silent(told)
        findings = [f"{found.name}: {sentence}" for found in told for sentence in _find(found)]
    assert not findings, "\n".join(findings)


def _find(found: Audit) -> list[str]:
    """Ask one audit, and keep what it asked if that was answered by nothing, so that it would ask the same again."""
    asked: list[str] | None = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal asked
        text = _plan(execute, sql, params, many, context)
        if text is None:
            asked = None
            return execute(sql, params, many, context)
        result = execute(f"EXECUTE {_planned[context['connection'].connection][text]}", None, many, context)
        if context["cursor"].rowcount or _DAY.search(text):
            asked = None  # what is asked next may depend on what was found, and a day on the clock
        elif asked is not None:
            asked.append(text)
        return result

    with connection.execute_wrapper(watch):
        sentences = list(found.find())
    if asked:
        known = _asked.setdefault(found.name, asked)
        assert known in (None, asked), f"{found.name} asks otherwise than before, though nothing was found"
    else:
        _asked.setdefault(found.name, None)
    return sentences


def _leave_out_silent(audits: list[Audit]) -> list[Audit]:
    """Leave out those all of whose questions find nothing, asked by their names in one go."""
    names = _planned.get(connection.connection, {})
    asked = {found.name: [names.get(text) for text in _asked.get(found.name) or ()] for found in audits}
    known = {name: planned for name, planned in asked.items() if planned and all(planned)}
    if not known:
        return audits
    silent = dict.fromkeys(known, True)
    with connection.cursor() as cursor:
        cursor.execute(";".join(f"EXECUTE {planned}" for several in known.values() for planned in several))
        for number, name in enumerate(name for name, several in known.items() for _ in several):
            assert number == 0 or cursor.nextset()
            silent[name] &= cursor.rowcount == 0
    return [found for found in audits if not silent.get(found.name)]


def _plan(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> str | None:
    """Have the same question planned once a session: of a test's few rows that takes longer than to answer it.

    PostgreSQL plans it anew by itself when a table or a guard that it is about has changed. Returns the question by
    which its plan is known; None where it has none.
    """
    session, cursor = context["connection"].connection, context["cursor"].cursor
    is_named = bool(getattr(cursor, "name", None))  # read in portions, which is a statement of its own
    if many or is_named or not sql.lstrip().startswith(("SELECT", "WITH")):
        return None
    names = _planned.setdefault(session, {})
    asked = sql if params is None else cursor.mogrify(sql, params)
    if asked not in names:
        name = f"asked_{len(names)}"
        execute(f"PREPARE {name} AS {asked}", None, many, context)
        names[asked] = name
    return str(asked)


def assert_never_below_zero() -> None:
    """No balance is below zero at the end of any day, when all that ever moved it is read by its effective day.

    ``assert_books_clean`` reads the postings in the order in which they were written; a past day is asked for by dates.
    """
    moved: dict[int, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    names = {}
    for posting in LedgerPosting.objects.all():
        names[posting.pk] = posting.reference_id
        undoes_movement = posting.kind == "VOID" and posting.reverses_id != posting.balance_id
        raises = posting.balance_id is None or undoes_movement
        for balance_id in (posting.moved_balance_id, posting.funding_id):
            if balance_id is not None:
                moved[balance_id][posting.effective_on] += posting.amount if raises else -posting.amount
    below = []
    for balance_id, days in moved.items():
        left = Decimal(0)
        for day in sorted(days):
            left += days[day]
            if left < 0:
                below.append(f"{names[balance_id]} stood at {left} at the end of {day}.")
    assert not below, "\n".join(below)
