"""Two and more sessions at one file, one ticket or one charge: real threads, each with a connection of its own."""

from collections.abc import Callable
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from core import transactions
from core.errors import Busy
from tests.books import assert_books_clean
from tests.factories import DriverFactory, VehicleTagFactory
from tests.threads import count_refusals, list_winners, run_together
from tests.tickets.files import (
    EZPASS_HEAD,
    HOW,
    TODAY,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    owed,
    pay,
    stage,
    text,
    ticket_of,
    toll,
)
from tickets import services
from tickets.models import ChargeType, ImportRow, MiscCharge, Ticket, TicketChange, TicketImport

pytestmark = pytest.mark.django_db(transaction=True)


class TestFiles:
    def test_one_is_staged_once(self):
        content = text(EZPASS_HEAD, [toll(n) for n in range(5)])
        outcomes = run_together(*[lambda: stage(content)] * 3)
        assert sorted(outcome.is_new for outcome in outcomes) == [False, False, True]
        assert TicketImport.objects.get().row_count == 5
        assert ImportRow.objects.count() == 5

    def test_one_is_imported_once(self):
        leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(n) for n in range(20)])).file

        def confirm() -> TicketImport:
            return services.confirm_import(import_id=staged.pk, today=TODAY)

        outcomes = run_together(*[confirm] * 4)
        assert set(count_refusals(outcomes)) <= {services.AlreadyImported}
        staged.refresh_from_db()
        assert (staged.state, staged.imported_count, staged.charged_count) == ("IMPORTED", 20, 20)
        assert (Ticket.objects.count(), count_postings()) == (20, 20)
        assert Ticket.history.count() == 20
        assert_books_clean()

    def test_two_with_one_toll_charge_it_once(self):
        lease = leased_cab()
        files = [stage(text(EZPASS_HEAD, [toll(1), toll(n)])).file for n in (2, 3)]
        run_together(*(lambda pk=file.pk: services.confirm_import(import_id=pk, today=TODAY) for file in files))
        assert set(owed(lease.primary_driver)) == {"EZPASS-1", "EZPASS-2", "EZPASS-3"}
        assert_books_clean()

    def test_two_with_one_refund_credit_it_once(self):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        pay(lease.primary_driver, "9.11")
        files = [stage(text(EZPASS_HEAD, [toll(n, amount="$9.11")])).file for n in (2, 3)]
        run_together(*(lambda pk=file.pk: services.confirm_import(import_id=pk, today=TODAY) for file in files))
        assert list(held(lease.primary_driver).values()) == [Decimal("9.11")]
        assert sorted(Ticket.objects.exclude(number="1").values_list("state", flat=True)) == ["CREDITED", "WAITING"]
        assert_books_clean()

    def test_one_that_somebody_holds_is_answered_in_time(self, monkeypatch):
        monkeypatch.setattr(transactions, "LOCK_TIMEOUT", "100ms")
        staged = stage(text(EZPASS_HEAD, [toll(1)])).file
        is_held, is_answered = Event(), Event()

        def hold() -> None:
            with transaction.atomic():
                TicketImport.objects.select_for_update().get(pk=staged.pk)
                is_held.set()
                assert is_answered.wait(30)

        def start() -> TicketImport:
            assert is_held.wait(30)
            try:
                return services.start_import(import_id=staged.pk, today=TODAY)
            finally:
                is_answered.set()

        assert count_refusals(run_together(hold, start)) == {Busy: 1}
        staged.refresh_from_db()
        assert (staged.state, staged.confirmed_at) == ("STAGED", None)


