"""What the log leaves out."""

import logging


def without_traceback(record: logging.LogRecord) -> bool:
    """Log what a person or a program was refused in one line: where in the code it was refused is no news."""
    status = getattr(record, "status_code", None)
    if status is not None and status < 500:
        record.exc_info = record.exc_text = None
    return True
