"""Audits: small named checks of a promise, which any app lists in its ``audits`` module.

An audit only reads. It answers with one sentence for each thing found wrong, naming ids and figures; no sentence means
that the promise holds.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from psycopg.errors import InsufficientPrivilege

from core import grants, guards
from core.discovery import load_modules

#: The length of a part is known without reading it.
_TORN_UPLOADS = """
    SELECT u.name, u.size, coalesce(sum(octet_length(p.content)), 0) AS there
      FROM core_uploads u LEFT JOIN core_upload_parts p ON p.upload_id = u.id
     GROUP BY u.id HAVING coalesce(sum(octet_length(p.content)), 0) <> u.size ORDER BY u.id
"""

Find = Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Audit:
    """``find`` says what breaks ``promise``; ``name`` is ``app.subject``.

    What it finds ``is_about_money`` unless it says otherwise: a pay week does not close over it.
    """

    name: str
    promise: str
    find: Find
    is_about_money: bool = True


@dataclass(frozen=True, slots=True)
class Examination:
    """One audit's answer, and how long it took; ``is_denied`` where the role may not look at what it looks at."""

    audit: Audit
    findings: Sequence[str]
    seconds: float
    is_denied: bool = False


_audits: dict[str, Audit] = {}


def audit(name: str, promise: str, *, is_about_money: bool = True) -> Callable[[Find], Find]:
    """Register the decorated function as an audit.

    :raises ValueError: the name is another audit's
    """

    def register(find: Find) -> Find:
        if name in _audits:
            raise ValueError(f"There is an audit named {name} already.")
        _audits[name] = Audit(name, promise, find, is_about_money)
        return find

    return register


def list_audits() -> list[Audit]:
    """Return the audits of every installed app, by name."""
    load_modules("audits")
    return sorted(_audits.values(), key=lambda found: found.name)


def examine(audits: Iterable[Audit]) -> list[Examination]:
    """Run the audits and return their answers.

    All of them look at one snapshot of the database, so that work going on at the same time shows in none of them; in
    a transaction that has begun already, each statement sees what that transaction would.
    """
    with snapshot():
        return [_examine_one(found) for found in audits]


def _examine_one(found: Audit) -> Examination:
    started = time.perf_counter()
    is_denied = False
    try:
        with transaction.atomic():
            findings = list(found.find())
    except Exception as failure:  # an audit that fails to run has kept no promise, and the others must still run
        findings = [f"The audit itself failed: {type(failure).__name__}: {failure}"]
        is_denied = isinstance(failure.__cause__, InsufficientPrivilege)
    return Examination(found, findings, time.perf_counter() - started, is_denied)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one moment of the database, and write nothing; in a transaction that has begun, what that would see."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


# Nothing is wrong with the money yet, so a week closes over it.
@audit("core.grants", "The product's role in the database may do what it needs, and no more.", is_about_money=False)
def find_differing_grants() -> Iterator[str]:
    yield from grants.find_differences()
    yield from grants.find_large_objects()


@audit("core.guards", "What guards numbers, users and the rest stands as it was shipped, and nothing else beside it.")
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("core")


@audit("core.uploads", "Each upload has all its bytes.", is_about_money=False)
def find_torn_uploads() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_TORN_UPLOADS)
        for name, size, there in cursor.fetchall():
            yield f"{name} has {there:,} of its {size:,} bytes."
