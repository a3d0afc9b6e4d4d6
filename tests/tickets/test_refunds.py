"""Refunds of tolls: credited once, to whom the toll was charged, or left to a person."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.locks import assert_locks_first
from tests.tickets.files import (
    EZPASS_HEAD,
    HOW,
    TODAY,
    bring_in_tolls,
    count_postings,
    held,
    import_lot,
    leased_cab,
    owed,
    pay,
    stage,
    text,
    ticket_of,
    toll,
    waits,
)
from tickets import services
from tickets.errors import RefundIsFinal
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_credits_whom_its_toll_was_charged_to():
    lease = leased_cab()
    bring_in_tolls(toll(1))
    pay(lease.primary_driver, "9.11")
    bring_in_tolls(toll(2, amount="$9.11"), toll(3, amount="$5.00"))

    assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("9.11")}
    refund = ticket_of(2)
    assert (refund.state, refund.refund_of, refund.driver) == ("CREDITED", ticket_of(1), lease.primary_driver)
    assert (refund.lease, refund.vehicle, refund.amount) == (lease, lease.vehicle, Decimal("-9.11"))
    assert waits(3) == "REFUND"
    assert_books_clean()


def test_the_credit_says_of_what_and_on_which_day():
    lease = leased_cab()
    bring_in_tolls(toll(1))
    pay(lease.primary_driver, "9.11")
    bring_in_tolls(toll(2, amount="$9.11"))
    credit = LedgerPosting.objects.get(reference_id="EZPASS-2-REFUND")
    assert (credit.category, credit.entry_type, credit.amount) == ("EZPASS", "CREDIT", Decimal("9.11"))
    assert (credit.effective_on, credit.reason) == (TODAY, f"Refund of toll {ticket_of(1).pk}")


def test_a_toll_is_refunded_once():
    lease = leased_cab()
    bring_in_tolls(toll(1))
    pay(lease.primary_driver, "9.11")
    bring_in_tolls(toll(2, amount="$9.11"), toll(3, amount="$9.11"))
    bring_in_tolls(toll(4, amount="$9.11"))

    assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("9.11")}
    assert set(Ticket.objects.waiting().values_list("number", flat=True)) == {"3", "4"}


def test_two_equal_tolls_take_two_refunds_oldest_first():
    lease = leased_cab()
    bring_in_tolls(toll(1), toll(2))
    for reference in ("EZPASS-1", "EZPASS-2"):
        pay(lease.primary_driver, "9.11", reference)
    bring_in_tolls(toll(3, amount="$9.11"), toll(4, amount="$9.11"))
    assert [ticket_of(number).refund_of for number in (3, 4)] == [ticket_of(1), ticket_of(2)]
    assert held(lease.primary_driver) == {"EZPASS-3-REFUND": Decimal("9.11"), "EZPASS-4-REFUND": Decimal("9.11")}
    assert_books_clean()


@pytest.mark.parametrize(
    "refund",
    [
        toll(2, amount="$9.10"),
        toll(2, at="10:00:01 AM", amount="$9.11"),
        toll(2, on="11/15/2026", amount="$9.11"),
        toll(2, "NJ T100001C", amount="$9.11"),
        toll(2, " 99900000111", amount="$9.11"),
    ],
    ids=["amount", "second", "day", "state", "tag"],
)
def test_what_differs_from_its_toll_waits(refund):
    lease = leased_cab(tag="99900000111")
    bring_in_tolls(toll(1), refund)
    assert waits(2) == "REFUND"
    assert held(lease.primary_driver) == {}


def test_of_equal_tolls_of_two_drivers_a_person_decides():
    lease, other = leased_cab(), DriverFactory.create()
    bring_in_tolls(toll(1), toll(2))
    services.assign_ticket(ticket_id=ticket_of(2).pk, driver_id=other.pk, reason="They drove", **HOW)
    bring_in_tolls(toll(3, amount="$9.11"))
    assert waits(3) == "REFUND"
    assert (held(lease.primary_driver), held(other)) == ({}, {})


def test_follows_a_toll_that_was_charged_to_another_meanwhile():
    lease, other = leased_cab(), DriverFactory.create()
    bring_in_tolls(toll(1))
    services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=other.pk, reason="They drove", **HOW)
    pay(other, "9.11")
    bring_in_tolls(toll(2, amount="$9.11"))
    assert held(lease.primary_driver) == {}
    assert held(other) == {"EZPASS-2-REFUND": Decimal("9.11")}
    assert_books_clean()


@pytest.mark.parametrize("act", [services.dispute_ticket, services.dismiss_ticket])
def test_a_toll_that_is_not_charged_is_not_refunded(act):
    leased_cab()
    bring_in_tolls(toll(1))
    act(ticket_id=ticket_of(1).pk, reason="Not ours", **HOW)
    before = count_postings()
    bring_in_tolls(toll(2, amount="$9.11"))
    assert waits(2) == "REFUND"
    assert count_postings() == before


def test_a_toll_in_review_is_not_refunded():
    bring_in_tolls(toll(1), toll(2, amount="$9.11"))
    assert (waits(1), waits(2), count_postings()) == ("VEHICLE", "REFUND", 0)


def test_once_its_refund_is_dismissed_a_toll_may_be_refunded_again():
    lease = leased_cab()
    bring_in_tolls(toll(1))
    pay(lease.primary_driver, "9.11")
    bring_in_tolls(toll(2, amount="$9.11"))
    services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **HOW)
    bring_in_tolls(toll(3, amount="$9.11"))
    assert held(lease.primary_driver) == {"EZPASS-3-REFUND": Decimal("9.11")}
    assert ticket_of(3).refund_of == ticket_of(1)
    assert_books_clean()


def test_of_the_congestion_zone_it_follows_its_toll():
    lease = leased_cab()
    bring_in_tolls(toll(1, agency="CBDTP", amount="$-9.00"))
    services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=lease.primary_driver_id, lease_id=lease.pk, **HOW)
    pay(lease.primary_driver, "9.00")
    bring_in_tolls(toll(2, agency="CBDTP", amount="$9.00"))
    assert (ticket_of(2).state, ticket_of(2).waits_for) == ("CREDITED", "")
    assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("9.00")}


class TestOnlyWhatWasPaid:
    """A toll of 9.11: a memo only for what was paid of it; the rest of its charge is voided, forgiven or not."""

    def test_one_in_the_same_file_as_its_toll(self):
        lease = leased_cab()
        # Statements come newest first too: the refund may stand above its toll.
        bring_in_tolls(toll(2, amount="$9.11"), toll(1))
        assert (owed(lease.primary_driver), held(lease.primary_driver)) == ({}, {})
        refund = ticket_of(2)
        assert (refund.state, refund.refund_of, refund.uncharged) == ("CREDITED", ticket_of(1), Decimal("9.11"))
        assert not LedgerPosting.objects.filter(kind="CREDIT_MEMO").exists()
        assert_books_clean()

    def test_partly_paid(self):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        pay(lease.primary_driver, "5.00")
        bring_in_tolls(toll(2, amount="$9.11"))
        assert owed(lease.primary_driver) == {}
        assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("5.00")}
        assert LedgerBalance.objects.get(reference_id="EZPASS-1", status="SETTLED").original_amount == Decimal("5.00")
        assert_books_clean()

    @pytest.mark.parametrize(("paid", "back"), [("", {}), ("5.00", {"EZPASS-2-REFUND": Decimal("5.00")})])
    def test_written_off(self, paid, back):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        if paid:
            pay(lease.primary_driver, paid)
        charge = LedgerPosting.objects.get(kind="OBLIGATION")
        ledger.write_off_obligation(posting_id=charge.pk, reason="Hardship", effective_on=TODAY, actor=None)
        bring_in_tolls(toll(2, amount="$9.11"))
        assert (owed(lease.primary_driver), held(lease.primary_driver)) == ({}, back)
        assert not LedgerPosting.objects.filter(kind="WRITE_OFF", reversals=None).exists()
        assert_books_clean()

    def test_voided_in_the_ledger(self):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        charge = LedgerPosting.objects.get(kind="OBLIGATION")
        ledger.void_posting(posting_id=charge.pk, reason="Mistake", effective_on=TODAY, actor=None)
        bring_in_tolls(toll(2, amount="$9.11"))
        assert held(lease.primary_driver) == {}
        assert_books_clean()

    @pytest.mark.parametrize("paid", ["", "5.00"])
    def test_a_wrong_refund_that_is_dismissed_leaves_the_toll_owed_again(self, paid):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        if paid:
            pay(lease.primary_driver, paid)
        bring_in_tolls(toll(2, amount="$9.11"))
        services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="Bank error", **HOW)
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11") - Decimal(paid or "0")}
        assert held(lease.primary_driver) == {}
        assert ticket_of(2).uncharged == 0
        assert_books_clean()
        # It was somebody's refund once, and is nobody's now.
        with pytest.raises(RefundIsFinal):
            services.assign_ticket(ticket_id=ticket_of(2).pk, driver_id=lease.primary_driver_id, **HOW)

    def test_what_is_taken_off_is_of_a_credited_refund(self):
        leased_cab()
        bring_in_tolls(toll(1))
        with pytest.raises(IntegrityError, match="tickets_tickets_uncharged_of_a_refund"), transaction.atomic():
            Ticket.objects.update(uncharged=Decimal("1.00"))


def test_a_refund_that_another_file_brought_meanwhile_is_not_credited_beside_it():
    """Both files have it. The first is confirmed before its toll is there; the second brings the toll."""
    lease = leased_cab()
    first = stage(text(EZPASS_HEAD, [toll(2, amount="$9.11")])).file
    second = stage(text(EZPASS_HEAD, [toll(1), toll(2, amount="$9.11")])).file
    services.confirm_import(import_id=first.pk, today=TODAY)
    services.confirm_import(import_id=second.pk, today=TODAY)
    assert (ticket_of(2).state, owed(lease.primary_driver)) == ("WAITING", {"EZPASS-1": Decimal("9.11")})
    assert_books_clean()

    assert services.rematch_waiting(today=TODAY) == 1
    assert (ticket_of(2).state, owed(lease.primary_driver), held(lease.primary_driver)) == ("CREDITED", {}, {})
    assert_books_clean()


def test_locks_the_accounts_of_the_tolls_before_it_writes():
    leased_cab()
    bring_in_tolls(toll(1))
    staged = stage(text(EZPASS_HEAD, [toll(2, amount="$9.11")])).file
    services.start_import(import_id=staged.pk, today=TODAY)
    assert_locks_first(lambda: import_lot(staged, refunds=True), ["ledger_accounts"])
    assert ticket_of(2).state == "CREDITED"
