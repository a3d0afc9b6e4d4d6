"""Answers kept under an `Idempotency-Key`, so that a request sent twice does its work once."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from core.errors import IdempotencyKeyReused, RequestInProgress
from core.models import StoredAnswer
from core.statements import bound_cursor, insert_row, list_columns, make_row

_FIND = f"SELECT {list_columns(StoredAnswer)} FROM {StoredAnswer._meta.db_table} WHERE user_id = %s AND key = %s"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a body, byte for byte; ``is_replay`` when it was given before."""

    status: int
    body: str
    is_replay: bool = False


def fingerprint_of(method: str, path: str, body: Any) -> str:
    """A digest of a request, the same however its JSON was spaced or its keys were ordered."""
    return hashlib.sha256(json.dumps([method, path, body], sort_keys=True, default=str).encode()).hexdigest()


def answer_once(*, user: User, key: str, fingerprint: str, work: Callable[[], Answer]) -> Answer:
    """Return what ``work`` answers, or what it answered the first time. Work and stored answer commit together.

    Only successes are stored. What raises is rolled back with everything it wrote, and the key stays free: a request
    refused for its contents may be sent again, corrected, under the same key.

    :raises IdempotencyKeyReused: the key was used for a request with another fingerprint
    :raises RequestInProgress: the same key is being worked on
    """
    with transaction.atomic():
        # Held to the commit, so whoever gets it next sees what was stored.
        if not _try_lock(user, key):
            raise RequestInProgress("A request with this Idempotency-Key is still being worked on; ask again.")
        stored = _find_stored(user, key)
        if stored is None:
            answer = work()
            insert_row(
                StoredAnswer(user=user, key=key, fingerprint=fingerprint, status=answer.status, body=answer.body)
            )
            return answer
        if stored.fingerprint != fingerprint:
            raise IdempotencyKeyReused("This Idempotency-Key was used before, for another request.")
        return Answer(stored.status, stored.body, is_replay=True)


def _find_stored(user: User, key: str) -> StoredAnswer | None:
    with bound_cursor() as cursor:
        cursor.execute(_FIND, [user.pk, key])
        row = cursor.fetchone()
    return make_row(StoredAnswer, row) if row else None


def purge_stored_answers(*, before: datetime) -> int:
    """Delete the answers stored before that moment; return how many."""
    deleted, _ = StoredAnswer.objects.filter(created_at__lt=before).delete()
    return deleted


def _try_lock(user: User, key: str) -> bool:
    """Take the key's advisory lock for this transaction, or say at once that somebody else has it."""
    digest = hashlib.sha256(f"idempotency:{user.pk}:{key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with bound_cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s::bigint)", [number])
        row = cursor.fetchone()
    return bool(row and row[0])
