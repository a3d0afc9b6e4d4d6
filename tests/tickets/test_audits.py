"""The audits of tickets find what they promise: each is tampered with, and says what it found."""

from decimal import Decimal

import pytest

from core.audits import examine, list_audits
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests.factories import DriverFactory
from tests.ledger.rawsql import run
from tests.tickets.files import HOW, TODAY, bring_in_tolls, leased_cab, ticket_of, toll
from tickets import audits, services
from tickets.models import ChargeType, ImportRow, MiscCharge, Ticket, TicketImport

pytestmark = pytest.mark.django_db


def findings() -> dict[str, list[str]]:
    own = [audit for audit in list_audits() if audit.name.startswith("tickets.")]
    return {found.audit.name: list(found.findings) for found in examine(own) if found.findings}


@pytest.fixture
def charged():
    leased_cab()
    bring_in_tolls(toll(1))
    return ticket_of(1)


@pytest.fixture
def charge():
    lost_key = ChargeType.objects.create(name="Lost spare key", default_amount="45.00", is_active=True)
    return services.create_misc_charge(charge_type_id=lost_key.pk, driver_id=DriverFactory.create().pk, **HOW)


class TestNothingIsFound:
    def test_in_an_empty_fleet(self):
        assert findings() == {}

    def test_after_each_thing_that_services_do(self, charge):
        leased_cab()
        bring_in_tolls(toll(1), toll(2, amount="$9.11"), toll(3, "NY ZZZ999"), toll(4), toll(5), toll(6))
        services.dispute_ticket(ticket_id=ticket_of(4).pk, reason="x", **HOW)
        services.dismiss_ticket(ticket_id=ticket_of(5).pk, reason="x", **HOW)
        services.correct_ticket(ticket_id=ticket_of(6).pk, amount=Decimal("1.00"), reason="x", **HOW)
        services.void_misc_charge(charge_id=charge.pk, reason="x", **HOW)
        assert findings() == {}

    def test_where_a_charge_was_voided_by_hand(self, charged):
        ledger.void_posting(posting_id=LedgerPosting.objects.get().pk, reason="x", actor=None, effective_on=TODAY)
        assert findings() == {}

    def test_while_a_file_is_halfway_in(self, charged):
        TicketImport.objects.update(state="IMPORTING")
        ImportRow.objects.update(state="NEW")
        assert "tickets.files" not in {
            name for name, found in findings().items() if any("is imported" in sentence for sentence in found)
        }


class TestCharges:
    @pytest.mark.parametrize("state", ["DISPUTED", "DISMISSED", "NOTHING_DUE"])
    def test_live_in_the_ledger_against_its_state(self, charged, state):
        Ticket.objects.update(state=state)
        (sentence,) = findings()["tickets.charges"]
        assert sentence == f"EZPASS-1 is {Ticket.State(state).label.lower()}, and live in the ledger."

    def test_charged_and_unknown_to_the_ledger(self, charged):
        Ticket.objects.update(number="77")
        found = findings()
        assert found["tickets.charges"] == ["EZPASS-77 is charged, and the ledger never had it."]
        (sentence,) = found["tickets.sources"]
        assert sentence.endswith("(EZPASS-1 of 9.11) has no record that it was made of.")

    def test_another_amount(self, charged):
        Ticket.objects.update(amount=Decimal("5.00"))
        (sentence,) = findings()["tickets.charges"]
        assert sentence.startswith("EZPASS-1: its amount, driver or lease are others in the ledger (posting ")

    def test_another_driver(self, charged):
        Ticket.objects.update(driver=DriverFactory.create())
        assert list(findings()) == ["tickets.charges", "tickets.sources"]

    def test_another_lease(self, charged):
        Ticket.objects.update(lease=None)
        assert list(findings()) == ["tickets.charges", "tickets.sources"]

    def test_each_of_many_lots_is_read(self, monkeypatch):
        monkeypatch.setattr(audits, "ROWS_AT_ONCE", 2)
        leased_cab()
        bring_in_tolls(*(toll(n) for n in range(1, 6)))
        Ticket.objects.update(state="DISPUTED")
        assert len(findings()["tickets.charges"]) == 5


