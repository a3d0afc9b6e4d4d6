"""What the audits found stays as it was told, whoever would have it otherwise; what found nothing goes by its age."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core.models import AuditResult, AuditRun
from core.services import purge_audits, run_audits
from core.tasks import purge_audits_task
from tests.guards import refusal_of

pytestmark = pytest.mark.django_db

RUNS, RESULTS = "core_audit_runs_kept", "core_audit_results_kept"
#: A run by its age in days, with findings of its one audit or without; and whether both go when somebody deletes them.
AGES = {(29, 0): False, (31, 0): True, (29, 2): False, (31, 2): False, (5000, 2): False}


def make_run(days: int, findings: int) -> AuditRun:
    """A run that ended so many days ago."""
    at = timezone.now() - timedelta(days=days)
    run = AuditRun.objects.create(started_at=at, finished_at=at, findings=findings)
    AuditResult.objects.create(run=run, name="core.tried", promise="It holds.", findings=findings, seconds=0)
    return run


def goes(run: AuditRun) -> bool:
    """Whether the role that works can delete a run with what it said."""
    try:
        with transaction.atomic():
            run.delete()
    except DatabaseError:
        return False
    return True


def test_only_what_is_old_and_found_nothing_goes() -> None:
    assert {key: goes(make_run(*key)) for key in AGES} == AGES
    assert sorted(AuditResult.objects.values_list("findings", flat=True)) == [0, 2, 2, 2]


def test_a_result_with_findings_stays_whatever_its_run_says() -> None:
    told = make_run(31, 0)
    AuditResult.objects.create(run=told, name="core.other", promise="It holds.", findings=1, seconds=0)
    assert refusal_of("DELETE FROM core_audit_results WHERE findings = 1") == RESULTS
    assert refusal_of("DELETE FROM core_audit_results") == RESULTS
    refused = {
        refusal_of("UPDATE core_audit_results SET findings = 0"),
        refusal_of("""UPDATE core_audit_results SET sample = '["All is well."]'"""),
    }
    assert refused == {RESULTS}


def test_a_run_ends_once_and_is_never_told_otherwise() -> None:
    run = run_audits()
    assert refusal_of("UPDATE core_audit_runs SET findings = findings + 1") == RUNS
    assert refusal_of("UPDATE core_audit_runs SET finished_at = NULL") == RUNS
    assert refusal_of("UPDATE core_audit_runs SET started_at = started_at - interval '1 year'") == RUNS
    begun = AuditRun.objects.create()
    dated_back = f"UPDATE core_audit_runs SET started_at = started_at - interval '1 year' WHERE id = {begun.pk}"
    assert refusal_of(dated_back) == RUNS
    assert AuditRun.objects.get(pk=run.pk).finished_at == run.finished_at


def test_nobody_empties_the_tables() -> None:
    assert refusal_of("TRUNCATE core_audit_results") == RESULTS
    assert refusal_of("TRUNCATE core_audit_runs CASCADE") in (RUNS, RESULTS)


def test_the_product_may_not_even_write_a_moment_anew() -> None:
    """Where it has a role of its own."""
    if settings.DATABASE_ROLE in ("", settings.OWNER_DATABASE["USER"]):
        pytest.skip("The product works as the owner here.")
    make_run(1, 0)
    for act in ("UPDATE core_audit_runs SET started_at = now()", "UPDATE core_audit_results SET sample = '[]'"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(act)


def test_the_task_passes_over_what_is_kept() -> None:
    """What it asks of the database is what that lets go."""
    make_run(settings.AUDIT_KEEP_DAYS + 1, 0)
    kept = {make_run(settings.AUDIT_KEEP_DAYS + 1, 3), make_run(29, 0), make_run(1, 0)}
    purge_audits_task()
    assert set(AuditRun.objects.all()) == kept
    make_run(31, 0)
    assert purge_audits(before=timezone.now() - timedelta(days=30)) == 0  # the newest of all stays
