"""What an audit finds is told: an ERROR of the log each time, a mail when it is new, a banner above each page."""

import logging

import pytest
from django.contrib.auth.models import Group
from django.core import mail

from core import audits, services
from core.audits import Audit
from core.models import AuditRun
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(monkeypatch) -> list[str]:
    """What the one audit that there is will find: the test says."""
    sentences: list[str] = []
    tried = [
        Audit("core.tried", "Nothing is wrong.", lambda: list(sentences)),
        Audit("core.well", "Nothing ever is.", list),
    ]
    monkeypatch.setattr("core.services.audits.list_audits", lambda: tried)
    assert audits.list_audits()
    return sentences


@pytest.fixture
def _mailed(settings) -> None:
    settings.ADMINS, settings.MAIL_IS_SET = [("Ops", "ops@fleet.example")], True


def errors_of(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_the_log_names_the_audits_each_time(found, caplog):
    services.run_audits()
    assert errors_of(caplog) == []

    found[:] = ["Posting 7 is lost.", "Posting 8 is lost."]
    runs = [services.run_audits().pk for _ in range(2)]

    assert errors_of(caplog) == [f"Audit {run}: 2 findings, of core.tried (2)." for run in runs]


@pytest.mark.usefixtures("_mailed")
def test_a_mail_tells_what_is_new_and_nothing_twice(found):
    sent: list[str] = []
    for sentences in (["A."], ["A."], ["A.", "B."], [], ["A."]):
        found[:] = sentences
        services.run_audits()
        sent.append(" ".join(line for one in mail.outbox for line in one.body.splitlines() if "core.tried" in line))
        mail.outbox.clear()

    assert sent == ["core.tried: A.", "", "core.tried: B.", "", "core.tried: A."]


@pytest.mark.usefixtures("_mailed")
def test_a_mail_server_that_fails_hinders_nothing(found, caplog, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no mail server")

    monkeypatch.setattr("core.services.audits.mail_admins", fail)
    found[:] = ["A."]

    run = services.run_audits()

    assert run.finished_at is not None
    assert errors_of(caplog)[-1] == f"Audit {run.pk} could not be mailed: no mail server"


@pytest.mark.parametrize(("admins", "is_set"), [([], True), ([("Ops", "ops@fleet.example")], False)])
def test_without_mail_there_is_none(found, settings, admins, is_set):
    settings.ADMINS, settings.MAIL_IS_SET = admins, is_set
    found[:] = ["A."]
    services.run_audits()

    assert mail.outbox == []


@pytest.mark.parametrize(("role", "is_told"), [("Supervisor", True), ("Auditor", True), ("Office", False)])
def test_the_banner_is_for_those_who_may_read_audits(role, is_told, found, client):
    user = UserFactory.create(is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    client.force_login(user)
    assert client.get("/admin/home/waiting/").json()["trouble"] is None
    found[:] = ["A."]
    run = services.run_audits()

    trouble = client.get("/admin/home/waiting/").json()["trouble"]

    if is_told:
        assert trouble["address"] == f"/admin/core/auditrun/{run.pk}/change/"
        assert trouble["words"].endswith("found something: 1 finding.")
        assert client.get(trouble["address"]).status_code == 200
    else:
        assert trouble is None
    assert ("data-trouble" in client.get("/admin/leases/driver/").content.decode()) is is_told
    AuditRun.objects.create(finished_at=run.finished_at)
    assert client.get("/admin/home/waiting/").json()["trouble"] is None
