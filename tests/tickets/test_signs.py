"""A row whose sign does not tell: a charge, or a refund, by a person's word."""

from decimal import Decimal

import pytest

from core.errors import ReasonRequired
from tests.books import assert_books_clean
from tests.ledger.admin_pages import browse, confirm, look, messages_on, url_of
from tests.locks import assert_locks_first
from tests.tickets.files import (
    EZPASS_HEAD,
    HOW,
    bring_in,
    bring_in_tolls,
    held,
    leased_cab,
    owed,
    pay,
    text,
    ticket_of,
    toll,
)
from tests.tickets.pages import buttons_on
from tests.tickets.refusals import nothing_written
from tickets import services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return leased_cab()


UNSIGNED_HEAD = f"{EZPASS_HEAD},Activity"


def unsigned(number: int = 2, plate: str = "NY T100001C") -> Ticket:
    """A row that calls itself a toll and stands above zero, as no toll of its statement style does."""
    row = f"{toll(number, plate, amount='$9.11', at='11:00:00 AM')},TOLL"
    bring_in(text(UNSIGNED_HEAD, [row]))
    ticket = ticket_of(number)
    assert ticket.waits_for == "SIGN"
    return ticket


def settle(ticket: Ticket, *, is_charge: bool, reason: str = "Statement without signs") -> Ticket:
    return services.settle_sign(ticket_id=ticket.pk, is_charge=is_charge, reason=reason, **HOW)


class TestCharge:
    @pytest.mark.parametrize("waits_for", ["SIGN", "REFUND"])
    def test_is_turned_and_charged(self, lease, waits_for):
        if waits_for == "SIGN":
            unsigned()
        else:
            bring_in_tolls(toll(2, amount="$9.11"))
        ticket = ticket_of(2)
        ticket = settle(ticket, is_charge=True)
        assert (ticket.state, str(ticket.amount), ticket.driver) == ("CHARGED", "9.11", lease.primary_driver)
        assert owed(lease.primary_driver) == {"EZPASS-2": Decimal("9.11")}
        latest = ticket.history.latest()
        assert (latest.history_change_reason, str(latest.amount)) == ("Statement without signs", "9.11")
        assert ticket_of(2).decided_reason == "Statement without signs"
        assert_books_clean()

    def test_waits_where_nobody_is_known(self):
        ticket = settle(unsigned(plate="NY ZZZ1"), is_charge=True)
        assert (ticket.state, ticket.waits_for, str(ticket.amount)) == ("WAITING", "VEHICLE", "9.11")

    def test_the_same_row_again_is_no_change(self, lease):
        settle(unsigned(), is_charge=True)
        rows = [f"{toll(2, amount='$9.11', at='11:00:00 AM')},TOLL", f"{toll(3)},TOLL"]
        again = bring_in(text(UNSIGNED_HEAD, rows))
        assert (again.known_count, again.changed_count) == (1, 0)


class TestRefund:
    def test_credits_the_driver_of_its_toll(self, lease):
        ticket = unsigned()
        bring_in_tolls(toll(1, at="11:00:00 AM"))
        pay(lease.primary_driver, "9.11")
        ticket = settle(ticket, is_charge=False)
        assert (ticket.state, ticket.refund_of) == ("CREDITED", ticket_of(1))
        assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("9.11")}
        assert_books_clean()

    def test_waits_for_its_toll(self, lease):
        ticket = settle(unsigned(), is_charge=False)
        assert (ticket.state, ticket.waits_for, str(ticket.amount)) == ("WAITING", "REFUND", "-9.11")


class TestRefused:
    def test_what_does_not_wait_for_it(self, lease):
        bring_in_tolls(toll(1))
        with nothing_written(services.NotWaiting, code="not_waiting"):
            settle(ticket_of(1), is_charge=True)

    def test_what_is_known_as_a_refund(self, lease):
        bring_in_tolls(toll(2, amount="$9.11"))
        ticket = ticket_of(2)
        with nothing_written(services.NotWaiting, code="not_waiting"):
            settle(ticket, is_charge=False)

    def test_without_a_reason_or_a_ticket(self, lease):
        ticket = unsigned()
        with nothing_written(ReasonRequired, field="reason"):
            settle(ticket, is_charge=True, reason="")
        with nothing_written(services.TicketNotFound, code="ticket_not_found"):
            services.settle_sign(ticket_id=999_999, is_charge=True, reason="x", **HOW)

    def test_it_is_neither_assigned_nor_the_fleets_before_that(self, lease):
        ticket = unsigned()
        with nothing_written(services.NotWaiting, code="not_waiting"):
            services.assign_ticket(ticket_id=ticket.pk, driver_id=lease.primary_driver_id, **HOW)
        with nothing_written(services.NotWaiting, code="not_waiting"):
            services.let_fleet_pay(ticket_id=ticket.pk, reason="x", **HOW)

    def test_locks_the_account_and_the_ticket_before_it_writes(self, lease):
        bring_in_tolls(toll(1))
        ticket = unsigned()
        assert_locks_first(lambda: settle(ticket, is_charge=True), ["ledger_accounts", "tickets_tickets"])


class TestPages:
    def test_the_office_is_offered_both_and_sees_first(self, lease):
        ticket, office = unsigned(), browse("Office")
        page = office.get(url_of("tickets_ticket_change", ticket.pk))
        assert buttons_on(page) == ["It is a charge", "It is a refund"]
        url = url_of("tickets_ticket_is_charge", ticket.pk)
        ((driver, preview),) = look(office, url, reason="x").context["preview"]
        assert (driver, preview.net_position_change) == (str(lease.primary_driver), Decimal("9.11"))
        confirm(office, url, reason="x")
        assert ticket_of(2).state == "CHARGED"

    def test_a_refund_that_waits_may_be_a_charge(self, lease):
        bring_in_tolls(toll(2, amount="$9.11"))
        office = browse("Office")
        page = office.get(url_of("tickets_ticket_change", ticket_of(2).pk))
        assert buttons_on(page) == ["Assign to a driver", "It is a charge"]

    def test_what_waits_then_says_for_what(self):
        ticket, office = unsigned(plate="NY ZZZ1"), browse("Office")
        url = url_of("tickets_ticket_is_charge", ticket.pk)
        seen = look(office, url, reason="x").context["seen"]
        done = office.post(url, {"reason": "x", "_confirm": "1", "_seen": seen}, follow=True)
        assert messages_on(done) == ["EZPASS-2 waits: No cab of ours had this plate or tag then."]
