"""What the log leaves out, and what each of its lines says besides."""

import logging

from core.api.request_ids import current_request_id


def without_traceback(record: logging.LogRecord) -> bool:
    """Log what a person or a program was refused in one line: where in the code it was refused is no news."""
    status = getattr(record, "status_code", None)
    if status is not None and status < 500:
        record.exc_info = record.exc_text = None
    return True


def with_request_id(record: logging.LogRecord) -> bool:
    """Give the line the name of the request in which it was written, which the answer has too."""
    name = current_request_id()
    record.request_id = f" [{name}]" if name else ""
    return True