class TestMiscCharges:
    def test_another_amount(self, charge):
        MiscCharge.objects.update(amount=Decimal("2.00"))
        (sentence,) = findings()["tickets.misc_charges"]
        assert sentence.startswith(f"MISC-{charge.pk}: its amount or driver are others in the ledger (posting ")

    def test_a_corrected_amount_is_no_finding(self, charge):
        """The record keeps what was entered; the ledger has what it was corrected to, and what it was at first."""
        for amount in ("2.00", "3.00"):
            balance = LedgerBalance.objects.live().get(reference_id=charge.reference_id)
            ledger.replace_obligation(
                posting_id=balance.pk, amount=Decimal(amount), reason="typed wrong", effective_on=TODAY, actor=None
            )
        assert findings() == {}
        MiscCharge.objects.update(amount=Decimal("4.44"))
        assert list(findings()) == ["tickets.misc_charges"]

    def test_another_driver(self, charge):
        MiscCharge.objects.update(driver=DriverFactory.create())
        assert list(findings()) == ["tickets.misc_charges", "tickets.sources"]

    def test_never_posted(self, charge):
        copy = MiscCharge.objects.get()
        copy.pk = None
        copy.save()
        assert findings() == {"tickets.misc_charges": [f"MISC-{copy.pk} was never posted."]}


class TestRefunds:
    @pytest.fixture
    def refund(self, charged):
        bring_in_tolls(toll(2, amount="$9.11"))
        return ticket_of(2)

    def test_of_another_driver(self, refund):
        Ticket.objects.filter(number="1").update(driver=DriverFactory.create())
        assert findings()["tickets.refunds"] == ["EZPASS-2 credits another driver or amount than EZPASS-1 charged."]

    def test_of_another_amount(self, refund):
        Ticket.objects.filter(number="2").update(amount=Decimal("-9.12"))
        assert findings()["tickets.refunds"] == ["EZPASS-2 credits another driver or amount than EZPASS-1 charged."]

    def test_twice(self, refund):
        bring_in_tolls(toll(3))
        bring_in_tolls(toll(4, amount="$9.11"))
        Ticket.objects.filter(number="4").update(refund_of=ticket_of(1))
        assert findings()["tickets.refunds"] == ["EZPASS-1 was refunded 2 times."]


class TestFiles:
    def test_imported_with_a_row_left(self, charged):
        ImportRow.objects.update(state="NEW")
        file = TicketImport.objects.get()
        assert findings() == {
            "tickets.files": [
                f"File {file.pk} is imported, and 1 of its rows are not.",
                f"File {file.pk} brought 1 tickets from 0 rows.",
            ]
        }

    def test_more_tickets_than_rows(self, charged):
        TicketImport.objects.update(imported_count=2)
        file = TicketImport.objects.get()
        assert findings() == {"tickets.files": [f"File {file.pk} brought 2 tickets from 1 rows."]}


def test_a_promise_broken_very_often_is_told_so_often_and_no_more(monkeypatch, charged):
    monkeypatch.setattr(audits, "MAX_FINDINGS", 3)
    run("UPDATE tickets_imports SET imported_count = 9")
    for number in range(5):
        run(
            "INSERT INTO tickets_imports (kind, file_name, file, sha256, state, row_count, new_count, unmatched_count, "
            "known_count, nobodys_count, error_count, imported_count, charged_count, waiting_count) "
            "VALUES ('ezpass', 'x', 'x', %s, 'IMPORTED', 0, 0, 0, 0, 0, 0, 1, 0, 0)",
            str(number),
        )
    assert len(findings()["tickets.files"]) == 3
