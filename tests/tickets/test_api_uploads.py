"""A file of tickets sent to be looked at alone."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import Upload
from tests.factories import UserFactory
from tests.ledger.api.client import client_of, problem_of
from tests.tickets.files import EZPASS_HEAD, text
from tests.tickets.pages import recent_toll
from tickets.models import TicketImport
from tickets.tasks import read_file_task

pytestmark = pytest.mark.django_db

ADDRESS = "/api/imports?dry_run=true"


def test_a_dry_run_reads_it_and_keeps_nothing(monkeypatch):
    office = client_of(UserFactory.create(groups=["Office"]))
    sent: list[Any] = []
    monkeypatch.setattr(read_file_task, "apply_async", sent.append)
    file = SimpleUploadedFile("tolls.csv", text(EZPASS_HEAD, [recent_toll(1), recent_toll(2, amount="x")]))

    told = office.post(ADDRESS, {"file": file}, format="multipart")

    assert told.status_code == 200, told.content
    assert (told.json()["state"], told.json()["row_count"], told.json()["error_count"]) == ("STAGED", 2, 1)
    assert (told.json()["errors"][0]["row"], told.json()["dry_run"]) == (3, {})
    assert (TicketImport.objects.count(), Upload.objects.count(), sent) == (0, 0, [])
    refused = SimpleUploadedFile("other.csv", b"a,b\n1,2\n")
    refusal = office.post(ADDRESS, {"file": refused}, format="multipart")
    assert problem_of(refusal) == (400, "unreadable_ticket_file")
    monkeypatch.setattr("core.api.uploads.Upload.most_bytes_at_once", 10)
    file.seek(0)
    large = office.post(ADDRESS, {"file": file}, format="multipart")
    assert problem_of(large) == (413, "body_too_large")
    assert (TicketImport.objects.count(), Upload.objects.count()) == (0, 0)
