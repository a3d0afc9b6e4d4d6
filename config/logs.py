"""What the log leaves out, and what each of its lines says besides."""

import logging

from core.api.request_ids import current_request_id
from core.outages import describe_outage, is_outage


def without_traceback(record: logging.LogRecord) -> bool:
    """Log what a person or a program was refused in one line: where in the code it was refused is no news."""
    status = getattr(record, "status_code", None)
    if status is not None and status < 500:
        record.exc_info = record.exc_text = None
    return True


def outage_in_one_line(record: logging.LogRecord) -> bool:
    """Log a database that was away in one line, from whatever code it is told: none of it is at fault."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if error is not None and is_outage(error):
        told = record.getMessage().splitlines()[0]
        if repr(error)[:40] not in told:
            told = f"{told[:300]} ({describe_outage(error)})"
        record.msg, record.args = told, None
        record.exc_info = record.exc_text = None
    return True


def with_request_id(record: logging.LogRecord) -> bool:
    """Give the line the name of the request in which it was written, which the answer has too."""
    name = current_request_id()
    record.request_id = f" [{name}]" if name else ""
    return True
