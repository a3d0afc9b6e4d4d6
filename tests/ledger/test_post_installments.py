"""Posting the installments of a plan at once, each with its own due date."""

from datetime import date
from decimal import Decimal

import pytest

from leases.models import Lease
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.ledger.proofs import THURSDAY
from tests.locks import assert_locks_first

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 5)


@pytest.fixture
def lease() -> Lease:
    made = LeaseFactory.create()
    for number in (1, 2, 3):
        LeaseInstallmentFactory.create(lease=made, number=number)
    return made


def post_all(lease: Lease, driver_id: int | None = None) -> tuple[int, int]:
    references = list(lease.installments.values_list("reference_id", flat=True))
    counts = ledger.post_installments(
        reference_ids=references, driver_id=driver_id or lease.primary_driver_id, effective_on=TODAY
    )
    return counts.posted, counts.already_posted


def test_posts_each_with_its_own_due_date(lease: Lease) -> None:
    assert post_all(lease) == (3, 0)
    posted = LedgerPosting.objects.order_by("pk").values_list("amount", "due_on", "effective_on")
    assert list(posted) == [
        (Decimal("500.00"), date(2026, 1, 10), TODAY),
        (Decimal("500.00"), date(2026, 1, 17), TODAY),
        (Decimal("500.00"), date(2026, 1, 24), TODAY),
    ]
    assert not lease.installments.filter(posted_at=None).exists()
    assert_books_clean()


def test_again_posts_nothing(lease: Lease) -> None:
    post_all(lease)
    assert post_all(lease) == (0, 0)
    assert LedgerPosting.objects.count() == 3


def test_passes_over_what_is_on_hold(lease: Lease) -> None:
    lease.installments.filter(number=2).update(on_hold=True)
    assert post_all(lease) == (2, 0)
    assert_books_clean()


def test_posts_no_other_drivers_installment(lease: Lease) -> None:
    assert post_all(lease, DriverFactory.create().pk) == (0, 0)
    with pytest.raises(ledger.DriverNotFound):
        post_all(lease, 10**9)
    assert LedgerPosting.objects.count() == 0


def test_refuses_a_reference_that_is_taken(lease: Lease) -> None:
    taken = lease.installments.get(number=3)
    ledger.create_obligation(
        category="MISC",
        amount=Decimal(1),
        reference_id=taken.reference_id,
        driver_id=lease.primary_driver_id,
        effective_on=THURSDAY,
    )
    with pytest.raises(ledger.ReferenceConflict):
        post_all(lease)
    assert LedgerPosting.objects.count() == 1
    assert lease.installments.filter(posted_at=None).count() == 3


def test_locks_the_account_then_the_installments(lease: Lease) -> None:
    ledger.create_obligation(
        category="MISC",
        amount=Decimal(1),
        reference_id="MISC-1",
        driver_id=lease.primary_driver_id,
        effective_on=THURSDAY,
    )
    assert_locks_first(lambda: post_all(lease), ["ledger_accounts", "leases_leaseinstallment"])
