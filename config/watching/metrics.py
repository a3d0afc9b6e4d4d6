"""`/metrics`: how the promises stand, in figures for Prometheus; and how many requests, by django-prometheus.

The fleet's figures are read when they are asked for, so each process tells the same. What cannot be read is left out,
and ``fleet_up`` says which store was silent: an alarm on a figure that is absent is part of watching it.
"""

import hmac
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.heartbeat import Sign
from config.watching import probes
from config.watching.standing import Standing, read_standing
from config.watching.stores import Disk, Schema, read_disk, read_redis, read_schema
from config.watching.versions import PRODUCT
from core.desk import Waiting, list_stacks, sum_stacks
from core.doors.sessions import count_signed_in
from core.models import AuditResult

#: Seconds for the figures: what waits is counted, and some of it is long.
PATIENCE = 8


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the database tells, as of ``now``; ``findings`` are those of the last audit, by audit."""

    now: datetime
    schema: Schema
    standing: Standing
    findings: dict[str, int]
    waiting: list[Waiting]
    signed_in: int
    server: str


def read_figures(*, now: datetime) -> Figures:
    """Read them; ten statements, however many rows there are."""
    standing = read_standing(now=now)
    audit = standing.audit
    results = AuditResult.objects.filter(run=audit.run).values_list("name", "findings") if audit else ()
    return Figures(
        now=now,
        schema=read_schema(),
        standing=standing,
        findings=dict(results),
        waiting=sum_stacks(list_stacks(), today=timezone.localdate(now)),
        signed_in=count_signed_in(now=now),
        server=".".join(str(part) for part in divmod(connection.pg_version, 10_000)),  # type: ignore[attr-defined]
    )


def _ask_figures() -> Figures:
    with probes.own_connection(seconds=PATIENCE):
        return read_figures(now=timezone.now())


figures_probe = probes.Probe(_ask_figures)
redis_probe = probes.Probe(lambda: read_redis(seconds=1))
disk_probe = probes.Probe(read_disk)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer whoever shows the token. Without a token in the settings there is no such page, for nobody.

    (That the asker is on this machine says nothing: behind a proxy everybody is.)
    """
    token = settings.METRICS_TOKEN
    if not token:
        return HttpResponse(status=404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    registry = CollectorRegistry()
    registry.register(FleetCollector())
    exported: HttpResponse = ExportToDjangoView(request)
    exported.content = generate_latest(registry) + exported.content
    return exported


class FleetCollector(Collector):
    """Asks each store once, when it is collected."""

    def describe(self) -> list[Metric]:
        return []  # nothing is asked when it is registered

    def collect(self) -> Iterator[Metric]:
        deadline = probes.Deadline(PATIENCE)
        probed: dict[str, probes.Probe[Any]] = {"database": figures_probe, "redis": redis_probe, "disk": disk_probe}
        asked = {name: probe.begin() for name, probe in probed.items()}
        told: dict[str, Any] = {}
        for name, answer in asked.items():
            try:
                told[name] = deadline.wait_for(answer)
            except Exception:  # fleet_up says so, and /healthz has the reason in the log
                told[name] = None
        up = _family("up", "Whether a store answered.", "store")
        for name, answer in told.items():
            up.add_metric([name], float(answer is not None))
        yield up
        if told["database"] is not None:
            yield from _tell_figures(told["database"])
        if told["redis"] is not None:
            yield from _tell_signs(told["redis"])
        if told["disk"] is not None:
            yield from _tell_disk(told["disk"])
        yield from _tell_pool()


def _tell_figures(figures: Figures) -> Iterator[Metric]:
    standing, now = figures.standing, figures.now
    info = _family("info", "What runs here.", "version", "python", "django", "postgresql")
    info.add_metric([PRODUCT, platform.python_version(), django.get_version(), figures.server], 1)
    yield info
    yield _gauge(
        "migrations_missing", "Migrations that the code has and the database lacks.", len(figures.schema.missing)
    )
    close = standing.close
    if close.closed_at is not None:
        yield _gauge("close_age_seconds", "Since the last close of a week ended.", _age(now, close.closed_at))
    if close.due_at is not None:
        overdue = max(0.0, _age(now, close.due_at))
        yield _gauge("close_overdue_seconds", "Since the next close was due; 0 before.", overdue)
    yield _gauge("close_open", "Whether a close was begun and is not finished.", close.is_open)
    yield _gauge("close_batches_failed", "Batches of the open close that were given up.", close.failed_batches)
    if standing.audit is not None:
        yield _gauge("audit_age_seconds", "Since the last audit ended.", _age(now, standing.audit.finished_at))
    if standing.backup is not None:
        yield _gauge("backup_age_seconds", "Since the moment of the last backup.", _age(now, standing.backup.taken_at))
    found = _family("audit_findings", "What the last audit found.", "audit")
    for name, count in sorted(figures.findings.items()):
        found.add_metric([name], count)
    yield found
    waiting = _family("waiting", "What waits for people, as Home counts it.", "stack")
    for one in figures.waiting:
        waiting.add_metric([one.stack.name], one.count)
    yield waiting
    since = _family("waiting_days", "Since the oldest of it waits, in days.", "stack")
    for one in figures.waiting:
        if one.since is not None:
            since.add_metric([one.stack.name], max(0, (timezone.localdate(now) - one.since).days))
    yield since
    lag = _age(now, standing.unnumbered_since) if standing.unnumbered_since else 0.0
    yield _gauge(
        "events_lag_seconds", "Since the oldest fact without a number: nobody outside was told it.", max(0.0, lag)
    )
    yield _gauge("seal_lag_seconds", "Since the oldest row that is not sealed.", standing.seals.lag_seconds)
    yield _gauge("seal_waiting_rows", "Rows that are not sealed, counted up to a bound.", standing.seals.waiting_rows)
    yield _gauge("seal_number", "Of the last seal.", standing.seals.number)
    yield _gauge("signed_in", "Sessions of people that have not ended.", figures.signed_in)


def _tell_signs(signs: dict[str, Sign]) -> Iterator[Metric]:
    ages = _family("heartbeat_age_seconds", "Since the last sign of life.", "part")
    for part, sign in sorted(signs.items()):
        ages.add_metric([part], sign.age)
    yield ages


def _tell_disk(disk: Disk) -> Iterator[Metric]:
    yield _gauge("disk_free_bytes", "Free in DATA_DIR.", disk.free)
    yield _gauge("disk_size_bytes", "Size of the disk of DATA_DIR.", disk.size)


def _tell_pool() -> Iterator[Metric]:
    """Of the process that answers: how many connections its pool has, how many are free, and who waits for one."""
    told = read_pool()
    for name, words in (("pool_size", "has"), ("pool_available", "has free"), ("requests_waiting", "is waited for")):
        if name in told:
            yield _gauge(f"pool_{name.removeprefix('pool_')}", f"Connections this process' pool {words}.", told[name])


def read_pool() -> dict[str, int]:
    """Return psycopg's own figures of this process' pool, with ``max_size``; nothing where there is none."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    pool = wrapper.pool
    return {**pool.get_stats(), "max_size": pool.max_size} if pool is not None else {}


def _age(now: datetime, moment: datetime) -> float:
    return (now - moment).total_seconds()


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"fleet_{name}", words, value=float(value))


def _family(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"fleet_{name}", words, labels=labels)
