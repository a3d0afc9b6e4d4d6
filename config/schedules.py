"""What runs by itself, and when, New York time. An operator pauses an entry in the admin, and the pause is kept."""

from typing import Any

from celery.schedules import crontab, schedule

SCHEDULES: dict[str, dict[str, Any]] = {
    "Purge old API answers": {
        "task": "core.tasks.purge_stored_answers_task",
        "schedule": crontab(hour="2", minute="30"),
    },
    "Number events, and send them": {
        "task": "core.tasks.send_events_task",
        "schedule": schedule(10.0),  # seconds
    },
    "Seal what was written": {
        "task": "ledger.tasks.seal_rows_task",
        "schedule": crontab(),
    },
    "Keep sums of the books": {
        "task": "ledger.tasks.keep_sums_task",
        "schedule": crontab(minute="20"),
    },
    "Purge old webhook deliveries": {
        "task": "core.tasks.purge_deliveries_task",
        "schedule": crontab(hour="2", minute="40"),
    },
    "Purge ended sessions and old sign-ins": {
        "task": "core.tasks.purge_access_task",
        "schedule": crontab(hour="2", minute="45"),
    },
    "Purge old audits without findings": {
        "task": "core.tasks.purge_audits_task",
        "schedule": crontab(hour="2", minute="47"),
    },
    "Verify the seals": {
        # Before the audits, which look at what is sealed since.
        "task": "ledger.tasks.verify_seals_task",
        "schedule": crontab(hour="2", minute="50"),
    },
    "Nightly audits": {
        "task": "core.tasks.run_audits_task",
        "schedule": crontab(hour="3", minute="0"),
    },
    "Post installments that are due": {
        "task": "dtr.tasks.post_scheduled_installments_task",
        "schedule": crontab(hour="4", minute="30"),
    },
    "Close the week": {
        # From Sunday at five on, each hour until the week's close has begun: the task knows when there is one to begin.
        "task": "dtr.tasks.import_curb_earnings_task",
        "kwargs": {"then_close": True},
        "schedule": crontab(minute="0"),
    },
    "Mark settled trips at CURB": {
        "task": "dtr.tasks.reconcile_curb_trips_task",
        "schedule": crontab(minute="40"),
    },
    "Resume an unfinished close": {
        "task": "dtr.tasks.resume_close_task",
        "schedule": crontab(),
    },
    "Read workbooks of go-live that wait": {
        "task": "golive.tasks.read_openings_task",
        "schedule": crontab(minute="*/5"),
    },
    "Match tickets that wait, and resume imports": {
        "task": "tickets.tasks.rematch_waiting_task",
        "schedule": crontab(minute="*/5"),
    },
}
