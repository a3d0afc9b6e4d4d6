"""What docs/retention.md says of how long things are kept is what the settings, the schedule and the tables are."""

import re
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from config.embedded import folder
from config.grants import TABLE_GRANTS
from config.schedules import SCHEDULES
from core.models import AuditResult, AuditRun
from core.tasks import KEEP_ANSWERS, purge_audits_task

PROJECT = Path(__file__).resolve().parents[2]
TEXT = (PROJECT / "docs" / "retention.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")]
#: Names of tables, with * for any more letters; what else stands in backticks has a capital, a dash or a slash.
_TABLES = re.compile(r"`([a-z_]+\*?)`")


def list_patterns() -> list[str]:
    return [pattern for row in ROWS for pattern in _TABLES.findall(row[1])]


class TestTables:
    def test_each_table_is_told_once(self) -> None:
        told = {table: [name for name in list_patterns() if fnmatch(table, name)] for table in TABLE_GRANTS}

        assert {table: found for table, found in told.items() if len(found) != 1} == {}

    def test_each_name_is_that_of_a_table(self) -> None:
        lost = [name for name in list_patterns() if not any(fnmatch(table, name) for table in TABLE_GRANTS)]
        assert lost == []


class TestTimes:
    def test_each_purge_of_the_schedule_is_told_and_no_other(self) -> None:
        told = {name for row in ROWS for name in re.findall(r"\*(Purge [^*]+)\*", row[3] if len(row) > 3 else "")}

        assert told == {name for name in SCHEDULES if name.startswith("Purge")}

    def test_each_setting_has_the_value_that_is_told(self) -> None:
        told = {name: int(number) for name, number in re.findall(r"`([A-Z_]+)`: (\d+)", TEXT)}

        assert told == {
            "WEBHOOK_KEEP_DAYS": settings.WEBHOOK_KEEP_DAYS,
            "ACCESS_KEEP_DAYS": settings.ACCESS_KEEP_DAYS,
            "AUDIT_KEEP_DAYS": settings.AUDIT_KEEP_DAYS,
            "SIGN_IN_LOCK_MINUTES": settings.AXES_COOLOFF_TIME.total_seconds() / 60,
        }

    def test_answers_and_logs_are_kept_as_long_as_is_told(self) -> None:
        assert f"| {KEEP_ANSWERS.days} days | *Purge old API answers*" in TEXT
        assert f"| {folder.LONGEST_LOG // 2**20} MB, and the one before |" in TEXT

    def test_the_timer_keeps_what_is_told(self) -> None:
        unit = (PROJECT / "deploy" / "fleet-backup.service").read_text()
        kept = re.search(r"backup --keep (\d+) --keep-weekly (\d+)$", unit, re.MULTILINE)
        assert kept is not None
        assert f"| {kept.group(1)} days and {kept.group(2)} weeks |" in TEXT


@pytest.mark.django_db
class TestAudits:
    def test_old_runs_without_a_finding_go_and_the_others_stay(self) -> None:
        now = timezone.now()
        old, young = now - timedelta(days=settings.AUDIT_KEEP_DAYS + 1), now - timedelta(days=1)
        facts = ((old, 0), (old, 2), (young, 0))
        gone, found, kept = (AuditRun.objects.create(started_at=at, findings=count) for at, count in facts)
        AuditResult.objects.create(run=gone, name="core.grants", promise="", findings=0, seconds=0)

        purge_audits_task()

        assert set(AuditRun.objects.all()) == {found, kept}

    def test_the_newest_stays_however_old(self) -> None:
        old = AuditRun.objects.create(started_at=timezone.now() - timedelta(days=5000))
        purge_audits_task()
        assert list(AuditRun.objects.all()) == [old]


class TestLogs:
    def test_a_long_log_is_put_aside_and_a_short_one_goes_on(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setattr(folder, "LONGEST_LOG", 5)
        log = tmp_path / "postgres.log"
        folder.keep_short(log)
        log.write_text("short")
        folder.keep_short(log)
        assert log.read_text() == "short"
        log.write_text("longer")
        folder.keep_short(log)
        assert [path.name for path in tmp_path.iterdir()] == ["postgres.log.1"]
