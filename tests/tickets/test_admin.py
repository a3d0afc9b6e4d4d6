"""Tickets in the admin: the wizard, the queue, the acts, and what each role may."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.sources import find_source
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse, confirm, errors_on, messages_on, url_of
from tests.tickets.files import EZPASS_HEAD, count_postings, leased_cab, owed, text, toll
from tickets.admin.lists import imports
from tickets.admin.pages import imports as import_pages
from tickets.models import ChargeType, ImportRow, MiscCharge, Ticket, TicketImport
from tickets.tasks import rematch_waiting_task

pytestmark = pytest.mark.django_db

UPLOAD = "tickets_ticketimport_upload"


@pytest.fixture
def lease():
    today = timezone.localdate()
    return leased_cab(start_on=today - timedelta(days=70), end_on=today + timedelta(days=70))


def yesterday() -> str:
    return f"{timezone.localdate() - timedelta(days=1):%m/%d/%Y}"


def upload(client, *rows: str):
    file = SimpleUploadedFile("tolls.csv", text(EZPASS_HEAD, rows))
    return client.post(url_of(UPLOAD), {"kind": "ezpass", "file": file, "_confirm": "1"}, follow=True)


def import_tolls(client, *rows: str) -> TicketImport:
    file: TicketImport = upload(client, *rows).context["original"]
    client.post(url_of("tickets_ticketimport_confirm", file.pk), {"_confirm": "1"})
    file.refresh_from_db()
    return file


class TestImportWizard:
    def test_upload_preview_confirm_result(self, lease):
        client = browse("Office")
        assert client.get(url_of(UPLOAD)).status_code == 200
        page = upload(client, toll(1, on=yesterday()), toll(2, on=yesterday(), amount="x"), toll(3, "NY ZZZ9999"))
        file = page.context["original"]
        assert [(row.row, row.column) for row in page.context["rows"]] == [(3, "Amount")]
        assert (file.new_count, file.unmatched_count, file.error_count, count_postings()) == (2, 1, 1, 0)
        for name in imports.VIEWS:
            assert client.get(url_of("tickets_ticketimport_change", file.pk), {"rows": name}).status_code == 200

        assert client.get(url_of("tickets_ticketimport_confirm", file.pk)).status_code == 200
        assert count_postings() == 0
        done = client.post(url_of("tickets_ticketimport_confirm", file.pk), {"_confirm": "1"}, follow=True)
        assert messages_on(done) == ["2 imported: 1 charged or credited, 1 wait in review."]
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}

        again = upload(client, toll(1, on=yesterday()), toll(2, on=yesterday(), amount="x"), toll(3, "NY ZZZ9999"))
        assert "uploaded before" in messages_on(again)[0]
        assert (TicketImport.objects.count(), Ticket.objects.count()) == (1, 2)

    def test_what_is_no_statement_is_told_at_the_file(self):
        page = browse("Office").post(
            url_of(UPLOAD), {"kind": "pvb", "file": SimpleUploadedFile("x.csv", b"\x00\xff"), "_confirm": "1"}
        )
        assert list(errors_on(page)) == ["file"]
        assert not TicketImport.objects.exists()

    def test_never_shows_a_long_file_at_once(self, lease):
        client = browse("Office")
        page = upload(client, *(toll(n, amount="x") for n in range(120)))
        assert len(page.context["rows"]) == imports.ROWS_ON_A_PAGE
        assert page.context["rows"].paginator.num_pages == 3

    def test_a_long_file_is_left_to_a_worker(self, lease, monkeypatch):
        monkeypatch.setattr(import_pages, "ROWS_AT_ONCE", 1)
        client = browse("Office")
        file = import_tolls(client, toll(1, on=yesterday()), toll(2, on=yesterday()))
        assert (file.state, count_postings()) == ("IMPORTING", 0)
        assert b"0 of 2 imported" in client.get(url_of("tickets_ticketimport_change", file.pk)).content
        rematch_waiting_task()
        file.refresh_from_db()
        assert (file.state, file.charged_count) == ("IMPORTED", 2)

    def test_the_template_is_read_as_it_is(self):
        got = browse("Office").get(url_of("tickets_ticketimport_template"))
        assert got["Content-Type"].startswith("text/csv")
        assert got.content.startswith(b"Summons Number,Type,Issue Date")


class TestQueueAndActs:
    def test_a_candidate_is_chosen_and_charged(self, lease):
        client = browse("Office")
        import_tolls(client, toll(1, "NY ZZZ9999", on=yesterday()))
        queue = client.get(url_of("tickets_ticket_queue"))
        ticket = Ticket.objects.get()
        assert list(queue.context["tickets"]) == [ticket]
        url = url_of("tickets_ticket_assign", ticket.pk)
        driver = lease.primary_driver
        page = client.get(url, {"driver": driver.pk, "lease": lease.pk})
        assert page.context["form"].initial == {"driver": driver.pk, "lease": lease.pk}
        confirm(client, url, driver=driver.pk, lease=lease.pk, reason="")
        assert owed(driver) == {"EZPASS-1": Decimal("9.11")}
        assert client.get(url_of("tickets_ticket_change", ticket.pk)).status_code == 200
        assert client.get(url_of("tickets_ticket_changelist"), {"q": "EZPASS-1"}).status_code == 200

    def test_charging_another_shows_both_drivers_and_needs_a_reason(self, lease):
        client = browse("Supervisor")
        import_tolls(client, toll(1, on=yesterday()))
        ticket, other = Ticket.objects.get(), DriverFactory.create()
        url = url_of("tickets_ticket_assign", ticket.pk)
        refused = client.post(url, {"driver": other.pk, "_preview": "1"})
        assert list(errors_on(refused)) == ["reason"]
        page = client.post(url, {"driver": other.pk, "reason": "They drove", "_preview": "1"})
        assert [driver for driver, _ in page.context["preview"]] == [str(lease.primary_driver), str(other)]
        confirm(client, url, driver=other.pk, reason="They drove")
        assert (owed(lease.primary_driver), list(owed(other))) == ({}, ["EZPASS-1"])
        shown = client.get(url_of("tickets_ticket_change", ticket.pk))
        assert "They drove" in shown.content.decode()

    def test_correct_dispute_dismiss(self, lease):
        client = browse("Supervisor")
        import_tolls(client, toll(1, on=yesterday()))
        ticket = Ticket.objects.get()
        confirm(client, url_of("tickets_ticket_correct", ticket.pk), amount="5.00", reason="Reduced")
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("5.00")}
        confirm(client, url_of("tickets_ticket_dispute", ticket.pk), reason="Not ours")
        assert owed(lease.primary_driver) == {}
        confirm(client, url_of("tickets_ticket_dismiss", ticket.pk), reason="Won")
        ticket.refresh_from_db()
        assert ticket.state == "DISMISSED"
        assert_books_clean()

    def test_enter_a_summons(self, lease):
        typed = {
            "number": "fn1",
            "violation": "Directive",
            "issued_on": (timezone.localdate() - timedelta(days=1)).isoformat(),
            "medallion": lease.vehicle.medallion,
            "amount": "75",
            "_confirm": "1",
        }
        done = browse("Office").post(url_of("tickets_ticket_enter"), typed, follow=True)
        assert messages_on(done) == ["TLC-FN1 is charged."]
        assert owed(lease.primary_driver) == {"TLC-FN1": Decimal("75.00")}

    def test_a_reference_leads_to_its_ticket(self, lease):
        client = browse("Office")
        import_tolls(client, toll(1, on=yesterday()))
        source = find_source("EZPASS-1")
        assert source is not None
        assert client.get(source.url)["Location"] == url_of("tickets_ticket_change", Ticket.objects.get().pk)
        missing = find_source("PVB-99")
        assert missing is not None
        assert client.get(missing.url).status_code == 404


class TestMiscCharges:
    def test_charged_once_and_voided(self):
        driver = DriverFactory.create()
        lost = ChargeType.objects.create(name="Lost key X", default_amount="45.00", is_active=True)
        client = browse("Supervisor")
        key = client.get(url_of("tickets_misccharge_enter")).context["form"].initial["entry_key"]
        typed = {"charge_type": lost.pk, "driver": driver.pk, "entry_key": key, "_confirm": "1"}
        client.post(url_of("tickets_misccharge_enter"), typed)
        client.post(url_of("tickets_misccharge_enter"), typed)
        charge = MiscCharge.objects.get()
        assert owed(driver) == {charge.reference_id: Decimal("45.00")}
        confirm(client, url_of("tickets_misccharge_void", charge.pk), reason="Found")
        assert owed(driver) == {}
        assert client.get(url_of("tickets_misccharge_change", charge.pk)).status_code == 200


class TestRoles:
    @pytest.mark.parametrize("role", ["Cashier", "Auditor"])
    def test_lookers_change_nothing(self, role, lease):
        import_tolls(browse("Office"), toll(1, on=yesterday()))
        ticket, before = Ticket.objects.get(), LedgerPosting.objects.count()
        client = browse(role)
        for act in ("assign", "correct", "dispute", "dismiss"):
            page = client.post(url_of(f"tickets_ticket_{act}", ticket.pk), {"reason": "x", "_confirm": "1"})
            assert page.status_code == 403
        assert upload(client, toll(2)).status_code == 403
        assert (LedgerPosting.objects.count(), ImportRow.objects.count()) == (before, 1)

    @pytest.mark.parametrize("role", ["Office", "Supervisor", "Auditor"])
    def test_lists_open(self, role):
        client = browse(role)
        for name in ("ticketimport", "ticket", "misccharge", "chargetype"):
            assert client.get(url_of(f"tickets_{name}_changelist")).status_code == 200
        assert client.get(url_of("tickets_ticket_queue")).status_code == 200

    def test_the_office_neither_corrects_nor_allows_fees(self, lease):
        client = browse("Office")
        import_tolls(client, toll(1, on=yesterday()))
        assert client.get(url_of("tickets_ticket_dismiss", Ticket.objects.get().pk)).status_code == 403
        assert client.get(url_of("tickets_chargetype_add")).status_code == 403
