"""A ticket left to the fleet: no driver is charged; what the books have as borne is charged to nobody."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core.audits import examine, list_audits
from core.errors import ReasonRequired
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.factories import DriverFactory, UserFactory
from tests.ledger.admin_pages import browse, confirm, errors_on, look, url_of
from tests.locks import assert_locks_first
from tests.tickets.files import (
    HOW,
    TODAY,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    owed,
    pay,
    ticket_of,
    toll,
)
from tests.tickets.pages import facts_on
from tests.tickets.refusals import nothing_written
from tickets import services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def charged(lease):
    bring_in_tolls(toll(1))
    return ticket_of(1)


@pytest.fixture
def fleets(charged):
    return services.let_fleet_pay(ticket_id=charged.pk, reason="On a fleet errand", **HOW)


def record_borne(reference: str = "EZPASS-1", source: str = "1030"):
    return ledger.record_transfer(
        kind="BORNE",
        debit="6040",
        credit=source,
        amount=Decimal("9.11"),
        reference_id=reference,
        effective_on=TODAY,
        today=TODAY,
        actor=None,
    )


class TestLetFleetPay:
    def test_its_driver_gets_back_what_was_paid(self, lease, charged):
        clerk = UserFactory.create()
        pay(lease.primary_driver, "5.00")
        ticket = services.let_fleet_pay(ticket_id=charged.pk, reason="On an\nerrand", today=TODAY, actor=clerk)
        assert (ticket.state, ticket.driver, ticket.lease, ticket.vehicle) == ("FLEET_PAYS", None, None, lease.vehicle)
        assert (owed(lease.primary_driver), list(held(lease.primary_driver).values())) == ({}, [Decimal("5.00")])
        ticket.refresh_from_db()
        assert (ticket.decided_reason, ticket.decided_at is not None) == ("On an errand", True)
        assert ticket.history.latest().history_user == clerk
        assert_books_clean()

    def test_from_the_queue_and_from_a_dispute_no_money_moves(self, charged):
        bring_in_tolls(toll(2, "NY ZZZ1"))
        services.dispute_ticket(ticket_id=charged.pk, reason="Not mine", **HOW)
        before = count_postings()
        for number in (1, 2):
            ticket = services.let_fleet_pay(ticket_id=ticket_of(number).pk, reason="Ours", **HOW)
            assert (ticket.state, ticket.waits_for) == ("FLEET_PAYS", "")
        assert count_postings() == before
        assert_books_clean()

    def test_it_is_charged_after_all_or_dismissed(self, lease, fleets):
        services.assign_ticket(ticket_id=fleets.pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, **HOW)
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}
        services.let_fleet_pay(ticket_id=fleets.pk, reason="Ours", **HOW)
        services.dismiss_ticket(ticket_id=fleets.pk, reason="Cancelled", **HOW)
        assert (ticket_of(1).state, owed(lease.primary_driver)) == ("DISMISSED", {})
        assert_books_clean()

    def test_refused_twice_for_nothing_and_of_a_refund(self, lease, fleets):
        bring_in_tolls(toll(2, amount="$0.00"), toll(3, "NY ZZZ1", amount="$5.00"), toll(4, at="11:00:00 AM"))
        services.dismiss_ticket(ticket_id=ticket_of(4).pk, reason="x", **HOW)
        for number, error, code in (
            (1, services.AlreadyFleets, "fleet_pays"),
            (2, services.NotChargeable, "not_chargeable"),
            (3, services.NotChargeable, "not_chargeable"),
            (4, services.TicketDismissed, "ticket_dismissed"),
        ):
            with nothing_written(error, code=code):
                services.let_fleet_pay(ticket_id=ticket_of(number).pk, reason="x", **HOW)
        with nothing_written(services.AlreadyFleets, code="fleet_pays"):
            services.dispute_ticket(ticket_id=fleets.pk, reason="x", **HOW)

    def test_refused_without_a_reason_and_while_its_refund_stands(self, charged):
        with nothing_written(ReasonRequired, field="reason"):
            services.let_fleet_pay(ticket_id=charged.pk, reason=" ", **HOW)
        bring_in_tolls(toll(2, amount="$9.11"))
        with nothing_written(services.TollRefunded, code="toll_refunded"):
            services.let_fleet_pay(ticket_id=charged.pk, reason="x", **HOW)

    def test_locks_the_account_and_the_ticket_before_it_writes(self, charged):
        assert_locks_first(
            lambda: services.let_fleet_pay(ticket_id=charged.pk, reason="x", **HOW),
            ["ledger_accounts", "tickets_tickets"],
        )

    @pytest.mark.parametrize("facts", [{"driver": 1}, {"decided_reason": ""}, {"amount": "0.00"}])
    def test_the_database_keeps_it_nobodys_and_with_a_reason(self, fleets, facts):
        if "driver" in facts:
            facts = {"driver": DriverFactory.create()}
        with pytest.raises(IntegrityError, match="tickets_tickets_fleet_pays_alone"), transaction.atomic():
            Ticket.objects.update(**facts)


class TestBorne:
    def test_is_charged_to_nobody_until_the_transfer_is_reversed(self, lease, fleets):
        transfer = record_borne()
        driver = lease.primary_driver
        with nothing_written(services.AlreadyBorne, code="already_borne") as refusal:
            services.assign_ticket(ticket_id=fleets.pk, driver_id=driver.pk, **HOW)
        assert refusal.value.facts == {"transfer_id": transfer.pk}
        ledger.reverse_transfer(transfer_id=transfer.pk, reason="Charged", effective_on=TODAY, today=TODAY, actor=None)
        services.assign_ticket(ticket_id=fleets.pk, driver_id=driver.pk, **HOW)
        assert owed(driver) == {"EZPASS-1": Decimal("9.11")}
        assert_books_clean()

    def test_the_audit_names_what_is_charged_and_borne(self, charged):
        transfer = record_borne()
        (audit,) = [audit for audit in list_audits() if audit.name == "tickets.borne"]
        (found,) = examine([audit])
        (sentence,) = found.findings
        assert sentence == f"EZPASS-1 is charged to a driver, and borne by the fleet (transfer {transfer.pk})."

    def test_the_ticket_leads_to_the_page_that_records_it(self, fleets):
        root = browse()
        page = root.get(url_of("tickets_ticket_change", fleets.pk))
        (door,) = [button for button in page.context["buttons"] if button.label == "Record it as borne"]
        form = root.get(door.url).context["form"]
        assert (form["amount"].value(), form["reference_id"].value()) == ("9.11", "EZPASS-1")
        assert form["effective_on"].value()

        transfer = record_borne()
        page = root.get(url_of("tickets_ticket_change", fleets.pk))
        assert "Record it as borne" not in [button.label for button in page.context["buttons"]]
        assert facts_on(page)["Borne by the fleet"] == "$9.11 on Nov 18, 2026"
        assert url_of("ledger_transfer_change", transfer.pk) in page.content.decode()

    def test_the_list_of_what_the_fleet_pays_leads_there_too(self, fleets):
        office = browse("Office")
        page = office.get(url_of("tickets_ticket_fleets"))
        ((ticket, _, borne, url),) = page.context["rows"]
        assert (ticket, borne) == (fleets, None)
        assert office.get(url).context["form"]["reference_id"].value() == "EZPASS-1"
        record_borne()
        assert "Borne on" in office.get(url_of("tickets_ticket_fleets")).content.decode()
        assert "Record it as borne" not in browse("Auditor").get(url_of("tickets_ticket_fleets")).content.decode()

    def test_only_who_may_record_is_offered_it(self, fleets):
        page = browse("Auditor").get(url_of("tickets_ticket_change", fleets.pk))
        assert "Record it as borne" not in [button.label for button in page.context["buttons"]]


class TestPages:
    def test_a_supervisor_sees_first_and_then_does(self, lease, charged):
        client, url = browse("Supervisor"), url_of("tickets_ticket_fleet_pays", charged.pk)
        page = look(client, url, reason="Ours")
        ((driver, preview),) = page.context["preview"]
        assert (driver, preview.net_position_change) == (str(lease.primary_driver), Decimal("-9.11"))
        confirm(client, url, reason="Ours")
        assert ticket_of(1).state == "FLEET_PAYS"
        assert "Ours" in client.get(url_of("tickets_ticket_change", charged.pk)).content.decode()

    def test_the_office_dismisses_what_no_cab_of_ours_had_and_the_congestion_zone(self, charged):
        bring_in_tolls(toll(2, "NJ ZZZ1"), toll(3, agency="CBDTP"), toll(4, amount="$5.00"))
        office = browse("Office")
        for number in (2, 3):
            confirm(office, url_of("tickets_ticket_dismiss", ticket_of(number).pk), reason="Not ours")
            assert ticket_of(number).state == "DISMISSED"
        for number in (1, 4):
            assert office.get(url_of("tickets_ticket_dismiss", ticket_of(number).pk)).status_code == 403
        assert (ticket_of(1).state, ticket_of(4).state) == ("CHARGED", "WAITING")

    def test_the_office_does_not_dismiss_what_was_charged_meanwhile(self, charged):
        with nothing_written(services.NotWaiting, code="not_waiting"):
            services.dismiss_ticket(ticket_id=charged.pk, reason="x", waiting_for=["VEHICLE"], **HOW)
        bring_in_tolls(toll(4, amount="$5.00"))
        with nothing_written(services.NotWaiting, code="not_waiting"):
            services.dismiss_ticket(ticket_id=ticket_of(4).pk, reason="x", waiting_for=["VEHICLE"], **HOW)

    def test_what_is_borne_is_told_above_the_form(self, lease, fleets):
        record_borne()
        page = look(browse("Office"), url_of("tickets_ticket_assign", fleets.pk), driver=lease.primary_driver_id)
        assert "The fleet has borne EZPASS-1, $9.11" in errors_on(page)["__all__"][0]
