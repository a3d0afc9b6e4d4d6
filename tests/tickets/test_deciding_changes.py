"""What comes again with other sums is decided once, by an act that fits: what the driver owes then."""

from decimal import Decimal

import pytest

from core.errors import ReasonRequired
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import UserFactory
from tests.locks import assert_locks_first
from tests.tickets.changed import NOT_GUILTY, PAID, PART_PAID, PENALTY, REDUCED, acts_of, change_of, decide, tell
from tests.tickets.files import (
    HOW,
    bring_in_tolls,
    held,
    leased_cab,
    owed,
    pay,
    plated_cab,
    ticket_of,
    toll,
)
from tests.tickets.refusals import nothing_written
from tickets import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def charged(lease):
    tell()
    return ticket_of(7001)


class TestActs:
    @pytest.mark.parametrize(
        ("facts", "offered"),
        [
            (NOT_GUILTY, {"DISMISS": None, "LEAVE": None}),
            (REDUCED, {"REDUCE": "25.00", "DISMISS": None, "LEAVE": None}),
            (PENALTY, {"CHARGE_REST": "52.50", "DISMISS": None, "LEAVE": None}),
            (PAID, {"FLEET_PAID": "40.00", "DRIVER_PAID": "0.00", "DISMISS": None, "LEAVE": None}),
            (PART_PAID, {"FLEET_PAID": "40.00", "DRIVER_PAID": "10.00", "DISMISS": None, "LEAVE": None}),
        ],
    )
    def test_that_fit_what_was_told(self, charged, facts, offered):
        tell(**facts)
        assert acts_of() == offered

    @pytest.mark.parametrize(
        ("facts", "act", "state", "owes"),
        [
            (NOT_GUILTY, "DISMISS", "DISMISSED", None),
            (REDUCED, "REDUCE", "CHARGED", "25.00"),
            (REDUCED, "LEAVE", "CHARGED", "40.00"),
            (PENALTY, "CHARGE_REST", "CHARGED", "52.50"),
            (PAID, "FLEET_PAID", "CHARGED", "40.00"),
            (PAID, "DRIVER_PAID", "DISMISSED", None),
            (PART_PAID, "FLEET_PAID", "CHARGED", "40.00"),
            (PART_PAID, "DRIVER_PAID", "CHARGED", "10.00"),
        ],
    )
    def test_what_the_driver_owes_then(self, lease, charged, facts, act, state, owes):
        clerk = UserFactory.create()
        tell(**facts)
        told = change_of()
        change = decide(act, actor=clerk)
        ticket = ticket_of(7001)
        assert (ticket.state, ticket.told_total, ticket.told_paid) == (state, told.now_total, told.now_paid)
        assert owed(lease.primary_driver) == ({} if owes is None else {"PVB-7001": Decimal(owes)})
        assert (change.act, change.decided_by, change.reason) == (act, clerk, "Letter")
        latest = ticket.history.latest()
        assert (latest.history_user, latest.history_change_reason) == (clerk, "Letter")
        assert_books_clean()

    def test_what_was_paid_stays_on_it_and_the_excess_is_free(self, lease, charged):
        pay(lease.primary_driver, "40.00", "PVB-7001")
        tell(**REDUCED)
        decide("REDUCE")
        assert owed(lease.primary_driver) == {}
        assert list(held(lease.primary_driver).values()) == [Decimal("15.00")]
        assert_books_clean()

    def test_what_had_nothing_due_is_charged_where_the_fleet_paid_more(self, lease):
        """75.00, of which 25.00 was due and paid; then a penalty of 10.00 which the fleet paid as well."""
        tell(money="75.00,0.00,0.00,0.00,75.00", due="0.00")
        assert ticket_of(7001).state == "NOTHING_DUE"
        tell(money="75.00,10.00,0.00,0.00,85.00", due="0.00")
        assert acts_of()["FLEET_PAID"] == "85.00"
        decide("FLEET_PAID")
        assert ticket_of(7001).state == "CHARGED"
        assert owed(lease.primary_driver) == {"PVB-7001": Decimal("85.00")}
        assert_books_clean()

    def test_where_nobody_is_known_it_waits_for_that_much(self):
        plated_cab()
        tell(**PAID)
        tell(money="40.00,5.00,0.00,0.00,45.00", due="0.00")
        decide("FLEET_PAID")
        ticket = ticket_of(7001)
        assert (ticket.state, ticket.waits_for, str(ticket.amount)) == ("WAITING", "LEASE", "45.00")

    def test_what_waits_is_raised_and_waits_on(self):
        tell(7001, "ZZZ1")
        tell(7001, "ZZZ1", **PENALTY)
        decide("CHARGE_REST")
        ticket = ticket_of(7001)
        assert (ticket.state, ticket.waits_for, str(ticket.amount)) == ("WAITING", "VEHICLE", "52.50")

    def test_what_is_disputed_stays_so_for_less(self, charged):
        services.dispute_ticket(ticket_id=charged.pk, reason="Not mine", **HOW)
        since = ticket_of(7001).decided_at
        tell(**REDUCED)
        decide("REDUCE")
        ticket = ticket_of(7001)
        assert (ticket.state, str(ticket.amount), ticket.decided_at) == ("DISPUTED", "25.00", since)
        assert_books_clean()

    def test_what_was_dismissed_is_charged_to_whom_it_was_charged(self, lease, charged):
        services.dismiss_ticket(ticket_id=charged.pk, reason="Won", **HOW)
        tell(**PENALTY)
        assert acts_of() == {"CHARGE_REST": "52.50", "LEAVE": None}
        decide("CHARGE_REST")
        assert owed(lease.primary_driver) == {"PVB-7001": Decimal("52.50")}
        assert_books_clean()

    def test_what_the_fleet_pays_of_nobodys_is_assigned_first(self):
        tell(7001, "ZZZ1")
        services.let_fleet_pay(ticket_id=ticket_of(7001).pk, reason="Ours", **HOW)
        tell(7001, "ZZZ1", **PENALTY)
        with nothing_written(services.DriverNotKnown, code="driver_not_known"):
            decide("CHARGE_REST")

    def test_what_the_fleet_paid_stays_owed_when_more_is_due(self, lease, charged):
        tell(**PART_PAID)
        decide("FLEET_PAID")
        tell(money="40.00,10.00,0.00,0.00,30.00", due="20.00")
        assert acts_of()["CHARGE_REST"] == "50.00"
        decide("CHARGE_REST")
        assert owed(lease.primary_driver) == {"PVB-7001": Decimal("50.00")}
        tell(money="40.00,10.00,0.00,0.00,50.00", due="0.00")
        assert acts_of()["DRIVER_PAID"] == "30.00"
        decide("DRIVER_PAID")
        assert owed(lease.primary_driver) == {"PVB-7001": Decimal("30.00")}
        assert_books_clean()

    def test_a_refund_of_another_amount_is_dismissed_or_left(self, lease):
        bring_in_tolls(toll(1), toll(2, amount="$9.11"))
        bring_in_tolls(toll(2, amount="$8.00"))
        assert acts_of(2) == {"DISMISS": None, "LEAVE": None}
        decide("LEAVE", 2)
        assert_books_clean()


