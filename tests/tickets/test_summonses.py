"""TLC summonses entered by hand: charged where the driver is sure, in review where not, and once only."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, UserFactory
from tests.locks import assert_locks_first
from tests.tickets.files import (
    SATURDAY,
    TLC_HEAD,
    TODAY,
    bring_in,
    bring_in_tolls,
    count_postings,
    leased_cab,
    owed,
    plated_cab,
    summons,
    text,
    toll,
    waits,
)
from tests.tickets.refusals import nothing_written
from tickets import services
from tickets.models import Ticket
from tickets.rules import SUMMONS_TYPES

pytestmark = pytest.mark.django_db


def enter(**facts: Any) -> Ticket:
    base: dict[str, Any] = {
        "number": "fn200",
        "violation": "Failure to inspect",
        "issued_on": date(2026, 11, 16),
        "amount": Decimal("75.00"),
        "today": TODAY,
        "actor": None,
    }
    return services.enter_summons(**{**base, **facts})


class TestEffect:
    def test_charges_the_driver_of_the_medallion(self):
        lease = leased_cab()
        ticket = enter(medallion=lease.vehicle.medallion.lower())
        assert (ticket.number, ticket.state, ticket.driver, ticket.lease) == (
            "FN200",
            "CHARGED",
            lease.primary_driver,
            lease,
        )
        posting = LedgerPosting.objects.get()
        assert (posting.category, posting.reference_id, posting.amount) == ("TLC", "TLC-FN200", Decimal("75.00"))
        assert (posting.lease_id, posting.vehicle_id) == (lease.pk, lease.vehicle_id)
        assert (posting.effective_on, posting.due_on) == (TODAY, SATURDAY)
        assert_books_clean()

    def test_charges_the_driver_of_the_license(self):
        driver = DriverFactory.create()
        ticket = enter(license=driver.tlc_license)
        assert (ticket.driver, ticket.lease, ticket.vehicle) == (driver, None, None)
        assert owed(driver) == {"TLC-FN200": Decimal("75.00")}

    def test_charges_the_driver_of_the_plate(self):
        lease = leased_cab()
        ticket = enter(plate=" t10 0001-c ")
        assert (ticket.plate, ticket.plate_state, ticket.driver) == ("T100001C", "NY", lease.primary_driver)

    def test_a_plate_of_another_state_is_another_cab(self):
        leased_cab()
        enter(plate="T100001C", plate_state="nj")
        assert waits("FN200") == "VEHICLE"

    def test_a_stated_due_day_stands(self):
        enter(license=DriverFactory.create().tlc_license, due_on=date(2026, 12, 15))
        assert LedgerPosting.objects.get().due_on == date(2026, 12, 15)

    def test_the_time_tells_the_shift(self):
        day = leased_cab(shift="DAY")
        ticket = enter(medallion=day.vehicle.medallion, issued_at=time(10, 30))
        assert ticket.driver == day.primary_driver
        assert ticket.at == ticket.at_latest
        assert ticket.at.isoformat() == "2026-11-16T10:30:00-05:00"

    def test_without_a_time_a_shift_is_not_sure(self):
        day = leased_cab(shift="DAY")
        ticket = enter(medallion=day.vehicle.medallion)
        assert ticket.is_dated_only
        assert (waits("FN200"), count_postings()) == ("LEASE", 0)

    @pytest.mark.parametrize(
        ("facts", "waits_for"),
        [({"license": "999999"}, "LICENSE"), ({"medallion": "0Z00"}, "VEHICLE"), ({"plate": "T100001C"}, "LEASE")],
    )
    def test_where_the_driver_is_not_known_it_waits(self, facts, waits_for):
        plated_cab()
        enter(**facts)
        assert (waits("FN200"), count_postings()) == (waits_for, 0)

    def test_the_history_names_who_entered_it(self):
        clerk = UserFactory.create()
        ticket = enter(license=DriverFactory.create().tlc_license, actor=clerk)
        change = ticket.history.get()
        assert (change.history_type, change.history_user, change.history_change_reason) == (
            "+",
            clerk,
            "Entered by hand",
        )
        assert (ticket.file, ticket.row) == (None, None)

    def test_of_a_long_note_the_beginning_is_kept(self):
        ticket = enter(license="999999", note=f" {'x' * 200}")
        assert ticket.place == "x" * 120

    @pytest.mark.parametrize("name", SUMMONS_TYPES)
    def test_each_type(self, name):
        assert enter(license="999999", violation=name).violation == name


class TestReplay:
    def test_a_second_of_the_same_number(self):
        driver = DriverFactory.create()
        first = enter(license=driver.tlc_license)
        with nothing_written(services.TicketKnown, code="ticket_known", field="number") as refusal:
            enter(license=driver.tlc_license, number=" FN200 ")
        assert refusal.value.facts == {"ticket_id": first.pk}
        assert owed(driver) == {"TLC-FN200": Decimal("75.00")}

    def test_one_that_came_in_a_file(self):
        bring_in(text(TLC_HEAD, [summons("FN200", license="999999")]), "tlc")
        with nothing_written(services.TicketKnown, code="ticket_known"):
            enter(license="999999")

    def test_and_a_file_knows_what_was_entered(self):
        enter(license="999999")
        done = bring_in(text(TLC_HEAD, [summons("FN200", license="999999", amount="75.00")]), "tlc")
        assert (done.known_count, done.imported_count, Ticket.objects.count()) == (1, 0, 1)

    def test_a_toll_of_the_same_number_is_another_ticket(self):
        bring_in_tolls(toll("FN200"))
        assert enter(license="999999").pk is not None


class TestRefusals:
    @pytest.mark.parametrize(
        ("facts", "field"),
        [
            ({}, "license"),
            ({"license": "1234"}, "license"),
            ({"license": "123456789"}, "license"),
            ({"medallion": "9Z9"}, "medallion"),
            ({"license": "999999", "number": ""}, "number"),
            ({"license": "999999", "number": "x" * 41}, "number"),
            ({"license": "999999", "number": "7-REFUND"}, "number"),
            ({"plate": "T_1"}, "plate"),
            ({"plate": "T100001C", "plate_state": "New York"}, "plate"),
            ({"license": "999999", "violation": "Jaywalking"}, "violation"),
            ({"license": "999999", "issued_on": date(2026, 11, 19)}, "issued_on"),
            ({"license": "999999", "issued_on": date(1999, 12, 31)}, "issued_on"),
        ],
    )
    def test_an_argument_that_is_not_what_it_should_be(self, facts, field):
        with nothing_written(services.TicketInvalid, code="invalid_ticket", field=field) as refusal:
            enter(**facts)
        assert refusal.value.http_status == 400

    @pytest.mark.parametrize("amount", [Decimal("0.00"), Decimal("-1.00"), Decimal("1.001")])
    def test_an_amount_that_is_none(self, amount):
        with nothing_written(ledger.AmountInvalid, field="amount"):
            enter(license="999999", amount=amount)

    def test_nothing_is_kept_where_the_charge_is_refused(self, monkeypatch):
        driver = DriverFactory.create()
        ledger.create_obligation(
            category="TLC", amount=Decimal(1), reference_id="TLC-FN200", driver_id=driver.pk, effective_on=TODAY
        )
        with nothing_written(ledger.ReferenceConflict):
            enter(license=driver.tlc_license)


def test_locks_the_account_before_it_writes():
    driver = DriverFactory.create()
    enter(license=driver.tlc_license, number="FN1")
    assert_locks_first(lambda: enter(license=driver.tlc_license), ["ledger_accounts"])
