"""The command and the pages of an opening."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from golive.models import OpeningImport
from golive.services import openings
from golive.tasks import read_opening_task, read_openings_task
from ledger.models import LedgerPosting
from tests.factories import DriverFactory, UserFactory
from tests.golive.workbooks import fleet, workbook

pytestmark = pytest.mark.django_db

LIST = "/admin/golive/openingimport/"
UPLOAD = "/admin/golive/openingimport/upload/"


def run(file, **options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_opening_balances", str(file), stdout=out, stderr=err, **options)
    except CommandError as refusal:
        return out.getvalue(), err.getvalue(), str(refusal)
    return out.getvalue(), err.getvalue(), ""


class TestCommand:
    def test_the_command_previews_imports_and_imports_no_more(self, tmp_path):
        file = tmp_path / "opening.xlsx"
        file.write_bytes(workbook())

        out, _, _ = run(file, preview=True)
        assert "Debts: 3 rows, 1655.35\n" in out
        assert out.endswith("Nothing was written: it was done and undone.\n")
        assert LedgerPosting.objects.count() == 0

        out, _, _ = run(file)
        assert out.startswith("Cut-over: Mar 1, 2026\nDrivers: 3 rows, 0.00\n")
        assert "  1100 Drivers' receivable: debit 1655.35, credit 0.00\n" in out
        assert out.endswith("opening.xlsx is imported.\n")
        posted = LedgerPosting.objects.count()

        out, _, _ = run(file)
        assert out == "opening.xlsx was imported before, as opening.xlsx; nothing was imported.\n"
        assert LedgerPosting.objects.count() == posted == 5

    def test_the_command_imports_a_file_whose_name_is_no_text(self, tmp_path):
        file = tmp_path / "caf\udce9.xlsx"
        file.write_bytes(workbook())

        out, _, refusal = run(file)
        assert (out.splitlines()[-1], refusal) == ("caf\N{REPLACEMENT CHARACTER}.xlsx is imported.", "")
        assert OpeningImport.objects.get().file_name == "caf\N{REPLACEMENT CHARACTER}.xlsx"

    def test_the_command_reports_each_error_and_fails(self, tmp_path):
        sheets = fleet()
        sheets["Debts"][1][1] = "7777777"
        file = tmp_path / "opening.xlsx"
        file.write_bytes(workbook(sheets))
        assert run(file) == (
            "",
            "Debts, row 2, TLC license: No driver has the license 7777777.\n",
            "1 thing is wrong in the workbook. Nothing was imported.",
        )
        assert OpeningImport.objects.count() == 0

    def test_the_command_writes_the_template_over_nothing(self, tmp_path):
        file = tmp_path / "template.xlsx"
        assert run(file, template=True)[2] == ""
        assert "File exists" in run(file, template=True)[2]
        assert "Cut-over, Date: Exactly one date is wanted." in run(file)[1]
        assert "No such file" in run(tmp_path / "none.xlsx")[2]


@pytest.fixture
def supervisor(client):
    user = UserFactory.create(groups=["Supervisor"])
    client.force_login(user)
    return user


def send(client, content=None):
    file = SimpleUploadedFile("opening.xlsx", content or workbook())
    return client.post(UPLOAD, {"file": file, "_confirm": "1"})


def upload(client, content=None):
    """Upload a workbook and have a worker read it."""
    answer = send(client, content)
    read_openings_task()
    return answer


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What workers are sent to read."""
    sent: list[Any] = []
    monkeypatch.setattr(read_opening_task, "apply_async", sent.append)
    return sent


