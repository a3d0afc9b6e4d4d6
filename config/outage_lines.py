"""What the log says of a database that was away."""

import logging

from core.outages import describe_outage, is_outage

#: Beat asks over and over, twenty times a second: of the same it says one line in so many seconds.
_BEAT, _BEAT_SECONDS = "django_celery_beat.schedulers", 10.0
_beat_told_at = [0.0]


def outage_in_one_line(record: logging.LogRecord) -> bool:
    """Log a database that was away in one line, from whatever code it is told: none of it is at fault."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if error is not None and is_outage(error):
        if record.name == _BEAT:
            if record.created - _beat_told_at[0] < _BEAT_SECONDS:
                return False
            _beat_told_at[0] = record.created
        told = record.getMessage().splitlines()[0]
        if repr(error)[:40] not in told:
            told = f"{told[:300]} ({describe_outage(error)})"
        record.msg, record.args = told, None
        record.exc_info = record.exc_text = None
    return True
