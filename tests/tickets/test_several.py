"""Tickets of the queue acted on together: all of them, or none, in a fixed number of statements."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import ReasonRequired
from ledger import services as ledger
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, UserFactory
from tests.ledger.admin_pages import browse, confirm, errors_on, look, messages_on, url_of
from tests.locks import assert_locks_first, list_sql
from tests.threads import count_refusals, list_winners, run_together
from tests.tickets.files import (
    HOW,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    owed,
    plated_cab,
    ticket_of,
    toll,
    waits,
)
from tests.tickets.refusals import nothing_written
from tickets import services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def ids(*numbers: int) -> list[int]:
    return [ticket_of(number).pk for number in numbers]


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


class TestAssign:
    def test_all_are_charged_each_on_the_drivers_own_lease(self, lease, further, queue):
        clerk = UserFactory.create()
        done = services.assign_tickets(
            ticket_ids=ids(2, 1, 3), driver_id=further.pk, reason="They say so", today=HOW["today"], actor=clerk
        )
        assert [ticket.number for ticket in done] == ["1", "2", "3"]
        assert owed(further) == {
            "EZPASS-1": Decimal("9.11"), "EZPASS-2": Decimal("5.00"), "EZPASS-3": Decimal("2.00"),
        }  # fmt: skip
        assert {(ticket.lease_id, ticket.vehicle_id) for ticket in done} == {(lease.pk, lease.vehicle_id)}
        history = ticket_of(1).history.latest()
        assert (history.history_user, history.history_change_reason, history.driver) == (clerk, "They say so", further)
        assert ticket_of(1).decided_reason == "They say so"
        assert_books_clean()

    def test_a_refund_among_them_is_credited(self, further, queue):
        services.assign_tickets(ticket_ids=ids(1, 4), driver_id=further.pk, reason="Theirs", **HOW)
        assert (ticket_of(4).state, held(further)) == ("CREDITED", {"EZPASS-4-REFUND": Decimal("3.00")})
        assert_books_clean()

    def test_a_driver_of_no_lease_or_of_two_is_charged_on_none(self, lease, queue):
        stranger = DriverFactory.create()
        services.assign_tickets(ticket_ids=ids(1), driver_id=stranger.pk, reason="Borrowed", **HOW)
        assert (ticket_of(1).lease, ticket_of(1).vehicle) == (None, lease.vehicle)
        twice = LeaseFactory.create()
        LeaseFactory.create(primary_driver=twice.primary_driver)
        services.assign_tickets(ticket_ids=ids(3), driver_id=twice.primary_driver_id, reason="Theirs", **HOW)
        assert ticket_of(3).lease is None
        assert_books_clean()

    def test_a_lease_of_another_cab_or_time_is_not_named(self, lease, queue):
        other = LeaseFactory.create()
        services.assign_tickets(ticket_ids=ids(1), driver_id=other.primary_driver_id, reason="Theirs", **HOW)
        later = LeaseFactory.create(start_on=HOW["today"] + timedelta(days=5))
        services.assign_tickets(ticket_ids=ids(3), driver_id=later.primary_driver_id, reason="Theirs", **HOW)
        assert (ticket_of(1).lease, ticket_of(3).lease) == (None, None)

    def test_all_or_none(self, lease, further, queue):
        services.dismiss_ticket(ticket_id=ids(1)[0], reason="Ours", **HOW)
        Ticket.objects.filter(number="4").update(waits_for="SIGN")
        with nothing_written(services.TicketsRefused, code="tickets_refused") as refusal:
            services.assign_tickets(ticket_ids=[*ids(1, 2, 4), 999_999], driver_id=further.pk, reason="x", **HOW)
        assert str(refusal.value) == "3 of the 4 can't be acted on so; nothing was written."
        assert refusal.value.facts["refusals"] == {
            ticket_of(1).pk: "EZPASS-1 is not in review: dismissed.",
            ticket_of(4).pk: "EZPASS-4 may be a charge or a refund: say on its page which it is.",
            999_999: "No ticket 999999.",
        }

    def test_what_is_borne_is_refused(self, further, queue):
        ledger.record_transfer(
            kind="BORNE", debit="6040", credit="1030", amount=Decimal("9.11"), reference_id="EZPASS-1",
            effective_on=HOW["today"], today=HOW["today"], actor=None,
        )  # fmt: skip
        with nothing_written(services.TicketsRefused) as refusal:
            services.assign_tickets(ticket_ids=ids(1, 2), driver_id=further.pk, reason="x", **HOW)
        assert refusal.value.facts["refusals"] == {ticket_of(1).pk: "The fleet has borne EZPASS-1."}

    @pytest.mark.parametrize(
        ("facts", "error", "field"),
        [
            ({"reason": " "}, ReasonRequired, "reason"),
            ({"ticket_ids": []}, services.TicketInvalid, "tickets"),
            ({"ticket_ids": range(1, 300)}, services.TicketInvalid, "tickets"),
            ({"driver_id": 999_999}, ledger.DriverNotFound, "driver_id"),
        ],
    )
    def test_wrong_input(self, further, queue, facts, error, field):
        with nothing_written(error, field=field):
            services.assign_tickets(**{"ticket_ids": ids(1), "driver_id": further.pk, "reason": "x", **HOW, **facts})

    def test_locks_the_account_and_the_tickets_before_it_writes(self, further, queue):
        services.assign_tickets(ticket_ids=ids(3), driver_id=further.pk, reason="x", **HOW)
        assert_locks_first(
            lambda: services.assign_tickets(ticket_ids=ids(2, 1), driver_id=further.pk, reason="x", **HOW),
            ["ledger_accounts", "tickets_tickets"],
        )

    def test_in_as_many_statements_however_many(self, further, queue):
        bring_in_tolls(*(toll(n, "NJ ZZZ1", at=f"0{n - 100}:00:00 AM") for n in range(101, 110)))

        def count_of(*numbers: int) -> int:
            chosen = ids(*numbers)
            return len(
                list_sql(lambda: services.assign_tickets(ticket_ids=chosen, driver_id=further.pk, reason="x", **HOW))
            )

        count_of(3)
        assert count_of(101, 102) == count_of(*range(103, 110))


class TestLayAside:
    @pytest.mark.parametrize(
        ("act", "state"), [(services.dismiss_tickets, "DISMISSED"), (services.let_fleet_pay_for, "FLEET_PAYS")]
    )
    def test_all_of_them_and_no_money_moves(self, queue, act, state):
        act(ticket_ids=ids(1, 3, 5), reason="On a\nfleet errand", **HOW)
        for number in (1, 3, 5):
            ticket = ticket_of(number)
            assert (ticket.state, ticket.driver, ticket.decided_reason) == (state, None, "On a fleet errand")
            assert ticket.history.latest().history_change_reason == "On a fleet errand"
        assert count_postings() == 0
        assert_books_clean()

    def test_the_fleet_pays_no_refund(self, queue):
        with nothing_written(services.TicketsRefused) as refusal:
            services.let_fleet_pay_for(ticket_ids=ids(1, 4), reason="x", **HOW)
        assert refusal.value.facts["refusals"] == {ticket_of(4).pk: "Nothing is owed of EZPASS-4."}

    def test_only_what_waits_for_one_of_these(self, queue):
        with nothing_written(services.TicketsRefused) as refusal:
            services.dismiss_tickets(ticket_ids=ids(1, 3, 5), waiting_for=["VEHICLE"], reason="x", **HOW)
        assert set(refusal.value.facts["refusals"]) == set(ids(1, 5))
        services.dismiss_tickets(ticket_ids=ids(3), waiting_for=["VEHICLE"], reason="x", **HOW)
        assert ticket_of(3).state == "DISMISSED"

    @pytest.mark.parametrize("act", [services.dismiss_tickets, services.let_fleet_pay_for])
    def test_twice_and_without_a_reason(self, queue, act):
        with nothing_written(ReasonRequired, field="reason"):
            act(ticket_ids=ids(1), reason="", **HOW)
        act(ticket_ids=ids(1), reason="x", **HOW)
        with nothing_written(services.TicketsRefused):
            act(ticket_ids=ids(1), reason="x", **HOW)

    @pytest.mark.parametrize("act", [services.dismiss_tickets, services.let_fleet_pay_for])
    def test_locks_the_tickets_before_it_writes(self, queue, act):
        assert_locks_first(lambda: act(ticket_ids=ids(2, 1), reason="x", **HOW), ["tickets_tickets"])


@pytest.mark.django_db(transaction=True)
def test_two_who_act_on_the_same_tickets_one_of_them_does():
    plated_cab()
    bring_in_tolls(toll(1), toll(2))
    drivers, chosen = DriverFactory.create_batch(2), ids(1, 2)
    outcomes = run_together(
        *(
            lambda pk=driver.pk: services.assign_tickets(ticket_ids=chosen, driver_id=pk, reason="Theirs", **HOW)
            for driver in drivers
        ),
        lambda: services.dismiss_tickets(ticket_ids=chosen[::-1], reason="x", **HOW),
    )
    assert len(list_winners(outcomes)) == 1
    assert count_refusals(outcomes) == {services.TicketsRefused: 2}
    assert_books_clean()


class TestPages:
    def page(self, act, *numbers):
        query = "&".join(f"ticket={pk}" for pk in ids(*numbers))
        return f"{url_of(f'tickets_ticket_queue_{act}')}?{query}"

    def test_assign_shows_each_and_the_total_first(self, lease, further, queue):
        office, url = browse("Office"), self.page("assign", 1, 2)
        page = office.get(url)
        assert [ticket.number for ticket, _, _ in page.context["rows"]] == ["1", "2"]
        chosen = page.context["form"]["tickets"].value()
        page = look(office, url, tickets=chosen, driver=further.pk, reason="They say so")
        preview = page.context["preview"]
        assert [outcome for _, outcome, _ in page.context["rows"]] == [f"Charged, on lease {lease.pk}"] * 2
        assert (preview.total, preview.money.net_position_change) == (Decimal("14.11"), Decimal("14.11"))
        assert (count_postings(), waits(1)) == (0, "DRIVER")
        done = office.post(
            url,
            {"tickets": chosen, "driver": further.pk, "reason": "They say so", "_confirm": "1",
             "_seen": page.context["seen"]},
            follow=True,
        )  # fmt: skip
        assert messages_on(done) == ["2 tickets, $14.11 together: assigned."]
        assert done.context["title"] == "Review queue"
        assert set(owed(further)) == {"EZPASS-1", "EZPASS-2"}

    @pytest.mark.parametrize(("act", "state"), [("dismiss", "DISMISSED"), ("fleet_pays", "FLEET_PAYS")])
    def test_dismiss_and_fleet_pays(self, queue, act, state):
        supervisor, url = browse("Supervisor"), self.page(act, 1, 3)
        confirm(supervisor, url, tickets=",".join(map(str, ids(1, 3))), reason="On an errand")
        assert {ticket_of(1).state, ticket_of(3).state} == {state}

    def test_the_office_dismisses_foreign_plates_and_is_told_at_the_others(self, queue):
        office, url = browse("Office"), self.page("dismiss", 1, 3, 5)
        page = look(office, url, tickets=",".join(map(str, ids(1, 3, 5))), reason="Not ours")
        refusals = {ticket.number: refusal for ticket, _, refusal in page.context["rows"] if refusal}
        assert refusals == {"1": "EZPASS-1 is not yours to dismiss: ask a supervisor."}
        assert errors_on(page) == {"__all__": ["1 of the 3 can't be acted on so; nothing was written."]}
        assert refusals["1"] in page.content.decode()
        confirm(office, url, tickets=",".join(map(str, ids(3, 5))), reason="Not ours")
        assert [ticket_of(number).state for number in (1, 3, 5)] == ["WAITING", "DISMISSED", "DISMISSED"]

    def test_none_chosen_is_told(self, queue):
        page = look(browse("Supervisor"), url_of("tickets_ticket_queue_dismiss"), tickets="", reason="x")
        assert errors_on(page) == {"tickets": ["Choose at least one."]}
        assert "Choose at least one." in page.content.decode()

    def test_what_was_charged_meanwhile_is_told_and_nothing_is_done(self, lease, queue):
        supervisor, url = browse("Supervisor"), self.page("dismiss", 1, 2)
        typed = {"tickets": ",".join(map(str, ids(1, 2))), "reason": "x"}
        seen = look(supervisor, url, **typed).context["seen"]
        services.assign_ticket(ticket_id=ids(1)[0], driver_id=lease.primary_driver_id, **HOW)
        page = supervisor.post(url, {**typed, "_confirm": "1", "_seen": seen})
        assert "EZPASS-1 is not in review: charged." in page.content.decode()
        assert waits(2) == "DRIVER"
