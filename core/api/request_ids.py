"""A name for each request: answered as `X-Request-Id`, in every problem and every line of the log."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from core.log_context import begin_request
from core.log_context import current_request_id as current_request_id
from core.outages import forget_commits

HEADER = "X-Request-Id"
#: What a client may name its request: nothing that could break a line of the log, or be taken for more than one name.
_GIVEN = re.compile(r"[A-Za-z0-9._~:+/=@-]{1,64}")


def name_request(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware, the first of all: what any other answers has the name too."""

    def answer(request: HttpRequest) -> HttpResponse:
        name = _begin(request)
        response: HttpResponse = get_response(request)
        response[HEADER] = name
        return response

    return answer


def _begin(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    name = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
    begin_request(request, name)
    forget_commits()
    return name