class TestPages:
    def test_a_workbook_is_uploaded_previewed_and_imported(self, client, supervisor):
        assert UPLOAD in client.get(LIST).content.decode()
        content = workbook()
        preview_url = upload(client, content).url
        opening = OpeningImport.objects.get()
        assert preview_url == reverse("admin:golive_openingimport_import", args=[opening.pk])

        page = client.get(preview_url)
        assert "1655.35" in page.content.decode()
        assert "Drivers&#x27; receivable" in page.content.decode()
        assert LedgerPosting.objects.count() == 0

        unseen = client.post(preview_url, {"_confirm": "1"})
        assert (unseen.status_code, LedgerPosting.objects.count()) == (200, 0)
        done = client.post(preview_url, {"_confirm": "1", "_seen": page.context["seen"]})
        assert done.url == reverse("admin:golive_openingimport_change", args=[opening.pk])
        opening.refresh_from_db()
        assert (opening.imported_by, LedgerPosting.objects.count()) == (supervisor, 5)
        assert "1655.35" in client.get(done.url).content.decode()

        assert client.post(preview_url, {"_confirm": "1"}).url == done.url
        assert client.get(preview_url).url == upload(client, content).url == done.url
        assert LedgerPosting.objects.count() == 5

    def test_the_page_shows_what_is_wrong_and_offers_no_import(self, client, supervisor):
        sheets = fleet()
        sheets["Control"][4][2] += 0.01
        page = client.get(upload(client, workbook(sheets)).url).content.decode()
        assert "Debts should come to 1,655.36, and comes to 1,655.35." in page
        assert "Import all of it" not in page
        assert LedgerPosting.objects.count() == 0

    def test_no_page_reads_the_workbook(self, client, supervisor, sent, monkeypatch):
        monkeypatch.setattr(openings, "read_pages", None)
        url = send(client).url
        opening = OpeningImport.objects.get()
        assert sent == [(opening.pk,)]
        page = client.get(url)
        assert "The workbook is being read." in page.content.decode()
        assert "Import all of it" not in page.content.decode()
        refused = client.post(url, {"_confirm": "1"})
        assert (refused.status_code, LedgerPosting.objects.count()) == (200, 0)
        assert "opening.xlsx is not read yet." in refused.content.decode()

    def test_what_was_read_is_kept_and_imported_from(self, client, supervisor, monkeypatch):
        url = upload(client).url
        monkeypatch.setattr(openings, "read_pages", None)
        monkeypatch.setattr(openings, "read_opening", None)
        page = client.get(url)
        client.post(url, {"_confirm": "1", "_seen": page.context["seen"]})
        opening = OpeningImport.objects.get()
        assert (opening.imported_by, LedgerPosting.objects.count()) == (supervisor, 5)

    def test_it_is_looked_at_again_where_something_was_entered_since(self, client, supervisor):
        sheets = fleet()
        sheets["Debts"][1][1] = "7777777"
        url = upload(client, workbook(sheets)).url
        assert "No driver has the license 7777777." in client.get(url).content.decode()
        DriverFactory.create(tlc_license="07777777")
        again = reverse("admin:golive_openingimport_read", args=[OpeningImport.objects.get().pk])
        assert again in client.get(url).content.decode()
        assert client.post(again, {"_confirm": "1"}).url == url
        read_openings_task()
        # The driver is known now; the lease that the row names is another's.
        page = client.get(url).content.decode()
        assert "No driver has the license" not in page
        assert "Lease L-1 is" in page

    def test_an_imported_one_is_not_read_again(self, client, supervisor):
        url = upload(client).url
        client.post(url, {"_confirm": "1", "_seen": client.get(url).context["seen"]})
        again = reverse("admin:golive_openingimport_read", args=[OpeningImport.objects.get().pk])
        page = client.post(again, {"_confirm": "1"}).content.decode()
        assert "was imported before" in page

    def test_a_file_of_another_kind_is_refused_on_its_page(self, client, supervisor):
        page = client.get(upload(client, b"no workbook").url).content.decode()
        assert "The file is not an XLSX workbook." in page

    def test_the_template_can_be_had(self, client, supervisor):
        answer = client.get(reverse("admin:golive_openingimport_template"))
        assert answer.content.startswith(b"PK")

    @pytest.mark.parametrize(("role", "may_look"), [("Cashier", 403), ("Office", 403), ("Auditor", 200)])
    def test_only_a_supervisor_may_go_live(self, client, role, may_look):
        client.force_login(UserFactory.create(groups=[role]))
        staged = OpeningImport.objects.create(sha256="0" * 64, file_name="x.xlsx", content=workbook())
        assert client.get(UPLOAD).status_code == upload(client).status_code == 403
        act = reverse("admin:golive_openingimport_import", args=[staged.pk])
        assert client.get(act).status_code == client.post(act, {"_confirm": "1"}).status_code == 403
        assert client.get(LIST).status_code == may_look
        assert (OpeningImport.objects.count(), LedgerPosting.objects.count()) == (1, 0)
