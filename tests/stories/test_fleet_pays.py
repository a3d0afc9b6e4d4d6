"""A toll that the fleet takes on itself, is borne in the books, and turns out to be a driver's after all."""

from decimal import Decimal
from typing import Any

import pytest

from ledger import selectors
from ledger import services as ledger
from ledger.books import Account
from tests.books import assert_books_clean
from tests.factories import VehiclePlateFactory
from tests.refusals import refused
from tests.stories.fleet import (
    MONDAY,
    NEXT_MONDAY,
    NEXT_WEDNESDAY,
    SATURDAY,
    close_week,
    drive,
    lease_cab,
    read_books,
    table,
)
from tests.tickets.files import EZPASS_HEAD, bring_in, text, ticket_of, toll
from tickets import services

pytestmark = pytest.mark.django_db


def test_a_toll_on_a_fleet_errand_that_was_none():
    """The week's fares of 200.00 pay a toll of 9.11. On Monday the office hears that it was on the fleet's errand.

    Monday      the fleet pays             200.00 are the driver's again; 9.11 is borne from the bank
    Wednesday   it was no errand           refused while it is borne; reversed, and 9.11 owed
    """
    lease = lease_cab(lease=12)
    driver = lease.primary_driver
    VehiclePlateFactory.create(vehicle=lease.vehicle, plate="T100001C")
    bring_in(text(EZPASS_HEAD, [toll(1)]), today=MONDAY)
    drive(lease, card="200.00")
    close_week(SATURDAY)
    assert read_books(driver) == table("""
        EZPASS-1                9.11    0.00  SETTLED
        CURB-2026-11-21-L12   200.00  190.89  OPEN
    """)

    ticket = services.let_fleet_pay(ticket_id=ticket_of(1).pk, reason="Errand", today=NEXT_MONDAY, actor=None)
    borne = ledger.record_transfer(
        kind="BORNE",
        debit="6040",
        credit="1030",
        amount=ticket.amount,
        reference_id=ticket.reference_id,
        effective_on=NEXT_MONDAY,
        today=NEXT_MONDAY,
        actor=None,
    )
    assert read_books(driver) == table("""
        EZPASS-1                9.11    0.00  VOIDED
        CURB-2026-11-21-L12   200.00  200.00  OPEN
    """)
    assert read_account(Account.BORNE) == Decimal("9.11")
    assert_books_clean()

    charge: dict[str, Any] = {
        "ticket_id": ticket.pk,
        "driver_id": driver.pk,
        "lease_id": lease.pk,
        "reason": "No errand",
    }
    with refused(services.AlreadyBorne, code="already_borne"):
        services.assign_ticket(**charge, today=NEXT_WEDNESDAY, actor=None)
    ledger.reverse_transfer(
        transfer_id=borne.pk, reason="No errand", effective_on=NEXT_WEDNESDAY, today=NEXT_WEDNESDAY, actor=None
    )
    services.assign_ticket(**charge, today=NEXT_WEDNESDAY, actor=None)
    assert read_books(driver)[-1] == ["EZPASS-1", "9.11", "9.11", "OPEN"]
    assert read_account(Account.BORNE) == Decimal("0.00")
    assert_books_clean()


def read_account(account: Account) -> Decimal:
    balances = {total.account: total.balance for total in selectors.list_trial_balance()}
    return balances.get(account, Decimal("0.00"))
