"""The journal as a stream of entries: all of the books, in order, and nothing twice."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger import selectors
from ledger import services as ledger
from tests.ledger.hostile import SATURDAY, Week

pytestmark = pytest.mark.django_db


@pytest.fixture
def week():
    week = Week()
    ledger.create_obligation(
        category="LOAN",
        amount=Decimal("253.95"),
        income=Decimal("3.95"),
        reference_id="LOAN-1-1",
        driver_id=week.driver_id,
        effective_on=SATURDAY,
        description="Loan of Oct 5, part 1 of 5: 250.00 and interest 3.95",
    )
    ledger.record_transfer(
        kind="FLOAT",
        debit="1010",
        credit="1030",
        amount=Decimal("200.00"),
        reference_id="DRAWER-1",
        effective_on=SATURDAY,
        actor=None,
    )
    return week


def test_adds_up_to_the_trial_balance(week):
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for entry in selectors.iter_journal():
        balances[entry.debit] += entry.amount
        balances[entry.credit] -= entry.amount
    assert dict(balances) == {total.account.value: total.balance for total in selectors.list_trial_balance()}


def test_tells_interest_as_an_entry_of_its_own(week):
    principal, interest = [entry for entry in selectors.iter_journal() if entry.reference_id == "LOAN-1-1"]
    assert (principal.source, principal.debit, principal.credit, str(principal.amount)) == (
        "POSTING", "1100", "1150", "253.95",
    )  # fmt: skip
    assert (interest.source, interest.debit, interest.credit, str(interest.amount)) == (
        "INCOME", "1150", "4040", "3.95",
    )  # fmt: skip
    assert interest.id == principal.id
    assert principal.description == "Loan of Oct 5, part 1 of 5: 250.00 and interest 3.95"
    assert principal.driver == f"{week.lease.primary_driver.first_name} {week.lease.primary_driver.last_name}"


def test_a_void_is_the_swap_and_a_movement_says_what_it_moves(week):
    found = [(entry.kind, entry.debit, entry.credit) for entry in selectors.iter_journal() if entry.id == week.void.pk]
    assert found == [("VOID", "1100", "2010")]


def test_comes_by_day_postings_before_transfers_each_by_id(week):
    entries = list(selectors.iter_journal())
    keys = [(entry.effective_on, entry.source == "TRANSFER", entry.id) for entry in entries]
    assert keys == sorted(keys)
    assert entries[-1].effective_on > SATURDAY
    transfer = next(entry for entry in entries if entry.source == "TRANSFER")
    assert (transfer.kind, transfer.driver_id, transfer.category) == ("FLOAT", None, "")


def test_keeps_to_the_days_and_the_account(week):
    assert {entry.effective_on for entry in selectors.iter_journal(SATURDAY, SATURDAY)} == {SATURDAY}
    assert list(selectors.iter_journal(to_on=SATURDAY - timedelta(days=400))) == []
    assert all("1150" in (entry.debit, entry.credit) for entry in selectors.iter_journal(account="1150"))


def test_is_a_fixed_number_of_statements(week):
    with CaptureQueriesContext(connection) as few:
        list(selectors.iter_journal())
    for number in range(20):
        week.charge("MISC", "1.00", f"MISC-{number}")
    with CaptureQueriesContext(connection) as more:
        list(selectors.iter_journal())
    assert len(more) == len(few)


def test_two_streams_at_once(week):
    assert len(list(zip(selectors.iter_journal(), selectors.iter_journal(), strict=True))) > 10
