"""What a line of the log tells besides its words: the request, who asked, the task, and the driver it is about.

Nothing is asked for a line: the user is named once something else has found out who it is, and the driver is the one of
the address, or the one whose money was locked last.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType, ref

from celery import current_task
from django.http import HttpRequest
from django.utils.functional import LazyObject

# Never reset: Django writes its line about a refusal when the middleware is done. The next request sets its own.
_request_id: ContextVar[str] = ContextVar("request_id", default="")
_request: ContextVar["ReferenceType[HttpRequest] | None"] = ContextVar("request", default=None)
_driver_id: ContextVar[int | None] = ContextVar("driver_id", default=None)


@dataclass(frozen=True, slots=True)
class LineContext:
    """Of each, nothing where there is none: its name, its user's name, the task's name and id, the driver's id."""

    request: str = ""
    user: str = ""
    driver: int | None = None
    task: str = ""
    task_id: str = ""


def begin_request(request: HttpRequest, name: str) -> None:
    """Have the lines from here on tell of this request, and of no driver that an earlier one was about."""
    _request_id.set(name)
    _request.set(ref(request))
    _driver_id.set(None)


def begin_task() -> None:
    """Have the lines from here on tell of the task that begins, and of no driver of the task before it."""
    _request_id.set("")
    _request.set(None)
    _driver_id.set(None)


def note_driver(driver_id: int | None) -> None:
    """Have the lines of this request tell of a driver from here on; of none where it is about several.

    A task or a command goes from one to the next: its own words say whom they are about.
    """
    if _request.get() is not None:
        _driver_id.set(driver_id)


def current_request_id() -> str:
    """Return the name of the request that is being answered; nothing outside of one."""
    return _request_id.get()


def read_context() -> LineContext:
    """Return what a line written here and now is about. It asks no database."""
    kept = _request.get()
    request = kept() if kept is not None else None
    driver = _driver_id.get()
    task = getattr(current_task, "request", None)
    task_id = getattr(task, "id", None) or ""
    return LineContext(
        request=_request_id.get(),
        user=_name_user(request) if request is not None else "",
        driver=driver if driver is not None or request is None else _find_driver(request),
        task=current_task.name if task_id else "",
        task_id=task_id,
    )


def _name_user(request: HttpRequest) -> str:
    """Return who is known to have asked; of a user whom nobody has asked for yet, nothing."""
    user: Any = request.__dict__.get("user")
    if isinstance(user, LazyObject):
        user = request.__dict__.get("_cached_user")
    return str(user.get_username()) if getattr(user, "is_authenticated", False) else ""


def _find_driver(request: HttpRequest) -> int | None:
    match = request.resolver_match
    told = match.kwargs.get("driver_id") if match else None
    return told if isinstance(told, int) else None
