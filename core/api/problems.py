"""Every refusal of the API as RFC 9457 `application/problem+json`, with the error's stable code."""

import http
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.log import log_response
from rest_framework import exceptions
from rest_framework.views import APIView

from core.api.renderers import render_problem
from core.api.request_ids import current_request_id
from core.api.throttles import find_throttle_of_strangers
from core.errors import Busy, DomainError
from core.outages import describe_outage, name_outage
from core.transactions import is_retryable

MEDIA_TYPE = "application/problem+json"

Problem = dict[str, Any]


def handle_exception(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's EXCEPTION_HANDLER: turn whatever a view raised into a problem; say nothing of what is not foreseen."""
    if (outage := answer_outage(context["request"]._request, error)) is not None:
        return outage
    if isinstance(error, DatabaseError) and is_retryable(error):
        error = Busy("There is too much going on just now. Nothing was written; try again.")
    if isinstance(error, DomainError):
        return _answer(problem_of(error), retry_after=error.retry_after)
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing at this address.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, SuspiciousOperation):
        return answer_bad_request()
    elif isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        error = find_throttle_of_strangers(context["request"]) or error
    if isinstance(error, exceptions.ValidationError):
        return _answer(_validation_problem(error))
    if isinstance(error, exceptions.APIException):
        response = _answer(_problem(_code_of(error), error.status_code, str(error.detail)))
        if auth_header := getattr(error, "auth_header", None):
            response["WWW-Authenticate"] = auth_header
        if wait := getattr(error, "wait", None):
            response["Retry-After"] = str(int(wait))
        return response
    return _unforeseen(error, context["request"]._request)


def answer_outage(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return the answer where the database was away or full, with one line in the log; None for any other error."""
    outage = name_outage(error, writes=request.method not in ("GET", "HEAD"))
    if outage is None or error is None:
        return None
    response = _answer(problem_of(outage), retry_after=outage.retry_after)
    log_outage(request, response, error)
    return response


def log_outage(request: HttpRequest, response: HttpResponse, error: BaseException) -> None:
    """Write the one line that an outage is worth, in place of Django's with all of the code that it went through."""
    reason = describe_outage(error)
    log_response("%s: %s (%s)", response.reason_phrase, request.path, reason, response=response, request=request)


def answer_bad_request() -> HttpResponse:
    """Return the refusal of a request that can't be read at all."""
    return _answer(_problem("bad_request", 400, "The request can't be what an honest client would send."))


def answer_foreign_form() -> HttpResponse:
    """Return the refusal of a form that says it is in another charset than UTF-8."""
    return _answer(
        _problem("parse_error", 400, "A form is read as UTF-8 alone; its Content-Type names another charset.")
    )


def answer_unforeseen() -> HttpResponse:
    """Return what a program is told of an error that was no view's, which Django has logged."""
    return _answer(_problem("internal_error", 500, "Something went wrong here; it was logged."))


def problem_of(error: DomainError) -> Problem:
    """Return a service's refusal as a problem."""
    problem = _problem(error.code, error.http_status, error.message)
    if error.at_field:
        problem["field"] = error.at_field
    if error.facts:
        problem["facts"] = error.facts
    return problem


def _problem(code: str, status: int, detail: str) -> Problem:
    title = code.replace("_", " ").capitalize()
    return {"type": f"urn:fleet:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}


def _validation_problem(error: exceptions.ValidationError) -> Problem:
    errors = list(_flatten(error.get_full_details()))
    first = errors[0]
    sentence = f"{first['field']}: {first['detail']}" if first["field"] else first["detail"]
    if len(errors) > 1:
        sentence += f" And {len(errors) - 1} more."
    return {**_problem("invalid_input", 400, sentence), "errors": errors}


def _flatten(details: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """Each error with the dotted path to its field, as in ``allocations.0.amount``; empty for the body itself."""
    if isinstance(details, list):
        for item in details:
            yield from _flatten(item, path)
    elif isinstance(details.get("message"), str) and isinstance(details.get("code"), str):
        yield {"field": ".".join(path), "code": details["code"], "detail": details["message"]}
    else:
        for name, item in details.items():
            yield from _flatten(item, path if name == "non_field_errors" else (*path, str(name)))


def _code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else error.default_code


def _unforeseen(error: Exception, request: HttpRequest) -> HttpResponse:
    """Log the error as Django would, and tell the client no more than that there was one."""
    got_request_exception.send(sender=APIView, request=request)
    response = _answer(_problem("internal_error", 500, "Something went wrong here; it was logged."))
    log_response(
        "%s: %s",
        http.HTTPStatus(500).phrase,
        request.path,
        response=response,
        request=request,
        exception=error,
    )
    return response


def _answer(problem: Problem, *, retry_after: int | None = None) -> HttpResponse:
    if name := current_request_id():
        problem = {**problem, "request_id": name}
    # Rendered here, since a view may have renderers of its own: a page, YAML.
    response = HttpResponse(render_problem(problem), status=problem["status"], content_type=MEDIA_TYPE)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response