class TestRefused:
    def test_without_a_reason(self, charged):
        tell(**REDUCED)
        with nothing_written(ReasonRequired, field="reason"):
            decide("REDUCE", reason=" ")

    def test_twice(self, charged):
        tell(**REDUCED)
        change = change_of()
        decide("REDUCE")
        with nothing_written(services.AlreadyDecided, code="change_decided") as refusal:
            services.decide_change(change_id=change.pk, act="LEAVE", reason="x", **HOW)
        assert str(refusal.value) == "PVB-7001, reduced was decided before: reduced."

    def test_an_act_that_does_not_fit(self, charged):
        tell(**REDUCED)
        with nothing_written(services.ChangeActInvalid, code="invalid_change_act", field="act"):
            decide("FLEET_PAID")

    def test_of_a_change_that_is_not_there(self):
        with nothing_written(services.ChangeNotFound, code="change_not_found"):
            services.decide_change(change_id=999_999, act="LEAVE", reason="x", **HOW)

    def test_what_was_voided_in_the_ledger_is_charged_again_first(self, charged):
        tell(**PAID)
        ledger.void_posting(
            posting_id=LedgerPosting.objects.get().pk, reason="x", actor=None, effective_on=HOW["today"]
        )
        with nothing_written(services.NotCharged, code="not_charged"):
            decide("FLEET_PAID")

    def test_locks_the_account_the_ticket_and_the_change(self, charged):
        tell(**REDUCED)
        tables = ["ledger_accounts", "tickets_tickets", "tickets_changes"]
        assert_locks_first(lambda: decide("LEAVE"), tables)
