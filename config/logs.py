"""The log: one line a record, or JSON, with what it is about; no traceback for what was only refused.

Web, worker, beat and commands write it alike, to standard error, and whoever supervises them keeps it.
"""

import logging
from datetime import datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from config.outage_lines import outage_in_one_line
from core.errors import DomainError
from core.log_context import LineContext, read_context

LINE, JSON = "line", "json"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
#: What could end a line, or play with a terminal: written as what it is.
_CONTROLS = {sign: repr(chr(sign))[1:-1] for sign in (*range(32), *range(127, 160), 0x2028, 0x2029) if sign != 9}


def logging_settings(*, level: str, form: str) -> dict[str, Any]:
    """Return Django's LOGGING: all at ``level``, each record in the ``form`` of a line or of JSON."""
    level, form = level.strip().upper(), form.strip().lower()
    if level not in _LEVELS:
        raise SystemExit(f"LOG_LEVEL is one of {', '.join(_LEVELS)}, not {level!r}, so nothing was started.")
    if form not in (LINE, JSON):
        raise SystemExit(f"LOG_FORMAT is {LINE} or {JSON}, not {form!r}, so nothing was started.")
    ours: dict[str, Any] = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {LINE: {"()": LineFormatter}, JSON: {"()": JsonLines}},
        "filters": {
            name: {"()": "django.utils.log.CallbackFilter", "callback": callback}
            for name, callback in (
                ("once", told_once),
                ("away", outage_in_one_line),
                ("refusals", without_traceback),
                ("context", with_context),
            )
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["once", "away", "refusals", "context"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own handlers would write to a developer's terminal besides, and mail each failure.
            "django": ours,
            # The web server has a form of its own until the product is loaded.
            "uvicorn": ours,
            "uvicorn.error": ours,
            "uvicorn.access": ours,
            # A line for each of a thousand questions to CURB, or for each task that was sent, taken and done, says
            # nothing. What failed is told.
            **{
                name: {"level": "DEBUG" if level == "DEBUG" else "WARNING"}
                for name in ("httpx", "httpcore", "celery.beat", "celery.worker.strategy", "celery.app.trace")
            },
            # What axes says of a failed sign-in is said by core/doors/signals.py, with who and from where.
            "axes": {"level": "ERROR"},
        },
    }


def told_once(record: logging.LogRecord) -> bool:
    """Leave out what was told before: a refusal whose service has logged it, the second line of a bad request."""
    error = _error_of(record)
    if isinstance(error, DomainError) and error.was_told:
        return False
    request = getattr(record, "request", None)
    if request is None:
        return True
    if record.name.startswith("django.security"):
        request.is_told = True
        return True
    return not (getattr(record, "status_code", None) == 400 and getattr(request, "is_told", False))


def without_traceback(record: logging.LogRecord) -> bool:
    """Log what a person or a program was refused in one line, as a WARNING: where in the code it was is no news."""
    status = getattr(record, "status_code", None)
    if (status is not None and status < 500) or isinstance(_error_of(record), DomainError):
        record.exc_info = record.exc_text = None
        if record.levelno > logging.WARNING:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def with_context(record: logging.LogRecord) -> bool:
    """Give the line what it is about: the request, which its answer names too, the user, the driver, the task."""
    record.context = read_context()
    return True


class LineFormatter(logging.Formatter):
    """`2026-11-27T03:00:00.123-05:00 WARNING core.tasks [request=… user=… driver=… task=…]: what happened`"""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  # logging's name
        return say_moment(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        told = _name_context(record.__dict__.get("context", LineContext()))
        about = " ".join(f"{name}={value}" for name, value in told.items())
        line = f"{say_moment(record)} {record.levelname} {record.name}{f' [{about}]' if about else ''}: "
        return (line + record.message).translate(_CONTROLS)


class JsonLines(JsonFormatter):
    """An object a line: `time`, `level`, `logger`, `message`, what it is about, and `exc_info` where it failed."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data |= {
            "time": say_moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.message or str(record.msg),
            **_name_context(record.__dict__.get("context", LineContext())),
        }
        log_data |= {name: message_dict[name] for name in ("exc_info", "stack_info") if message_dict.get(name)}


def say_moment(record: logging.LogRecord) -> str:
    """Return when it was, by the clock of New York, with its distance from UTC."""
    # Django has made New York's clock this process' own.
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


def _name_context(context: LineContext) -> dict[str, Any]:
    told = {
        "request": context.request,
        "user": context.user,
        "driver": context.driver,
        "task": context.task,
        "task_id": context.task_id,
    }
    return {name: value for name, value in told.items() if value not in ("", None)}


def _error_of(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None
