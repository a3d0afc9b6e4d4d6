"""The review queue matched anew, after a plate, a tag, a lease or a license was entered."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leases.models import LeaseDriver
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import (
    DriverFactory,
    LeaseDriverFactory,
    LeaseFactory,
    UserFactory,
    VehiclePlateFactory,
    VehicleTagFactory,
)
from tests.locks import assert_locks_first
from tests.tickets.files import (
    SATURDAY,
    TLC_HEAD,
    TODAY,
    bring_in,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    noon,
    owed,
    plated_cab,
    summons,
    text,
    ticket_of,
    toll,
    waits,
)
from tickets import services
from tickets.models import Ticket
from tickets.services import matching

pytestmark = pytest.mark.django_db


class TestRematchWaiting:
    def test_a_tag_bound_later_charges_what_waited(self):
        lease = leased_cab()
        bring_in_tolls(toll(1, "99900000111"), toll(2, "99900000111", amount="$9.11"))
        assert waits(1) == "VEHICLE"
        assert services.rematch_waiting(today=TODAY) == 0

        VehicleTagFactory.create(vehicle=lease.vehicle, tag="99900000111", from_at=noon(1))
        assert services.rematch_waiting(today=TODAY) == 2
        # The toll was charged and refunded at once: nobody had paid it, so nothing is owed and nothing credited.
        assert (owed(lease.primary_driver), held(lease.primary_driver)) == ({}, {})
        assert ticket_of(2).uncharged == Decimal("9.11")
        assert services.rematch_waiting(today=TODAY) == 0
        assert_books_clean()

    def test_a_lease_entered_later(self):
        cab = plated_cab()
        bring_in_tolls(toll(1))
        assert waits(1) == "LEASE"
        lease = LeaseFactory.create(vehicle=cab)
        assert services.rematch_waiting(today=TODAY) == 1
        posting = LedgerPosting.objects.get()
        assert (posting.driver, posting.lease_id, posting.due_on) == (lease.primary_driver, lease.pk, SATURDAY)

    def test_a_license_entered_later(self):
        bring_in(text(TLC_HEAD, [summons("FN1", license="7654321")]), "tlc")
        assert waits("FN1") == "LICENSE"
        driver = DriverFactory.create(tlc_license="7654321")
        assert services.rematch_waiting(today=TODAY) == 1
        assert owed(driver) == {"TLC-FN1": Decimal("100.00")}

    def test_a_second_driver_who_was_not_on_the_lease_after_all(self):
        lease = leased_cab()
        mistaken = LeaseDriverFactory.create(lease=lease)
        bring_in_tolls(toll(1))
        assert waits(1) == "DRIVER"
        LeaseDriver.objects.filter(pk=mistaken.pk).delete()
        assert services.rematch_waiting(today=TODAY) == 1
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}

    def test_a_plate_bound_for_another_time_does_not(self):
        lease = LeaseFactory.create()
        bring_in_tolls(toll(1))
        VehiclePlateFactory.create(vehicle=lease.vehicle, plate="T100001C", from_at=noon(17))
        assert services.rematch_waiting(today=TODAY) == 0
        assert waits(1) == "VEHICLE"

    def test_what_it_waits_for_now_is_told_even_where_nobody_is_charged(self):
        bring_in_tolls(toll(1))
        assert waits(1) == "VEHICLE"
        cab = plated_cab()
        assert services.rematch_waiting(today=TODAY) == 0
        assert (waits(1), ticket_of(1).vehicle) == ("LEASE", cab)

    def test_what_waits_for_a_persons_judgment_stays(self):
        leased_cab()
        bring_in_tolls(toll(1, agency="CBDTP"))
        assert services.rematch_waiting(today=TODAY) == 0
        assert (waits(1), count_postings()) == ("CONGESTION", 0)

    @pytest.mark.parametrize("act", [services.dispute_ticket, services.dismiss_ticket])
    def test_what_a_person_decided_stays(self, act):
        bring_in_tolls(toll(1))
        act(ticket_id=ticket_of(1).pk, reason="Not ours", today=TODAY, actor=None)
        leased_cab()
        assert services.rematch_waiting(today=TODAY) == 0
        assert count_postings() == 0

    def test_the_history_names_who_asked_and_keeps_what_did_not_change_out(self):
        clerk = UserFactory.create()
        bring_in_tolls(toll(1), toll(2, "NY ZZZ9999"))
        leased_cab()
        services.rematch_waiting(today=TODAY, actor=clerk)
        changes = (
            ticket_of(1).history.order_by("history_id").values_list("state", "history_user", "history_change_reason")
        )
        assert list(changes) == [
            ("WAITING", None, "Imported from file.csv"),
            ("CHARGED", clerk.pk, "Rematched"),
        ]
        assert ticket_of(2).history.count() == 1

    def test_in_several_lots(self, monkeypatch):
        monkeypatch.setattr(matching, "TICKETS_IN_A_LOT", 2)
        monkeypatch.setattr(matching, "ROWS_IN_AN_UPDATE", 1)
        bring_in_tolls(*(toll(n, at=f"10:00:0{n} AM") for n in range(1, 6)), toll(6, at="10:00:01 AM", amount="$9.11"))
        lease = leased_cab()
        assert services.rematch_waiting(today=TODAY) == 6
        assert owed(lease.primary_driver) == {f"EZPASS-{n}": Decimal("9.11") for n in range(2, 6)}
        assert held(lease.primary_driver) == {}
        assert [one.state for one in Ticket.objects.order_by("number")] == ["CHARGED"] * 5 + ["CREDITED"]
        assert_books_clean()


class TestRematchTickets:
    def test_takes_only_those_that_are_named(self):
        bring_in_tolls(toll(1), toll(2))
        lease = leased_cab()
        assert services.rematch_tickets(ticket_ids=[ticket_of(2).pk], today=TODAY) == 1
        assert owed(lease.primary_driver) == {"EZPASS-2": Decimal("9.11")}
        assert waits(1) == "VEHICLE"

    def test_what_is_charged_already_is_left_alone(self):
        leased_cab()
        bring_in_tolls(toll(1))
        assert services.rematch_tickets(ticket_ids=[ticket_of(1).pk], today=TODAY) == 0
        assert (count_postings(), ticket_of(1).history.count()) == (1, 1)

    def test_of_none_it_does_nothing(self):
        assert services.rematch_tickets(ticket_ids=[], today=TODAY) == 0
        assert services.rematch_tickets(ticket_ids=[999_999], today=TODAY) == 0

    def test_locks_the_accounts_and_then_the_tickets_before_it_writes(self):
        lease = leased_cab()
        bring_in_tolls(toll(0), toll(1, "99900000111"))
        VehicleTagFactory.create(vehicle=lease.vehicle, tag="99900000111")
        assert_locks_first(
            lambda: services.rematch_tickets(ticket_ids=[ticket_of(1).pk], today=TODAY),
            ["ledger_accounts", "tickets_tickets"],
        )
        assert ticket_of(1).state == "CHARGED"

    def test_statements_do_not_grow_with_tickets(self):
        lease = leased_cab()
        bring_in_tolls(toll(0), *(toll(n, "99900000111") for n in range(1, 40)))
        VehicleTagFactory.create(vehicle=lease.vehicle, tag="99900000111")

        def count(numbers) -> int:
            ids = [ticket_of(number).pk for number in numbers]
            with CaptureQueriesContext(connection) as queries:
                assert services.rematch_tickets(ticket_ids=ids, today=TODAY) == len(ids)
            return len(queries)

        assert count([1, 2]) == count(range(3, 40))
