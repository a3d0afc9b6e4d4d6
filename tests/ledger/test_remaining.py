"""What is left of a driver's plans is called in at once."""

from decimal import Decimal

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import LeaseFactory, LeaseInstallmentFactory, UserFactory
from tests.ledger.proofs import SATURDAY, WEDNESDAY, assert_locks_first, writes
from tests.refusals import refused

pytestmark = pytest.mark.django_db

#: The number of the week's rent that is due on SATURDAY, in a lease that began with the year.
THIS_WEEK = 46


def plan(lease, *numbers, **facts):
    return [LeaseInstallmentFactory.create(lease=lease, number=number, **facts) for number in numbers]


class TestPostRemainingInstallments:
    def test_posts_what_is_to_come_due_at_once(self):
        lease, clerk = LeaseFactory.create(), UserFactory.create()
        plan(lease, THIS_WEEK - 1, THIS_WEEK, THIS_WEEK + 5)
        plan(LeaseFactory.create(), THIS_WEEK)
        with writes(postings=3, balances=3, accounts=1):
            counts = ledger.post_remaining_installments(
                driver_id=lease.primary_driver_id, due_on=WEDNESDAY, actor=clerk
            )
        assert (counts.posted, counts.already_posted) == (3, 0)
        last_saturday = SATURDAY.replace(day=SATURDAY.day - 7)
        postings = LedgerPosting.objects.order_by("pk")
        assert [(p.due_on, p.effective_on, p.posted_by, p.amount) for p in postings] == [
            (last_saturday, WEDNESDAY, clerk, Decimal("500.00")),
            (WEDNESDAY, WEDNESDAY, clerk, Decimal("500.00")),
            (WEDNESDAY, WEDNESDAY, clerk, Decimal("500.00")),
        ]
        assert_books_clean()

    def test_posts_those_on_one_lease(self):
        lease = LeaseFactory.create()
        plan(lease, THIS_WEEK)
        plan(LeaseFactory.create(primary_driver=lease.primary_driver), THIS_WEEK)
        counts = ledger.post_remaining_installments(
            driver_id=lease.primary_driver_id, due_on=WEDNESDAY, lease_id=lease.pk
        )
        assert (counts.posted, LedgerPosting.objects.get().lease) == (1, lease)

    def test_again_posts_nothing(self):
        lease = LeaseFactory.create()
        plan(lease, THIS_WEEK)
        ledger.post_remaining_installments(driver_id=lease.primary_driver_id, due_on=WEDNESDAY)
        with writes():
            ledger.post_remaining_installments(driver_id=lease.primary_driver_id, due_on=WEDNESDAY)
            ledger.post_scheduled_installments(as_of=SATURDAY)

    def test_leaves_what_is_on_hold(self):
        lease = LeaseFactory.create()
        plan(lease, THIS_WEEK, on_hold=True)
        counts = ledger.post_remaining_installments(driver_id=lease.primary_driver_id, due_on=WEDNESDAY)
        assert counts.posted == 0

    def test_an_unknown_driver_is_refused(self):
        with refused(ledger.DriverNotFound):
            ledger.post_remaining_installments(driver_id=10**9, due_on=WEDNESDAY)

    def test_locks_the_account_first(self):
        lease = LeaseFactory.create()
        plan(lease, THIS_WEEK)
        assert_locks_first(
            lambda: ledger.post_remaining_installments(driver_id=lease.primary_driver_id, due_on=WEDNESDAY)
        )
