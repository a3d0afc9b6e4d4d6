"""What a person sees instead of a page: not allowed, not there, no address at all. In the frame, with a way on."""

import sys
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import ResolverMatch
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import escape_leading_slashes
from django.views.defaults import server_error

from core.admin.lists.users import SuperusersAlone
from core.api.problems import answer_bad_request, answer_foreign_form, answer_outage, answer_unforeseen, log_outage
from core.errors import DatabaseFull, DatabaseUnavailable, DomainError, OutcomeUnknown
from core.groups import ADMINISTRATOR
from core.outages import name_outage
from core.rights import LacksRight, is_right, say_needed

#: People named as those who can allow it; more would be a list to search.
MAX_NAMED = 3
#: How a form names the one charset that is read.
_UTF_8 = ("utf-8", "utf8")
#: What answers for itself, naming the parameter at fault.
_NAMES_IT = "/api/"
#: What an address of a list or a record needs, by its last word.
_NEEDS = {
    "changelist": "view",
    "change": "view",
    "history": "view",
    "simple_history": "view",
    "add": "add",
    "delete": "delete",
}

_TITLES: dict[type[DomainError], str] = {
    DatabaseUnavailable: "The ledger can’t be reached just now",
    DatabaseFull: "The ledger can’t save anything just now",
    OutcomeUnknown: "Look before you try again",
}
#: Of a form: nobody presses a button twice under one key.
_UNKNOWN = (
    "The database was lost while this was being saved: it may have been saved, or not. "
    "When it answers again, look whether it is there before you enter it anew."
)


class UnreadableRefusal(MiddlewareMixin):
    """Refuses what nothing can be meant by, before anything reads it.

    That is an address with a NUL in it, since PostgreSQL keeps no such text; and a form in another charset than UTF-8,
    which Django would read by whatever codec it names: some fail, and some make text that can't be kept.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        asked = "" if request.path.startswith(_NAMES_IT) else request.META.get("QUERY_STRING", "")
        if "\0" in request.path or "%00" in asked or "\0" in asked:
            return bad_request(request)
        if request.content_type == "multipart/form-data":
            charset = (request.content_params or {}).get("charset", "utf-8")
            return None if charset.lower() in _UTF_8 else foreign_form(request)
        return None


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith("/api/"):
        return answer_bad_request()
    return _refuse(request, 400, "This address can't be read", "It has signs in it that no page knows.")


def foreign_form(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return answer_foreign_form()
    return _refuse(request, 400, "This form can't be read", "It was sent in another charset than UTF-8.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _refuse(
        request, 404, "This page does not exist (any more)", "It may have been written wrongly, or be gone by now."
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say what the page needs, and who can give it."""
    refusal = exception if isinstance(exception, LacksRight) else _find_needed(request.resolver_match)
    named, sentences = _name_those_who_grant(), []
    if refusal:
        sentences.append(say_needed(refusal, request.user))
    if named and (refusal is None or refusal.is_lacked_by(request.user)):
        sentences.append(f"{named} can give it to you.")
    return _refuse(request, 403, "You can't open this page", " ".join(sentences))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the mark of this session: mostly one that was open since before its user signed in again."""
    return _refuse(
        request,
        403,
        "Nothing was saved",
        "This form was opened before you signed in the last time. Open the page anew, and enter it again.",
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Answer what nobody foresaw; where the database was away, say that it is that, and what it means."""
    error = sys.exc_info()[1]
    if request.path.startswith("/api/"):
        return answer_outage(request, error) or answer_unforeseen()
    outage = name_outage(error, writes=request.method not in ("GET", "HEAD"))
    if outage is None or error is None:
        return server_error(request)
    response = _answer_outage(request, outage)
    log_outage(request, response, error)
    return response


def _answer_outage(request: HttpRequest, outage: DomainError) -> HttpResponse:
    """A page by itself: whatever else a page shows is asked of the database."""
    context = {
        "title": _TITLES[type(outage)],
        "sentence": _UNKNOWN if isinstance(outage, OutcomeUnknown) else outage.message,
        "may_repeat": not isinstance(outage, OutcomeUnknown),
        "again": escape_leading_slashes(request.get_full_path()) if request.method == "GET" else "",
    }
    response = HttpResponse(render_to_string("503.html", context), status=outage.http_status)
    response["Retry-After"] = str(outage.retry_after)
    response["Cache-Control"] = "no-store"
    return response


def _refuse(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    user = getattr(request, "user", None)
    is_staff = bool(user and user.is_active and user.is_staff)
    request.current_app = admin.site.name
    context = {
        **(admin.site.each_context(request) if is_staff else {}),
        "title": title,
        "sentence": sentence,
        "asks": is_staff and status == 404,
        "frame": "admin/base_site.html" if is_staff else "config/bare.html",
    }
    response: HttpResponse = TemplateResponse(request, "config/refusal.html", context, status=status)
    return response.render()  # type: ignore[attr-defined,no-any-return]


def _find_needed(match: ResolverMatch | None) -> LacksRight | None:
    """Return what the page of a list or a record needs, or nothing where that can't be told."""
    view: Any = getattr(match and match.func, "view_class", None)
    required = getattr(view, "permission_required", None)
    if required:
        return LacksRight(*([required] if isinstance(required, str) else required))
    for model, model_admin in admin.site._registry.items():
        opts = model._meta
        prefix = f"{opts.app_label}_{opts.model_name}_"
        if not match or not match.url_name or not match.url_name.startswith(prefix):
            continue
        if isinstance(model_admin, SuperusersAlone):
            return LacksRight(ADMINISTRATOR)
        if need := _NEEDS.get(match.url_name.removeprefix(prefix)):
            right = f"{opts.app_label}.{need}_{opts.model_name}"
            return LacksRight(right) if is_right(right) else LacksRight()
    return None


def _name_those_who_grant() -> str:
    """Return the names of some who may change what people may do."""
    people = User.objects.filter(is_active=True, is_superuser=True).order_by("pk")[:MAX_NAMED]
    names = [person.get_full_name() or person.get_username() for person in people]
    return names[0] if len(names) == 1 else " or ".join([", ".join(names[:-1]), names[-1]]) if names else ""