class TestTickets:
    def test_one_goes_to_one_driver(self):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        ticket, drivers = ticket_of(1), DriverFactory.create_batch(3)
        jobs = [
            lambda pk=driver.pk: services.assign_ticket(ticket_id=ticket.pk, driver_id=pk, reason="Theirs", **HOW)
            for driver in drivers
        ]
        outcomes = run_together(*jobs)
        assert list_winners(outcomes)
        assert set(count_refusals(outcomes)) <= {services.TicketChanged}
        ticket.refresh_from_db()
        owing = [driver for driver in [*drivers, lease.primary_driver] if owed(driver)]
        assert owing == [ticket.driver]
        assert_books_clean()

    @pytest.mark.parametrize(
        ("act", "refusal"),
        [
            (
                lambda pk: services.correct_ticket(ticket_id=pk, amount=Decimal("5.00"), reason="x", **HOW),
                "AmountInvalid",
            ),
            (lambda pk: services.dispute_ticket(ticket_id=pk, reason="x", **HOW), "TicketDisputed"),
            (lambda pk: services.dismiss_ticket(ticket_id=pk, reason="x", **HOW), "TicketDismissed"),
        ],
        ids=["corrected", "disputed", "dismissed"],
    )
    def test_one_is_acted_on_once(self, act: Callable[[int], Any], refusal: str):
        leased_cab()
        bring_in_tolls(toll(1))
        pk = ticket_of(1).pk
        outcomes = run_together(*[lambda: act(pk)] * 3)
        assert len(list_winners(outcomes)) == 1
        ((error, times),) = count_refusals(outcomes).items()
        assert error.__name__ in refusal.split()
        assert times == 2
        assert ticket_of(1).history.count() == 2
        assert_books_clean()

    def test_put_back_and_charged_at_once_one_comes_after_the_other(self):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        pk = ticket_of(1).pk
        services.dismiss_ticket(ticket_id=pk, reason="x", **HOW)
        outcomes = run_together(
            lambda: services.restore_ticket(ticket_id=pk, reason="x", actor=None),
            lambda: services.assign_ticket(ticket_id=pk, driver_id=lease.primary_driver_id, reason="x", **HOW),
        )
        assert set(count_refusals(outcomes)) <= {services.NotLaidAside}
        assert (ticket_of(1).state, set(owed(lease.primary_driver))) == ("CHARGED", {"EZPASS-1"})
        assert_books_clean()

    def test_corrected_and_dismissed_at_once_one_comes_after_the_other(self):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        pk = ticket_of(1).pk
        outcomes = run_together(
            lambda: services.correct_ticket(ticket_id=pk, amount=Decimal("5.00"), reason="x", **HOW),
            lambda: services.dismiss_ticket(ticket_id=pk, reason="x", **HOW),
        )
        assert set(count_refusals(outcomes)) <= {services.TicketDismissed}
        assert (ticket_of(1).state, owed(lease.primary_driver)) == ("DISMISSED", {})
        assert_books_clean()

    def test_those_that_wait_are_rematched_once(self):
        bring_in_tolls(*(toll(n) for n in range(5)), toll(9, amount="$9.11"))
        lease = leased_cab()
        outcomes = run_together(*[lambda: services.rematch_waiting(today=TODAY)] * 3)
        assert sum(outcomes) == 6
        # Five tolls are charged, and one of them is refunded before anybody paid it.
        assert len(owed(lease.primary_driver)) == 4
        assert ticket_of(9).state == "CREDITED"
        assert Ticket.history.filter(history_change_reason="Rematched").count() == 6
        assert_books_clean()

    def test_one_is_rematched_or_assigned_and_charged_once(self):
        lease = leased_cab()
        bring_in_tolls(toll(1, "99900000111"))
        VehicleTagFactory.create(vehicle=lease.vehicle, tag="99900000111")
        ticket, other = ticket_of(1), DriverFactory.create()
        run_together(
            lambda: services.rematch_waiting(today=TODAY),
            lambda: services.assign_ticket(ticket_id=ticket.pk, driver_id=other.pk, reason="Theirs", **HOW),
        )
        ticket.refresh_from_db()
        owing = [driver for driver in (lease.primary_driver, other) if owed(driver)]
        assert owing == [ticket.driver]
        assert_books_clean()

    def test_one_summons_is_entered_once(self):
        driver = DriverFactory.create()

        def enter() -> Ticket:
            return services.enter_summons(
                number="FN1",
                violation="Directive",
                issued_on=TODAY,
                amount=Decimal("75.00"),
                license=driver.tlc_license,
                **HOW,
            )

        outcomes = run_together(*[enter] * 3)
        assert len(list_winners(outcomes)) == 1
        assert count_refusals(outcomes) == {services.TicketKnown: 2}
        assert owed(driver) == {"TLC-FN1": Decimal("75.00")}


