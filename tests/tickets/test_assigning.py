"""A ticket assigned to a driver, for the first time or away from another: whose money moves, and whose does not."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import ReasonRequired, ValueInvalid
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, UserFactory
from tests.locks import assert_locks_first
from tests.tickets.files import (
    HOW,
    PVB_HEAD,
    SATURDAY,
    TLC_HEAD,
    TODAY,
    bring_in,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    owed,
    pay,
    summons,
    text,
    ticket_of,
    toll,
    violation,
)
from tests.tickets.refusals import nothing_written
from tickets import services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def charged(lease):
    bring_in_tolls(toll(1, amount="$-100.00"))
    return ticket_of(1)


@pytest.fixture
def waiting():
    bring_in_tolls(toll(1, "NJ T100001C", amount="$-100.00"))
    return ticket_of(1)


class TestFromTheQueue:
    def test_it_is_charged(self, waiting):
        driver = DriverFactory.create()
        ticket = services.assign_ticket(ticket_id=waiting.pk, driver_id=driver.pk, **HOW)

        assert (ticket.state, ticket.waits_for, ticket.driver) == ("CHARGED", "", driver)
        posting = LedgerPosting.objects.get()
        assert (posting.reference_id, posting.amount, posting.driver) == ("EZPASS-1", Decimal("100.00"), driver)
        assert (posting.lease_id, posting.due_on, posting.effective_on) == (None, SATURDAY, TODAY)
        assert_books_clean()

    def test_with_a_lease_the_cab_is_the_leases(self, waiting):
        lease = LeaseFactory.create()
        ticket = services.assign_ticket(
            ticket_id=waiting.pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, **HOW
        )
        posting = LedgerPosting.objects.get()
        assert (ticket.lease, ticket.vehicle) == (lease, lease.vehicle)
        assert (posting.lease_id, posting.vehicle_id) == (lease.pk, lease.vehicle_id)

    def test_one_of_two_candidates(self):
        lease = leased_cab()
        further = LeaseDriverFactory.create(lease=lease).driver
        bring_in_tolls(toll(1))
        services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=further.pk, lease_id=lease.pk, **HOW)
        assert owed(further) == {"EZPASS-1": Decimal("9.11")}
        assert owed(lease.primary_driver) == {}

    def test_the_history_names_who_did_it_and_why(self, waiting):
        clerk = UserFactory.create()
        services.assign_ticket(
            ticket_id=waiting.pk,
            driver_id=DriverFactory.create().pk,
            reason="  Seen\non camera ",
            today=TODAY,
            actor=clerk,
        )
        change = waiting.history.latest()
        assert (change.state, change.history_user, change.history_change_reason) == (
            "CHARGED",
            clerk,
            "Seen on camera",
        )

    def test_without_a_reason_the_history_says_that_it_was_assigned(self, waiting):
        services.assign_ticket(ticket_id=waiting.pk, driver_id=DriverFactory.create().pk, **HOW)
        assert waiting.history.latest().history_change_reason == "Assigned"

    def test_a_stated_due_day_stands(self):
        bring_in(text(TLC_HEAD, [summons("FN1", license="999999", due="12/15/2026")]), "tlc")
        services.assign_ticket(ticket_id=ticket_of("FN1").pk, driver_id=DriverFactory.create().pk, **HOW)
        assert LedgerPosting.objects.get().due_on == date(2026, 12, 15)

    def test_a_refund_credits(self):
        bring_in_tolls(toll(1, amount="$9.11"))
        driver = DriverFactory.create()
        ticket = services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=driver.pk, **HOW)
        assert (ticket.state, ticket.refund_of) == ("CREDITED", None)
        assert held(driver) == {"EZPASS-1-REFUND": Decimal("9.11")}
        assert LedgerPosting.objects.get().reason == "Refund of a toll"
        assert_books_clean()


class TestAwayFromAnother:
    def test_gives_the_first_back_what_was_paid(self, lease, charged):
        pay(lease.primary_driver, "60.00")
        other = DriverFactory.create()
        services.assign_ticket(ticket_id=charged.pk, driver_id=other.pk, reason="They drove that day", **HOW)

        assert owed(lease.primary_driver) == {}
        assert list(held(lease.primary_driver).values()) == [Decimal("60.00")]
        assert owed(other) == {"EZPASS-1": Decimal("100.00")}
        assert_books_clean()

    def test_to_the_same_driver_on_another_lease(self, lease, charged):
        driver = lease.primary_driver
        services.assign_ticket(ticket_id=charged.pk, driver_id=driver.pk, reason="Own time", **HOW)
        charged.refresh_from_db()
        assert (charged.driver, charged.lease) == (driver, None)
        assert owed(driver) == {"EZPASS-1": Decimal("100.00")}
        # The charge, its void, and the charge again.
        assert count_postings() == 3
        assert_books_clean()

    def test_there_and_back_again(self, lease, charged):
        other = DriverFactory.create()
        services.assign_ticket(ticket_id=charged.pk, driver_id=other.pk, reason="They drove", **HOW)
        services.assign_ticket(
            ticket_id=charged.pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, reason="No", **HOW
        )
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("100.00")}
        assert owed(other) == {}
        assert [row.driver_id for row in charged.history.order_by("history_id")] == [
            lease.primary_driver_id,
            other.pk,
            lease.primary_driver_id,
        ]
        assert_books_clean()

    def test_the_void_is_of_the_day_and_says_why(self, charged):
        later = date(2026, 11, 25)
        services.assign_ticket(
            ticket_id=charged.pk, driver_id=DriverFactory.create().pk, reason="They drove", today=later, actor=None
        )
        void = LedgerPosting.objects.get(kind="VOID")
        assert (void.effective_on, void.reason, void.amount) == (later, "They drove", Decimal("100.00"))
        assert LedgerPosting.objects.latest("pk").due_on == date(2026, 11, 28)


class TestChargedAgain:
    def test_after_a_void_in_the_ledger(self, lease, charged):
        ledger.void_posting(posting_id=LedgerPosting.objects.get().pk, reason="By hand", actor=None, effective_on=TODAY)
        services.assign_ticket(ticket_id=charged.pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, **HOW)
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("100.00")}
        assert_books_clean()

    @pytest.mark.parametrize("lay_aside", [services.dispute_ticket, services.dismiss_ticket])
    def test_after_it_was_laid_aside(self, lease, charged, lay_aside):
        lay_aside(ticket_id=charged.pk, reason="Not my plate", **HOW)
        ticket = services.assign_ticket(
            ticket_id=charged.pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, **HOW
        )
        assert ticket.state == "CHARGED"
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("100.00")}
        assert_books_clean()


class TestRefusals:
    def test_twice_to_the_same_driver_and_lease(self, lease, charged):
        with nothing_written(services.AlreadyCharged, code="already_charged", field="driver_id"):
            services.assign_ticket(
                ticket_id=charged.pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, reason="Again", **HOW
            )

    @pytest.mark.parametrize("reason", ["", "  \n "])
    def test_away_from_another_without_saying_why(self, charged, reason):
        with nothing_written(ReasonRequired, code="reason_required", field="reason"):
            services.assign_ticket(ticket_id=charged.pk, driver_id=DriverFactory.create().pk, reason=reason, **HOW)

    @pytest.mark.parametrize("reason", ["x" * 501, "bell\x07"])
    def test_a_reason_nobody_can_read(self, charged, reason):
        with nothing_written(ValueInvalid, code="invalid_value", field="reason"):
            services.assign_ticket(ticket_id=charged.pk, driver_id=DriverFactory.create().pk, reason=reason, **HOW)

    def test_no_such_ticket(self):
        driver = DriverFactory.create()
        with nothing_written(services.TicketNotFound, code="ticket_not_found") as refusal:
            services.assign_ticket(ticket_id=999_999, driver_id=driver.pk, **HOW)
        assert refusal.value.facts == {"ticket_id": 999_999}

    def test_no_such_driver(self, waiting):
        with nothing_written(ledger.DriverNotFound, field="driver_id"):
            services.assign_ticket(ticket_id=waiting.pk, driver_id=999_999, **HOW)

    def test_no_such_lease(self, waiting):
        with nothing_written(services.LeaseMismatch, code="lease_mismatch", field="lease_id") as refusal:
            services.assign_ticket(ticket_id=waiting.pk, driver_id=DriverFactory.create().pk, lease_id=999_999, **HOW)
        assert str(refusal.value) == "No lease 999999."

    def test_a_lease_that_the_driver_is_not_on(self, charged):
        other = leased_cab("T100002C")
        with nothing_written(services.LeaseMismatch, code="lease_mismatch", field="lease_id"):
            services.assign_ticket(
                ticket_id=charged.pk, driver_id=DriverFactory.create().pk, lease_id=other.pk, reason="x", **HOW
            )

    def test_a_lease_that_began_after_it_happened(self):
        """A toll of Nov 10, and a lease of the same cab and driver from Nov 24 on."""
        earlier = leased_cab(end_on=date(2026, 11, 20))
        driver = earlier.primary_driver
        later = LeaseFactory.create(primary_driver=driver, vehicle=earlier.vehicle, start_on=date(2026, 11, 24))
        bring_in_tolls(toll(1, on="11/10/2026"))
        with nothing_written(services.LeaseMismatch, code="lease_mismatch", field="lease_id") as refusal:
            services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=driver.pk, lease_id=later.pk, reason="x", **HOW)
        assert str(refusal.value) == f"The driver was not on lease {later.pk} when it happened."

    def test_a_lease_that_the_driver_had_left_or_not_yet_joined(self, charged):
        lease = leased_cab("T100002C")
        bring_in_tolls(toll(2, "NY T100002C", on="11/10/2026"))
        further = LeaseDriverFactory.create(lease=lease, start_on=date(2026, 11, 11)).driver
        left = LeaseDriverFactory.create(lease=lease, end_on=date(2026, 11, 9)).driver
        for driver in (further, left):
            with nothing_written(services.LeaseMismatch):
                services.assign_ticket(
                    ticket_id=ticket_of(2).pk, driver_id=driver.pk, lease_id=lease.pk, reason="x", **HOW
                )

    def test_the_small_hours_of_a_night_are_the_evenings(self):
        """The further driver of Monday's night passes the plaza at 2:00 on Tuesday."""
        lease = leased_cab(shift="NIGHT")
        monday = date(2026, 11, 9)
        further = LeaseDriverFactory.create(lease=lease, start_on=monday, end_on=monday).driver
        bring_in_tolls(toll(1, on="11/10/2026", at="02:00:00 AM"))
        services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=further.pk, lease_id=lease.pk, reason="x", **HOW)
        assert list(owed(further)) == ["EZPASS-1"]

    def test_a_lease_that_never_had_the_cab(self, charged):
        other = leased_cab("T100002C")
        with nothing_written(services.LeaseMismatch, field="lease_id") as refusal:
            services.assign_ticket(
                ticket_id=charged.pk, driver_id=other.primary_driver_id, lease_id=other.pk, reason="x", **HOW
            )
        assert str(refusal.value).startswith(f"Lease {other.pk} never had cab ")

    def test_nothing_is_due_of_it(self):
        bring_in(text(PVB_HEAD, [violation(7001, fine="0.00")]), "pvb")
        driver = DriverFactory.create()
        with nothing_written(services.NotChargeable, code="not_chargeable"):
            services.assign_ticket(ticket_id=ticket_of(7001).pk, driver_id=driver.pk, **HOW)

    def test_a_toll_whose_refund_has_credited(self, charged):
        bring_in_tolls(toll(2, amount="$100.00"))
        driver = DriverFactory.create()
        with nothing_written(services.TollRefunded, code="toll_refunded") as refusal:
            services.assign_ticket(ticket_id=charged.pk, driver_id=driver.pk, reason="x", **HOW)
        assert refusal.value.facts == {"refund_id": ticket_of(2).pk}

    def test_a_refund_that_has_credited(self, charged):
        bring_in_tolls(toll(2, amount="$100.00"))
        driver = DriverFactory.create()
        with nothing_written(services.RefundIsFinal, code="refund_is_final"):
            services.assign_ticket(ticket_id=ticket_of(2).pk, driver_id=driver.pk, reason="x", **HOW)

    def test_a_refund_whose_credit_was_taken_back(self, charged):
        bring_in_tolls(toll(2, amount="$100.00"))
        services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **HOW)
        driver = DriverFactory.create()
        with nothing_written(services.RefundIsFinal):
            services.assign_ticket(ticket_id=ticket_of(2).pk, driver_id=driver.pk, reason="x", **HOW)


def test_locks_both_accounts_and_the_ticket_before_it_writes(charged):
    other = DriverFactory.create()
    ledger.create_obligation(
        category="MISC", amount=Decimal(1), reference_id="M-1", driver_id=other.pk, effective_on=TODAY
    )
    assert_locks_first(
        lambda: services.assign_ticket(ticket_id=charged.pk, driver_id=other.pk, reason="Theirs", **HOW),
        ["ledger_accounts", "tickets_tickets"],
    )
    assert Ticket.objects.get().driver == other
