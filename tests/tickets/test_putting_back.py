"""A ticket that was laid aside is put back in the review queue: it waits, is nobody's, and nothing is charged."""

import pytest

from core.errors import ReasonRequired
from tests.books import assert_books_clean
from tests.config.test_several import choose, press, told_on
from tests.factories import UserFactory
from tests.ledger.admin_pages import browse, messages_on, url_of
from tests.locks import assert_locks_first
from tests.tickets.files import HOW, bring_in_tolls, count_postings, leased_cab, owed, pay, ticket_of, toll
from tests.tickets.refusals import nothing_written
from tickets import services

pytestmark = pytest.mark.django_db

ASIDE = [services.dispute_ticket, services.dismiss_ticket, services.let_fleet_pay]


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def charged(lease):
    bring_in_tolls(toll(1, amount="$-100.00"))
    return ticket_of(1)


def put_back(number=1, **by):
    return services.restore_ticket(ticket_id=ticket_of(number).pk, **{"reason": "By mistake", "actor": None, **by})


@pytest.mark.parametrize("lay_aside", ASIDE)
def test_what_was_charged_waits_for_a_person(lease, charged, lay_aside):
    pay(lease.primary_driver, "60.00")
    lay_aside(ticket_id=charged.pk, reason="Not mine", **HOW)
    before, clerk = count_postings(), UserFactory.create()
    ticket = put_back(actor=clerk)
    assert (ticket.state, ticket.waits_for, ticket.driver, ticket.lease) == ("WAITING", "RESTORED", None, None)
    assert (count_postings(), owed(lease.primary_driver)) == (before, {})
    # No match decides what somebody doubted, though it would find the driver.
    assert services.rematch_waiting(today=HOW["today"]) == 0
    change = ticket.history.latest()
    assert (change.history_user, change.history_change_reason, ticket.decided_reason) == (clerk, *["By mistake"] * 2)
    services.assign_ticket(ticket_id=ticket.pk, driver_id=lease.primary_driver_id, **HOW)
    assert set(owed(lease.primary_driver)) == {"EZPASS-1"}
    assert_books_clean()


def test_what_waited_waits_for_the_same_again():
    bring_in_tolls(toll(1, "NY ZZZ9999"), toll(2, "NY ZZZ9999", amount="$4.00"))
    for number, waited in ((1, "VEHICLE"), (2, ticket_of(2).waits_for)):
        services.dismiss_ticket(ticket_id=ticket_of(number).pk, reason="Not ours", **HOW)
        assert put_back(number).waits_for == waited
    assert count_postings() == 0


def test_refused_twice_and_of_what_was_not_laid_aside(charged):
    with nothing_written(services.NotLaidAside, code="not_laid_aside") as refusal:
        put_back()
    assert refusal.value.message == "EZPASS-1 was not laid aside: charged."
    services.dismiss_ticket(ticket_id=charged.pk, reason="Won", **HOW)
    with nothing_written(ReasonRequired, field="reason"):
        put_back(reason=" ")
    put_back()
    with nothing_written(services.NotLaidAside, code="not_laid_aside"):
        put_back()
    with nothing_written(services.TicketNotFound, code="ticket_not_found"):
        services.restore_ticket(ticket_id=999_999, reason="x", actor=None)


def test_a_refund_that_was_credited_is_not_put_back(charged):
    bring_in_tolls(toll(2, amount="$100.00"))
    services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **HOW)
    with nothing_written(services.RefundIsFinal, code="refund_is_final"):
        put_back(2)
    assert browse("Supervisor").get(url_of("tickets_ticket_change", ticket_of(2).pk)).context["buttons"] == []


def test_the_account_and_the_ticket_are_locked_before_it_is_written(charged):
    services.dismiss_ticket(ticket_id=charged.pk, reason="Won", **HOW)
    assert_locks_first(put_back, ["ledger_accounts", "tickets_tickets"])


def test_by_its_page_and_in_the_list(charged):
    bring_in_tolls(toll(2, "NY ZZZ9999"))
    services.dismiss_ticket(ticket_id=charged.pk, reason="Won", **HOW)
    supervisor = browse("Supervisor")
    url = url_of("tickets_ticket_restore", charged.pk)
    assert url in supervisor.get(url_of("tickets_ticket_change", charged.pk)).content.decode()
    done = supervisor.post(url, {"reason": "The wrong one", "_confirm": "1"}, follow=True)
    assert messages_on(done) == ["EZPASS-1 is back in the queue."]
    assert ticket_of(1).state == "WAITING"
    assert browse("Office").get(url).status_code == 403

    services.dispute_ticket(ticket_id=ticket_of(2).pk, reason="x", **HOW)
    page = choose(supervisor, "tickets_ticket_changelist", "restore", [ticket_of(1), ticket_of(2)])
    assert [(row.is_done, row.told) for row in page.context["rows"]] == [
        (False, ("EZPASS-1 was not laid aside: in review.",)),
        (True, ("No cab of ours had this plate or tag then.",)),
    ]
    assert told_on(press(supervisor, page, reason="Looked again")) == "1 put back, 1 left alone"
    assert ticket_of(2).state == "WAITING"
