"""A rent that was voided is charged again as what its days come to then; a memo that was voided is no finding."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from leases import services
from leases.models import Lease, LeaseInstallment
from ledger import services as ledger
from ledger.errors import AmountInvalid
from ledger.models import LedgerBalance, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import UserFactory
from tests.leases.office import charge_rent, pay, start_lease
from tests.ledger.admin_pages import browse, url_of
from tests.refusals import refused

pytestmark = pytest.mark.django_db

#: Its second week is Mar 8 to 14, at 500.00.
SATURDAY = date(2026, 3, 14)


@pytest.fixture
def lease() -> Lease:
    lease = start_lease()
    charge_rent(SATURDAY)
    return lease


def rent_of(lease: Lease) -> LedgerBalance:
    return LedgerBalance.objects.filter(reference_id=f"LEASE-{lease.pk}-2026W11").latest("pk")


def void(lease: Lease) -> int:
    rent = rent_of(lease)
    ledger.void_posting(posting_id=rent.pk, reason="By mistake", actor=None, effective_on=SATURDAY)
    return int(rent.pk)


def again(posting_id: int, **more: Any) -> LedgerPosting:
    facts = {"reason": "Voided by mistake", "effective_on": SATURDAY, "by_hand": True, "actor": None, **more}
    return ledger.charge_again(posting_id=posting_id, **facts)


def be_away(lease: Lease, first: date, last: date) -> None:
    services.record_days_away(
        lease_id=lease.pk, start_on=first, end_on=last, reason="In the shop", effective_on=SATURDAY, actor=None
    )


def terminate(lease: Lease, last_on: date) -> None:
    services.terminate_lease(
        lease_id=lease.pk,
        last_on=last_on,
        reason="Gives up",
        cancellation_charge=Decimal(0),
        effective_on=SATURDAY,
        actor=None,
    )


def test_as_it_was_where_nothing_has_changed(lease: Lease) -> None:
    assert (again(void(lease)).amount, rent_of(lease).remaining) == (Decimal("500.00"), Decimal("500.00"))
    assert_books_clean()


def test_of_a_lease_that_ended_since(lease: Lease) -> None:
    """It ended on Monday, Mar 9: two days of seven, 142.86, as the page offers."""
    voided = void(lease)
    terminate(lease, date(2026, 3, 9))
    page = browse().get(url_of("ledger_charge_again", voided))
    assert page.context["form"].initial["amount"] == "142.86"
    assert "It was $500.00, and comes to $142.86 now: Rent Mar 8–9, 2 of 7 days." in page.content.decode()
    charged = again(voided)
    assert (charged.amount, charged.description) == (Decimal("142.86"), "Rent Mar 8–9, 2 of 7 days")
    assert_books_clean()


def test_of_a_week_with_days_without_a_cab_since_which_are_taken_back(lease: Lease) -> None:
    """Monday to Wednesday away: 285.71. Taken back, the 214.29 that they cost are charged again."""
    voided = void(lease)
    be_away(lease, date(2026, 3, 9), date(2026, 3, 11))
    assert again(voided).amount == Decimal("285.71")
    rent = LeaseInstallment.objects.get(reference_id=f"LEASE-{lease.pk}-2026W11")
    assert (rent.amount, rent.relief) == (Decimal("285.71"), Decimal("214.29"))
    assert_books_clean()

    services.take_back_days_away(
        lease_id=lease.pk,
        start_on=date(2026, 3, 9),
        end_on=date(2026, 3, 11),
        reason="It was another cab",
        effective_on=SATURDAY,
        actor=None,
    )
    assert rent_of(lease).remaining == Decimal("500.00")
    assert_books_clean()


def test_of_a_week_that_a_supervisor_had_corrected(lease: Lease) -> None:
    ledger.replace_obligation(
        posting_id=rent_of(lease).pk, amount=Decimal("450.00"), reason="Agreed", actor=None, effective_on=SATURDAY
    )
    assert again(void(lease)).amount == Decimal("450.00")
    assert_books_clean()


def test_of_a_week_without_a_day_that_is_owed(lease: Lease) -> None:
    voided = void(lease)
    be_away(lease, date(2026, 3, 8), SATURDAY)
    with refused(AmountInvalid, field="amount"):
        again(voided)
    assert again(voided, amount=Decimal("20.00")).amount == Decimal("20.00")


def test_a_memo_that_somebody_voids_is_no_finding(lease: Lease) -> None:
    """The week was paid, so three days away came back as a memo of 214.29. It is voided, with a reason."""
    pay(lease, "785.71", W10="285.71", W11="500.00", on=SATURDAY)
    be_away(lease, date(2026, 3, 9), date(2026, 3, 11))
    memo = LedgerBalance.objects.get(reference_id=f"HOLD-{lease.pk}-2026W11-1")
    assert memo.remaining == Decimal("214.29")
    ledger.void_posting(
        posting_id=memo.pk, reason="Agreed otherwise", actor=UserFactory.create(), effective_on=SATURDAY
    )
    assert_books_clean()
