"""*Control → Status*: how the product itself is doing, on one page that answers without Redis too."""

import platform
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import django
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView
from redis import RedisError

from config.heartbeat import BEAT, WORKER, Sign, is_alive
from config.home_words import count_of
from config.watching.metrics import Figures, read_figures, read_pool
from config.watching.stores import Disk, read_disk, read_redis_and_version
from config.watching.versions import PRODUCT
from core.doors.sessions import list_signed_in
from core.weeks import week_ending
from core.words import say_day, say_moment, say_week
from curb.selectors import find_last_answer, is_curb_configured
from ledger.selectors import find_last_seal_check

#: Sessions that are shown.
MOST_SIGNED_IN = 50
#: Seals are made each minute.
SEALS_LATE_AFTER = 15 * 60
EVENTS_LATE_AFTER = timedelta(minutes=5)
_REDIS_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of the page, and where it leads whoever holds the permission ``needs``.

    ``trouble`` is the sentence about it, where it needs a look.
    """

    label: str
    value: str
    url: str
    needs: str = ""
    trouble: str = ""


class StatusPage(PermissionRequiredMixin, TemplateView):
    permission_required = "core.see_status"
    raise_exception = True
    template_name = "config/status.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        figures = read_figures(now=now)
        signs, redis = _ask_redis()
        sections = [
            ("The week's close and the books", [*_tell_close(figures), *_tell_audits(figures), _tell_backup(figures)]),
            ("What waits", list(_tell_waiting(figures))),
            ("What runs", [*_tell_parts(signs), *_tell_machine()]),
            ("Versions", list(_tell_versions(figures, redis))),
        ]
        people = list_signed_in(now=now, limit=MOST_SIGNED_IN)
        today = timezone.localdate(now)
        return {
            **super().get_context_data(**kwargs),
            **admin.site.each_context(self.request),
            "title": "Status",
            "as_of": say_moment(now, told_on=today),
            "sections": sections,
            "troubles": [line for _, lines in sections for line in lines if line.trouble],
            "signed_in": figures.signed_in,
            "people": [
                {
                    "user": one.user,
                    "since": say_moment(one.began_at, told_on=today) if one.began_at else "–",
                    "used": say_age((now - one.used_at).total_seconds()),
                }
                for one in people
            ],
            "opens": {line.label for _, lines in sections for line in lines if self._may_open(line)},
            "sees_log": self.request.user.has_perm("core.view_accessentry"),
        }

    def _may_open(self, line: Line) -> bool:
        return not line.needs or self.request.user.has_perm(line.needs)


def _tell_close(figures: Figures) -> Iterator[Line]:
    close, now = figures.standing.close, figures.now
    today = timezone.localdate(now)
    closes, closers = reverse("admin:dtr_weekclose_changelist"), "dtr.view_weekclose"
    if close.closed_week_end and close.closed_at:
        week = say_week(week_ending(close.closed_week_end), told_on=today)
        yield Line("Closed last", f"{week}, {say_moment(close.closed_at, told_on=today)}", closes, closers)
    else:
        yield Line("Closed last", "no week yet", closes, closers)
    if close.due_at:
        state = "its close is open" if close.is_open else f"{say_moment(close.due_at, told_on=today)}"
        late = "The next close is a day late or more." if close.is_late else ""
        yield Line("Next close", state, reverse("admin:dtr_weekclose_readiness"), closers, late)
    if close.failed_batches:
        gave_up = "The close has given drivers up."
        yield Line("Batches given up", f"{close.failed_batches}", f"{closes}?state__exact=OPEN", closers, gave_up)
    asked = find_last_answer()
    told = "not configured" if not is_curb_configured() else "never"
    if asked:
        told = f"{say_moment(asked, told_on=today)}, {say_age((now - asked).total_seconds())}"
    yield Line("CURB answered last", told, reverse("admin:curb_tripfile_changelist"), "curb.view_tripfile")


def _tell_audits(figures: Figures) -> Iterator[Line]:
    audit, seals, now = figures.standing.audit, figures.standing.seals, figures.now
    today = timezone.localdate(now)
    if audit is None:
        yield Line("Last audit", "none yet", reverse("admin:core_auditrun_changelist"), "core.view_auditrun")
    else:
        found = count_of(audit.findings, "finding") if audit.findings else "no findings"
        trouble = f"The last audit has {found}." if audit.findings else ""
        if audit.is_old:
            trouble = "No audit has ended for more than a day."
        page = reverse("admin:core_auditrun_change", args=[audit.run.pk])
        yield Line(
            "Last audit",
            f"{found}, {say_moment(audit.finished_at, told_on=today)}",
            page,
            "core.view_auditrun",
            trouble,
        )
    late = "Rows have waited for their seal too long." if seals.lag_seconds > SEALS_LATE_AFTER else ""
    waiting = count_of(seals.waiting_rows, "row") if seals.waiting_rows else "everything is sealed"
    lag = f", the oldest {say_age(seals.lag_seconds)}" if seals.waiting_rows else ""
    yield Line("Not sealed yet", f"{waiting}{lag}", reverse("admin:ledger_seal_changelist"), "ledger.view_seal", late)
    check = find_last_seal_check()
    verified = "never"
    if check is not None:
        found = count_of(check.findings, "finding") if check.findings else "nothing wrong"
        verified = f"{found}, {say_moment(check.checked_at, told_on=today)}"
    wrong = "The seals differ from what they seal." if check is not None and check.findings else ""
    yield Line("Seals verified", verified, reverse("admin:ledger_sealcheck_changelist"), "ledger.view_sealcheck", wrong)


def _tell_backup(figures: Figures) -> Line:
    backup, today = figures.standing.backup, timezone.localdate(figures.now)
    if backup is None:
        return Line("Last backup", "none yet", "/healthz", trouble="manage.py backup has never taken a backup.")
    told = f"{say_moment(backup.taken_at, told_on=today)}, {backup.bytes / 2**20:,.1f} MB"
    trouble = "No backup was taken for more than a day." if backup.is_old else ""
    return Line("Last backup", told, "/healthz", trouble=trouble)


def _tell_waiting(figures: Figures) -> Iterator[Line]:
    today = timezone.localdate(figures.now)
    since = figures.standing.unnumbered_since
    is_late = since is not None and figures.now - since > EVENTS_LATE_AFTER
    yield Line(
        "Events without a number",
        f"the oldest {say_age((figures.now - since).total_seconds())}" if since else "none",
        reverse("admin:core_webhookendpoint_changelist"),
        "core.view_webhookendpoint",
        "Nobody outside is told what happens." if is_late else "",
    )
    for one in figures.waiting:
        if one.count:
            oldest = f", the oldest of {say_day(one.since, told_on=today)}" if one.since else ""
            failed = "The close has left drivers out." if one.stack.name == "dtr.failed" else ""
            yield Line(
                one.stack.title, f"{one.count:,}{oldest}", one.stack.address(today), one.stack.permission, failed
            )


def _ask_redis() -> tuple[dict[str, Sign] | None, str]:
    """Return the signs of life and the version; None, and that it does not answer, where it is gone."""
    try:
        return read_redis_and_version(seconds=_REDIS_SECONDS)
    except (RedisError, OSError):
        return None, "does not answer"


def _tell_parts(signs: dict[str, Sign] | None) -> Iterator[Line]:
    if signs is None:
        gone = "Redis does not answer: tills work on, and nothing runs by itself."
        yield Line("Redis", "does not answer", "/healthz", trouble=gone)
        return
    for part, title in ((WORKER, "Worker"), (BEAT, "Beat")):
        sign = signs.get(part)
        told = f"signed {say_age(sign.age)}, {sign.host}" if sign else "has not signed"
        trouble = "" if is_alive(part, signs) else f"{title} gives no sign of life."
        yield Line(title, told, "/healthz", trouble=trouble)


def _tell_machine() -> Iterator[Line]:
    disk: Disk | None = None
    with suppress(OSError):
        disk = read_disk()
    full = "The disk of DATA_DIR is nearly full." if disk is not None and disk.is_full else ""
    told = f"{disk.free / 2**30:,.1f} of {disk.size / 2**30:,.1f} GB free" if disk else "can't be read"
    yield Line("Disk of DATA_DIR", told, "/healthz", trouble=full if disk else "DATA_DIR can't be read.")
    pool = read_pool()
    size, free = pool.get("pool_size", 0), pool.get("pool_available", 0)
    used = f"{size - free} in use of {pool['max_size']}, {pool.get('requests_waiting', 0)} wait" if pool else "no pool"
    yield Line("Connections of this process", used, "/healthz")


def _tell_versions(figures: Figures, redis: str) -> Iterator[Line]:
    told = (("Product", PRODUCT), ("Python", platform.python_version()), ("Django", django.get_version()))
    stores = (("PostgreSQL", figures.server), ("Redis", redis))
    for label, version in (*told, *stores):
        yield Line(label, version, "/healthz")
    schema = figures.schema
    missing = f", {len(schema.missing)} missing: {', '.join(schema.missing[:3])}" if schema.missing else ""
    trouble = "The database lacks migrations of this version: manage.py migrate." if missing else ""
    yield Line("Migrations", f"{schema.applied} applied{missing}", "/readyz", trouble=trouble)
    yield Line("Mail", "to " + ", ".join(map(str, settings.ADMINS)) if settings.ADMINS else "not set", "/healthz")


def say_age(seconds: float) -> str:
    """Return how long ago it was: ``5 seconds ago``, ``3 hours ago``."""
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{count_of(int(seconds // size), word)} ago"
    return f"{count_of(max(0, int(seconds)), 'second')} ago"
