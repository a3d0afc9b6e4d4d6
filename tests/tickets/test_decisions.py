"""What the office decides of a ticket, and what that does to its drivers' money."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import ReasonRequired
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.tickets.files import SATURDAY, TODAY, bring_in_tolls, count_postings, held, leased_cab, owed, toll
from tickets import services
from tickets.models import ChargeType, MiscCharge, Ticket

pytestmark = pytest.mark.django_db

HOW: dict[str, Any] = {"today": TODAY, "actor": None}


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def charged(lease):
    bring_in_tolls(toll(1, amount="$-100.00"))
    return Ticket.objects.get()


def pay(driver, amount, reference="EZPASS-1"):
    return ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        allocations={reference: Decimal(amount)},
        driver_id=driver.pk,
        payment_method="CASH",
    )


class TestAssignTicket:
    def test_from_the_queue_it_is_posted(self):
        bring_in_tolls(toll(1, "NJ T100001C"))
        driver = DriverFactory.create()
        ticket = services.assign_ticket(ticket_id=Ticket.objects.get().pk, driver_id=driver.pk, **HOW)

        assert (ticket.state, ticket.waits_for) == ("CHARGED", "")
        posting = LedgerPosting.objects.get()
        assert (posting.reference_id, posting.driver, posting.due_on) == ("EZPASS-1", driver, SATURDAY)
        with pytest.raises(services.AlreadyCharged):
            services.assign_ticket(ticket_id=ticket.pk, driver_id=driver.pk, **HOW)
        assert count_postings() == 1

    def test_to_another_gives_the_first_back_what_was_paid(self, lease, charged):
        pay(lease.primary_driver, "60.00")
        other = DriverFactory.create()
        with pytest.raises(ReasonRequired):
            services.assign_ticket(ticket_id=charged.pk, driver_id=other.pk, **HOW)
        services.assign_ticket(ticket_id=charged.pk, driver_id=other.pk, reason="They drove that day", **HOW)

        assert owed(lease.primary_driver) == {}
        assert list(held(lease.primary_driver).values()) == [Decimal("60.00")]
        assert owed(other) == {"EZPASS-1": Decimal("100.00")}
        assert_books_clean()

    def test_a_lease_must_be_the_drivers(self, charged):
        other = leased_cab("T100002C")
        with pytest.raises(services.LeaseMismatch):
            services.assign_ticket(
                ticket_id=charged.pk, driver_id=DriverFactory.create().pk, lease_id=other.pk, reason="x", **HOW
            )
        assert count_postings() == 1

    def test_after_a_void_in_the_ledger_it_is_charged_again(self, lease, charged):
        ledger.void_posting(posting_id=LedgerPosting.objects.get().pk, reason="By hand", actor=None)
        services.assign_ticket(ticket_id=charged.pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, **HOW)
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("100.00")}
        assert_books_clean()

    def test_locks_both_accounts_before_it_writes(self, charged):
        other = DriverFactory.create()
        ledger.create_obligation(category="MISC", amount=Decimal(1), reference_id="M-1", driver_id=other.pk)
        with CaptureQueriesContext(connection) as queries:
            services.assign_ticket(ticket_id=charged.pk, driver_id=other.pk, reason="Theirs", **HOW)
        statements = [query["sql"] for query in queries]
        lock = next(n for n, sql in enumerate(statements) if "ledger_accounts" in sql and "FOR UPDATE" in sql)
        write = next(n for n, sql in enumerate(statements) if sql.startswith(("INSERT", "UPDATE")))
        assert lock < write
        assert f"IN ({charged.driver_id}, {other.pk})" in statements[lock]


class TestCorrectTicket:
    def test_what_was_paid_stays_on_it(self, lease, charged):
        pay(lease.primary_driver, "60.00")
        services.correct_ticket(ticket_id=charged.pk, amount=Decimal("75.00"), reason="Reduced", **HOW)
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("15.00")}
        assert held(lease.primary_driver) == {}
        assert [row.amount for row in charged.history.order_by("history_id")] == [Decimal("100.00"), Decimal("75.00")]
        assert charged.history.latest().history_change_reason == "Reduced"
        assert_books_clean()

    def test_refuses_the_same_amount_and_none(self, charged):
        for amount in ("100.00", "0.00", "-1"):
            with pytest.raises(ledger.InvalidAmount):
                services.correct_ticket(ticket_id=charged.pk, amount=Decimal(amount), reason="x", **HOW)
        assert count_postings() == 1


class TestDisputeAndDismiss:
    def test_disputed_it_is_not_charged_and_comes_back(self, lease, charged):
        pay(lease.primary_driver, "60.00")
        services.dispute_ticket(ticket_id=charged.pk, reason="Not my plate", **HOW)
        assert owed(lease.primary_driver) == {}
        assert list(held(lease.primary_driver).values()) == [Decimal("60.00")]
        with pytest.raises(services.TicketDisputed):
            services.dispute_ticket(ticket_id=charged.pk, reason="Again", **HOW)

        services.assign_ticket(ticket_id=charged.pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, **HOW)
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("100.00")}
        assert_books_clean()

    def test_dismissed_nobody_owes_it(self, lease, charged):
        services.dismiss_ticket(ticket_id=charged.pk, reason="Hearing won", **HOW)
        assert owed(lease.primary_driver) == {}
        with pytest.raises(services.TicketDismissed):
            services.dismiss_ticket(ticket_id=charged.pk, reason="Again", **HOW)
        with pytest.raises(services.TicketDismissed):
            services.correct_ticket(ticket_id=charged.pk, amount=Decimal("1.00"), reason="x", **HOW)
        assert_books_clean()

    def test_a_refunded_toll_is_left_alone_until_its_refund_is_dismissed(self, lease, charged):
        bring_in_tolls(toll(2, amount="$100.00"))
        for act in (services.dispute_ticket, services.dismiss_ticket):
            with pytest.raises(services.TollRefunded):
                act(ticket_id=charged.pk, reason="x", **HOW)
        services.dismiss_ticket(ticket_id=Ticket.objects.get(number="2").pk, reason="Bank error", **HOW)
        services.dismiss_ticket(ticket_id=charged.pk, reason="x", **HOW)
        assert (owed(lease.primary_driver), held(lease.primary_driver)) == ({}, {})
        assert_books_clean()


class TestFees:
    def test_are_off_until_somebody_turns_them_on(self, charged):
        fees = ChargeType.objects.exclude(added_to="")
        assert set(fees.values_list("added_to", "is_active")) == {("EZPASS", False), ("PVB", False), ("TLC", False)}
        assert not MiscCharge.objects.exists()

    def test_follow_their_ticket(self, lease):
        ChargeType.objects.create(
            name="Toll handling", default_amount="1.50", added_to="EZPASS", is_active=True, citation="Lease, clause 9"
        )
        bring_in_tolls(toll(1))
        fee = MiscCharge.objects.get()
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11"), fee.reference_id: Decimal("1.50")}
        services.dismiss_ticket(ticket_id=Ticket.objects.get().pk, reason="Wrong", **HOW)
        assert owed(lease.primary_driver) == {}


class TestMiscCharges:
    def make(self, driver, **facts):
        lost_key, _ = ChargeType.objects.get_or_create(name="Lost key X", default_amount="45.00", is_active=True)
        return services.create_misc_charge(charge_type_id=lost_key.pk, driver_id=driver.pk, **facts, **HOW)

    def test_default_amount_replay_and_void(self):
        driver = DriverFactory.create()
        charge = self.make(driver, entry_key="a")
        assert self.make(driver, entry_key="a") == charge
        assert owed(driver) == {f"MISC-{charge.pk}": Decimal("45.00")}
        with pytest.raises(ledger.IdempotencyConflict):
            self.make(driver, entry_key="a", amount=Decimal("1.00"))

        services.void_misc_charge(charge_id=charge.pk, reason="Found", **HOW)
        assert owed(driver) == {}
        with pytest.raises(services.ChargeAlreadyVoided):
            services.void_misc_charge(charge_id=charge.pk, reason="Again", **HOW)
        assert_books_clean()

    def test_refuses_a_type_that_is_off(self):
        off = ChargeType.objects.create(name="Off", default_amount="1.00")
        with pytest.raises(services.ChargeTypeNotActive):
            services.create_misc_charge(charge_type_id=off.pk, driver_id=DriverFactory.create().pk, **HOW)
        assert count_postings() == 0
