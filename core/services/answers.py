"""Answers kept under an `Idempotency-Key`, so that a request sent twice does its work once."""

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from core.errors import IdempotencyKeyReused, RequestInProgress
from core.models import StoredAnswer
from core.statements import ask_first, insert_last, list_columns, make_row
from core.transactions import LostRaceError, all_or_nothing

_LOCK_AND_FIND = f"SELECT is_locked, {list_columns(StoredAnswer, '(stored)')} FROM core_find_answer(%s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a body, byte for byte; ``is_replay`` when it was given before."""

    status: int
    body: str
    is_replay: bool = False


def fingerprint_of(method: str, path: str, body: Any) -> str:
    """A digest of a request, the same however its JSON was spaced or its keys were ordered."""
    return hashlib.sha256(json.dumps([method, path, body], sort_keys=True, default=str).encode()).hexdigest()


def answer_once(
    *, user: User, key: str, fingerprint: str, work: Callable[[], Answer], is_one_service: bool = False
) -> Answer:
    """Return what ``work`` answers, or what it answered the first time. Work and stored answer commit together.

    Only successes are stored. What raises is rolled back with everything it wrote, and the key stays free: a request
    refused for its contents may be sent again, corrected, under the same key. Of ``is_one_service`` the work catches
    no error of a service, which takes fewer statements (:func:`core.transactions.all_or_nothing`).

    :raises IdempotencyKeyReused: the key was used for a request with another fingerprint
    :raises RequestInProgress: the same key is being worked on
    """
    if is_one_service:
        try:
            with transaction.atomic():
                return _answer_once(user, key, fingerprint, work, is_one_service=True)
        except LostRaceError:
            pass  # the service looks for what the winner committed, each try of it for itself
    with transaction.atomic():
        return _answer_once(user, key, fingerprint, work)


def _answer_once(
    user: User, key: str, fingerprint: str, work: Callable[[], Answer], *, is_one_service: bool = False
) -> Answer:
    # Held to the commit, so whoever gets it next sees what was stored.
    is_locked, stored = _lock_and_find(user, key)
    if not is_locked:
        raise RequestInProgress("A request with this Idempotency-Key is still being worked on; ask again.")
    if stored is None:
        with all_or_nothing() if is_one_service else nullcontext():
            answer = work()
        insert_last(
            StoredAnswer,
            user_id=user.pk,
            key=key,
            fingerprint=fingerprint,
            status=answer.status,
            body=answer.body,
        )
        return answer
    if stored.fingerprint != fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used before, for another request.")
    return Answer(stored.status, stored.body, is_replay=True)


def purge_stored_answers(*, before: datetime) -> int:
    """Delete the answers stored before that moment; return how many."""
    deleted, _ = StoredAnswer.objects.filter(created_at__lt=before).delete()
    return deleted


def _lock_and_find(user: User, key: str) -> tuple[bool, StoredAnswer | None]:
    """Take the key's lock for this transaction, or say at once that somebody else has it; return what is stored."""
    digest = hashlib.sha256(f"idempotency:{user.pk}:{key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    is_locked, *row = ask_first(_LOCK_AND_FIND, [number, user.pk, key])
    return is_locked, make_row(StoredAnswer, row) if row[0] is not None else None
