"""`/livez`, `/readyz` and `/healthz`: does the process answer, may it be sent people, is all of it well?

Anybody may ask, so an answer names each part and `ok` or `fails`; the reason is in the log alone.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.heartbeat import BEAT, BEAT_MISSING_AFTER_SECONDS, MISSING_AFTER_SECONDS, WORKER, Sign, is_alive
from config.watching import probes
from config.watching.standing import Standing, read_standing
from config.watching.stores import Disk, Schema, check_static, read_disk, read_redis, read_schema

logger = logging.getLogger(__name__)

OK, FAILS, NONE = "ok", "fails", "none"

#: Parts that failed when this process was asked last: a reason is told when it begins, and its end once.
_failing: set[str] = set()


def _ask_schema() -> Schema:
    with probes.own_connection(seconds=probes.PATIENCE):
        return read_schema()


def _ask_standing() -> Standing:
    with probes.own_connection(seconds=probes.PATIENCE):
        return read_standing(now=timezone.now())


schema_probe = probes.Probe(_ask_schema)
standing_probe = probes.Probe(_ask_standing)
redis_probe = probes.Probe(lambda: read_redis(seconds=1))
disk_probe = probes.Probe(read_disk)
static_probe = probes.Probe(check_static)


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Answer 200: this process takes requests. Whoever ends what does not answer asks this, and nothing else."""
    return JsonResponse({"process": OK})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 where people may be sent here, and 503 naming why not. Tills work without Redis."""
    deadline = probes.Deadline(probes.PATIENCE)
    schema, static = schema_probe.begin(), static_probe.begin()
    report = _Report()
    report.ask_schema(lambda: deadline.wait_for(schema))
    report.ask("static", lambda: deadline.wait_for(static))
    return report.answer()


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when all is well, and 503 naming what fails and must be mended on the machine.

    How close, audits, seals and backups stand comes with it, and is no reason to fail: people see to them, and no
    restart mends them.
    """
    deadline = probes.Deadline(probes.PATIENCE)
    schema, redis = schema_probe.begin(), redis_probe.begin()
    disk, static, standing = disk_probe.begin(), static_probe.begin(), standing_probe.begin()
    report = _Report()
    report.ask_schema(lambda: deadline.wait_for(schema))
    report.ask("static", lambda: deadline.wait_for(static))
    signs = report.ask("redis", lambda: deadline.wait_for(redis))
    report.ask(WORKER, lambda: _check_sign(WORKER, signs, MISSING_AFTER_SECONDS))
    report.ask(BEAT, lambda: _check_sign(BEAT, signs, BEAT_MISSING_AFTER_SECONDS))
    report.ask("disk", lambda: _check_disk(deadline.wait_for(disk)))
    told = report.look("the standing of close, audits, seals and backups", lambda: _tell(deadline.wait_for(standing)))
    return report.answer(told or {"close": NONE, "audit": NONE, "backup": NONE, "seals": None})


class _Report:
    def __init__(self) -> None:
        self.parts: dict[str, str] = {}

    def ask_schema(self, ask: Callable[[], Schema]) -> Schema | None:
        """Note two parts by one answer: the database gives one, and it says that nothing is missing."""
        schema: Schema | None = self.ask("database", ask)
        self.ask("schema", lambda: _check_schema(schema))
        return schema

    def ask(self, part: str, ask: Callable[[], Any]) -> Any:
        """Note a part by whether asking raises, and return the answer."""
        self.parts[part] = FAILS

        def note() -> Any:
            answer = ask()
            self.parts[part] = OK
            return answer

        return self.look(part, note)

    def look(self, part: str, ask: Callable[[], Any]) -> Any:
        """Return the answer; where asking raises, the log has why, once, and None is returned."""
        try:
            answer = ask()
        except Exception as error:
            if part not in _failing:
                logger.warning("Health: %s fails: %s", part, str(error).strip() or type(error).__name__)
            _failing.add(part)
            return None
        if part in _failing:
            logger.warning("Health: %s is ok again.", part)
        _failing.discard(part)
        return answer

    def answer(self, told: Mapping[str, Any] | None = None) -> HttpResponse:
        is_well = set(self.parts.values()) == {OK}
        answer = JsonResponse({**self.parts, **(told or {})}, status=200 if is_well else 503)
        # Told above, once: Django would make each answer that is no 200 an ERROR, as often as somebody asks.
        answer._has_been_logged = True  # type: ignore[attr-defined]
        return answer


def _check_schema(schema: Schema | None) -> None:
    if schema is None:
        raise ConnectionError("the database does not answer")
    if schema.missing:
        raise RuntimeError(f"the database lacks {', '.join(schema.missing[:3])} of {len(schema.missing)} migrations")


def _check_sign(part: str, signs: dict[str, Sign] | None, seconds: int) -> None:
    if signs is None:
        raise ConnectionError("Redis does not answer")
    if not is_alive(part, signs):
        raise TimeoutError(f"no {part} has signed for {seconds} seconds")


def _check_disk(disk: Disk) -> None:
    if disk.is_full:
        raise OSError(f"{disk.free // 2**20} MB are free in DATA_DIR")


def _tell(standing: Standing) -> dict[str, Any]:
    """Return what is told besides, for people to see to."""
    close, audit, seals, backup = standing.close, standing.audit, standing.seals, standing.backup
    return {
        "close": FAILS if close.is_late or close.failed_batches else OK if close.closed_at else NONE,
        "audit": NONE if audit is None else FAILS if audit.findings or audit.is_old else OK,
        "backup": NONE if backup is None else FAILS if backup.is_old else OK,
        "seals": {
            "number": seals.number,
            "head": seals.digest,
            "waiting_rows": seals.waiting_rows,
            "lag_seconds": seals.lag_seconds,
        },
    }
