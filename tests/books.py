"""The books at the end of a story: every audit of every app, and not one finding."""

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
    with snapshot(), connection.execute_wrapper(_plan_once):
        findings = [f"{found.name}: {sentence}" for found in audits for sentence in found.find()]
    assert not findings, "\n".join(findings)


def _plan_once(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Have the same question planned once a session: of a test's few rows that takes longer than to answer it.

    PostgreSQL plans it anew by itself when a table or a guard that it is about has changed.
    """
    session, cursor = context["connection"].connection, context["cursor"].cursor
    is_named = bool(getattr(cursor, "name", None))  # read in portions, which is a statement of its own
    if many or is_named or not sql.lstrip().startswith(("SELECT", "WITH")):
        return execute(sql, params, many, context)
    names = _planned.setdefault(session, {})
    asked = sql if params is None else cursor.mogrify(sql, params)
    if asked not in names:
        name = f"asked_{len(names)}"
        execute(f"PREPARE {name} AS {asked}", None, many, context)
        names[asked] = name
    return execute(f"EXECUTE {names[asked]}", None, many, context)


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
