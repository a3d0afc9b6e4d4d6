"""Tickets of the queue acted on together: each on its own, from the queue and back to it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.books import assert_books_clean
from tests.config.test_several import press, told_on
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory
from tests.ledger.admin_pages import browse, url_of
from tests.tickets.files import HOW, bring_in_tolls, count_postings, held, leased_cab, owed, ticket_of, toll
from tickets import selectors, services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

QUEUE = "tickets_ticket_queue"


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def further(lease):
    return LeaseDriverFactory.create(lease=lease).driver


@pytest.fixture
def queue(lease, further):
    """Two tolls of a cab that two drivers share, one of a foreign plate, a refund, one of the congestion zone."""
    bring_in_tolls(
        toll(1),
        toll(2, at="11:00:00 AM", amount="$-5.00"),
        toll(3, "NJ ZZZ1", amount="$-2.00"),
        toll(4, at="11:30:00 AM", amount="$3.00"),
        toll(5, agency="CBDTP", amount="$-1.00"),
    )


def choose_in_queue(client: Any, label: str, *numbers: int, **asked: str) -> Any:
    """Check these tickets in the queue, and press one of its buttons."""
    acts = dict(client.get(url_of(QUEUE), asked).context["acts"])
    chosen = [ticket_of(number).pk for number in numbers]
    return client.post(acts[label], {"_selected_action": chosen}, follow=True)


def state_of(number: int) -> str:
    return ticket_of(number).state


def test_each_is_charged_on_the_drivers_own_lease_and_a_refund_credited(lease, further, queue):
    office = browse("Office")
    asked = choose_in_queue(office, "Assign chosen …", 1, 2, 3, 4, waits_for="DRIVER")
    typed = {"driver": str(further.pk), "reason": "They say so"}
    looked = press(office, asked, "_preview", **typed)
    assert [row.told for row in looked.context["rows"]] == [(f"On lease {lease.pk}.",)] * 4
    assert (looked.context["total"], count_postings()) == ("13.11", 0)
    done = press(office, looked, **typed)
    assert told_on(done) == "4 charged"
    assert owed(further) == {
        "EZPASS-1": Decimal("9.11"), "EZPASS-2": Decimal("5.00"), "EZPASS-3": Decimal("2.00"),
    }  # fmt: skip
    assert (state_of(4), held(further)) == ("CREDITED", {"EZPASS-4-REFUND": Decimal("3.00")})
    assert {ticket_of(number).lease_id for number in (1, 2, 3)} == {lease.pk}
    assert ticket_of(1).decided_reason == "They say so"
    assert office.get(done.context["cancel_url"]).context["form"].data["waits_for"] == "DRIVER"
    assert_books_clean()


def test_another_driver_typed_is_looked_at_first(further, queue):
    office, other = browse("Office"), DriverFactory.create()
    asked = choose_in_queue(office, "Assign chosen …", 1)
    looked = press(office, asked, "_preview", driver=str(further.pk), reason="They say so")
    again = press(office, looked, driver=str(other.pk), reason="They say so")
    assert not again.context["is_result"]
    assert [row.told for row in again.context["rows"]] == [("On no lease.",)]
    assert state_of(1) == "WAITING"
    assert told_on(press(office, again, driver=str(other.pk), reason="They say so")) == "1 charged"
    assert set(owed(other)) == {"EZPASS-1"}


def test_a_lease_is_named_only_where_there_is_exactly_one(lease, queue):
    twice = LeaseFactory.create()
    LeaseFactory.create(primary_driver=twice.primary_driver)
    later = LeaseFactory.create(start_on=HOW["today"] + timedelta(days=5))
    other_cab = LeaseFactory.create()
    found = {
        (number, of.pk): selectors.find_own_lease(ticket_of(number), of.primary_driver_id)
        for number, of in ((1, lease), (1, other_cab), (3, other_cab), (3, twice), (3, later))
    }
    assert [key for key, lease_id in found.items() if lease_id] == [(1, lease.pk), (3, other_cab.pk)]
    assert selectors.find_own_lease(ticket_of(1), DriverFactory.create().pk) is None


def test_the_office_dismisses_foreign_plates_and_the_others_are_left_alone(queue):
    office = browse("Office")
    page = choose_in_queue(office, "Dismiss …", 1, 3, 5)
    assert [row.is_done for row in page.context["rows"]] == [False, True, True]
    assert page.context["rows"][0].told == ("EZPASS-1 is not yours to dismiss: ask a supervisor.",)
    assert told_on(press(office, page, reason="Not ours")) == "2 dismissed, 1 left alone"
    assert [state_of(number) for number in (1, 3, 5)] == ["WAITING", "DISMISSED", "DISMISSED"]
    # What each case offers is what may be done to it.
    links = office.get(url_of(QUEUE)).content.decode()
    assert url_of("tickets_ticket_dismiss", ticket_of(1).pk) not in links
    assert [label for label, _ in browse("Auditor").get(url_of(QUEUE)).context["acts"]] == []


def test_the_fleet_pays_and_what_was_charged_meanwhile_is_left_alone(lease, queue):
    supervisor = browse("Supervisor")
    page = choose_in_queue(supervisor, "Let the fleet pay …", 1, 2, 4)
    assert [row.is_done for row in page.context["rows"]] == [True, True, False]
    Ticket.objects.filter(number="1").update(amount="1.00")
    result = press(supervisor, page, reason="On an errand")
    assert told_on(result) == "1 left to the fleet, 2 left alone"
    assert result.context["rows"][0].told == ("It was 9.11 when you looked, and is 1.00 now.",)
    assert [state_of(number) for number in (1, 2, 4)] == ["WAITING", "FLEET_PAYS", "WAITING"]


def test_none_chosen_leads_back_to_the_queue(queue):
    supervisor = browse("Supervisor")
    page = choose_in_queue(supervisor, "Dispute …")
    assert page.context["title"] == "Review queue"
    assert "None was chosen." in page.content.decode()
    services.dispute_ticket(ticket_id=ticket_of(1).pk, reason="Wrong plate", **HOW)
    assert state_of(1) == "DISPUTED"