class TestChanges:
    @pytest.fixture
    def lease(self):
        return leased_cab()

    @pytest.fixture
    def reduced(self, lease):
        """The id of a change from 9.11 to 4.00 that nobody has decided."""
        bring_in_tolls(toll(1))
        bring_in_tolls(toll(1, amount="$-4.00"))
        return TicketChange.objects.get().pk

    def test_one_is_decided_once(self, lease, reduced):
        outcomes = run_together(
            *[lambda: services.decide_change(change_id=reduced, act="REDUCE", reason="x", **HOW)] * 2,
            lambda: services.decide_change(change_id=reduced, act="DISMISS", reason="x", **HOW),
        )
        assert len(list_winners(outcomes)) == 1
        assert count_refusals(outcomes) == {services.AlreadyDecided: 2}
        assert ticket_of(1).history.count() == 2
        assert_books_clean()

    def test_one_that_is_told_anew_meanwhile_is_decided_or_superseded(self, lease, reduced):
        newer = stage(text(EZPASS_HEAD, [toll(1, amount="$-5.00")])).file
        run_together(
            lambda: services.decide_change(change_id=reduced, act="REDUCE", reason="x", **HOW),
            lambda: services.confirm_import(import_id=newer.pk, today=TODAY),
        )
        change = TicketChange.objects.undecided().get()
        assert (str(change.now_total), change.before_total) == ("5.00", ticket_of(1).told_total)
        assert_books_clean()

    def test_two_files_that_tell_one_ticket_keep_one(self, lease):
        bring_in_tolls(toll(1))
        files = [stage(text(EZPASS_HEAD, [toll(1, amount="$-4.00"), toll(n)])).file for n in (2, 3)]
        run_together(*(lambda pk=file.pk: services.confirm_import(import_id=pk, today=TODAY) for file in files))
        assert TicketChange.objects.get().decided_at is None
        assert_books_clean()


class TestCharges:
    @pytest.fixture
    def lost_key(self):
        return ChargeType.objects.create(name="Lost spare key", default_amount="45.00", is_active=True)

    def test_one_entry_is_made_once(self, lost_key):
        driver = DriverFactory.create()

        def enter() -> MiscCharge:
            return services.create_misc_charge(charge_type_id=lost_key.pk, driver_id=driver.pk, entry_key="a", **HOW)

        outcomes = run_together(*[enter] * 4)
        assert len({charge.pk for charge in outcomes}) == 1
        assert list(owed(driver).values()) == [Decimal("45.00")]

    def test_one_is_voided_once(self, lost_key):
        driver = DriverFactory.create()
        made = services.create_misc_charge(charge_type_id=lost_key.pk, driver_id=driver.pk, **HOW)
        outcomes = run_together(*[lambda: services.void_misc_charge(charge_id=made.pk, reason="Found", **HOW)] * 3)
        assert len(list_winners(outcomes)) == 1
        assert count_refusals(outcomes) == {services.ChargeAlreadyVoided: 2}
        assert (owed(driver), count_postings()) == ({}, 2)
        assert_books_clean()


def test_a_plate_given_while_a_file_comes_in_charges_its_tolls_sooner_or_later():
    lease = leased_cab("T100002C")
    other = leased_cab("T100003C")
    staged = stage(text(EZPASS_HEAD, [toll(n, "99900000111") for n in range(10)])).file
    run_together(
        lambda: services.confirm_import(import_id=staged.pk, today=TODAY),
        lambda: VehicleTagFactory.create(vehicle=lease.vehicle, tag="99900000111"),
    )
    services.rematch_waiting(today=TODAY)
    assert len(owed(lease.primary_driver)) == 10
    assert owed(other.primary_driver) == {}
    assert not Ticket.objects.waiting().exists()
    assert_books_clean()
