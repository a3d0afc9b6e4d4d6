"""`Idempotency-Key`: a request that is sent again, because nobody knows whether it arrived, does its work once."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from core.api.renderers import ExactJSONRenderer
from core.errors import IdempotencyKeyInvalid, IdempotencyKeyRequired
from core.services import answers
from core.services.answers import Answer

HEADER = "Idempotency-Key"
#: Leaves room for "api:", a user's id and a colon within the 200 characters of a service's own key.
MAX_KEY = 150


def read_idempotency_key(request: Request, *, required: bool) -> str | None:
    """Return the request's key, as it was sent.

    :raises IdempotencyKeyRequired: there is none, and there must be
    :raises IdempotencyKeyInvalid: it is not 1 to 150 visible ASCII characters
    """
    key = request.headers.get(HEADER)
    if key is None:
        if required:
            raise IdempotencyKeyRequired(
                f"Send an {HEADER} of your own making (a UUID will do), the same one when you try again."
            )
        return None
    if not 0 < len(key) <= MAX_KEY or not all("!" <= character <= "~" for character in key):
        raise IdempotencyKeyInvalid(f"An {HEADER} has 1 to {MAX_KEY} visible ASCII characters.")
    return key


_tellers: dict[type[BaseSerializer[Any]], BaseSerializer[Any]] = {}


def get_teller(kind: type[BaseSerializer[Any]]) -> BaseSerializer[Any]:
    """Return the one serializer of its kind whose ``to_representation`` tells all answers, and keeps nothing of them.

    To make one takes longer than to tell a row by it.
    """
    if kind not in _tellers:
        _tellers[kind] = kind()
    return _tellers[kind]


def answer(data: object, *, status: int = 200) -> Answer:
    """Return what a request is answered with; the same bytes are sent and stored."""
    return Answer(status, ExactJSONRenderer().render(data).decode())


def answer_once(
    request: Request,
    key: str | None,
    work: Callable[[], Answer],
    tell_since: Callable[[dict[str, Any]], dict[str, Any]] = lambda told: {},
    *,
    is_one_service: bool = False,
) -> HttpResponse:
    """Answer with what ``work`` returns; sent again under the same key, with the stored answer and no work.

    The stored answer gets the members that ``tell_since`` makes of it: what became since of what it tells.

    ``is_one_service``, and the errors: see :func:`core.services.answers.answer_once`.

    :raises IdempotencyKeyReused, RequestInProgress: the key is another request's, or being worked on
    """
    if key is None:
        return _respond(work())
    user = cast(User, request.user)
    fingerprint = answers.fingerprint_of(request.method or "", request.get_full_path(), request.data)
    given = answers.answer_once(user=user, key=key, fingerprint=fingerprint, work=work, is_one_service=is_one_service)
    if given.is_replay and (since := tell_since(told := json.loads(given.body))):
        given = replace(given, body=answer({**told, **since}).body)
    return _respond(given)


def _respond(given: Answer) -> HttpResponse:
    response = HttpResponse(given.body, status=given.status, content_type="application/json")
    if given.is_replay:
        response["Idempotency-Replayed"] = "true"
    return response
