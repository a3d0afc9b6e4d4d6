"""What is charged on a schedule becomes an obligation when it is due."""

from datetime import timedelta
from decimal import Decimal

import pytest

from leases.models import LeaseInstallment
from ledger import services as ledger
from ledger.installments.models import list_installment_models
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import LeaseFactory, LeaseInstallmentFactory, UserFactory
from tests.ledger.proofs import (
    NEXT_SATURDAY,
    SATURDAY,
    WEDNESDAY,
    assert_locks_first,
    balances_of,
    charge,
    count_statements,
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db

#: The number of the week's rent that is due on SATURDAY, in a lease that began with the year.
THIS_WEEK = 46


def plan(lease, *numbers, **facts):
    return [LeaseInstallmentFactory.create(lease=lease, number=number, **facts) for number in numbers]


def list_unposted():
    return set(LeaseInstallment.objects.filter(posted_at=None).values_list("number", flat=True))


class TestPostScheduledInstallments:
    def test_posts_what_is_due(self):
        lease, clerk = LeaseFactory.create(weekly_amount=Decimal("512.34")), UserFactory.create()
        plan(lease, THIS_WEEK - 1, THIS_WEEK, THIS_WEEK + 1)
        with writes(postings=2, balances=2, accounts=1):
            counts = ledger.post_scheduled_installments(as_of=SATURDAY, actor=clerk)
        assert (counts.posted, counts.already_posted) == (2, 0)
        assert list_unposted() == {THIS_WEEK + 1}
        rent = LedgerPosting.objects.get(reference_id=f"LEASE-{lease.pk}-2026W47")
        assert (rent.kind, rent.category, str(rent.amount)) == ("OBLIGATION", "LEASE", "512.34")
        assert (rent.driver, rent.lease, rent.vehicle) == (lease.primary_driver, lease, lease.vehicle)
        assert (rent.due_on, rent.effective_on, rent.posted_by) == (SATURDAY, SATURDAY, clerk)
        assert_books_clean()

    def test_what_was_missed_keeps_its_due_date(self):
        lease = LeaseFactory.create()
        [missed] = plan(lease, THIS_WEEK - 1)
        ledger.post_scheduled_installments(as_of=SATURDAY)
        rent = LedgerPosting.objects.get()
        assert (rent.due_on, rent.effective_on) == (missed.due_on, SATURDAY)

    def test_a_second_run_posts_none(self):
        plan(LeaseFactory.create(), THIS_WEEK)
        ledger.post_scheduled_installments(as_of=SATURDAY)
        with writes():
            counts = ledger.post_scheduled_installments(as_of=SATURDAY)
        assert (counts.posted, counts.already_posted) == (0, 0)

    def test_one_on_hold_is_not_posted(self):
        lease = LeaseFactory.create()
        plan(lease, THIS_WEEK)
        [held] = plan(lease, THIS_WEEK - 1, on_hold=True)
        assert ledger.post_scheduled_installments(as_of=SATURDAY).posted == 1
        assert list_unposted() == {THIS_WEEK - 1}
        LeaseInstallment.objects.filter(pk=held.pk).update(on_hold=False)
        assert ledger.post_scheduled_installments(as_of=SATURDAY).posted == 1
        assert list_unposted() == set()
        assert_books_clean()

    def test_only_the_drivers_asked_for(self):
        asked, other = LeaseFactory.create_batch(2)
        plan(asked, THIS_WEEK)
        plan(other, THIS_WEEK)
        assert ledger.post_scheduled_installments(as_of=SATURDAY, driver_ids=[asked.primary_driver_id]).posted == 1
        assert balances_of(other.primary_driver) == {}
        assert ledger.post_scheduled_installments(as_of=SATURDAY, driver_ids=[]).posted == 0

    def test_one_voided_is_not_posted_again(self):
        plan(LeaseFactory.create(), THIS_WEEK)
        ledger.post_scheduled_installments(as_of=SATURDAY)
        ledger.void_posting(
            posting_id=LedgerPosting.objects.get().pk, reason="Cab in the workshop", actor=None, effective_on=SATURDAY
        )
        with writes():
            assert ledger.post_scheduled_installments(as_of=NEXT_SATURDAY).posted == 0

    def test_one_posted_by_hand_is_marked_and_not_posted_twice(self):
        """The same facts: a replay, whenever the other one took effect."""
        lease = LeaseFactory.create()
        plan(lease, THIS_WEEK)
        charge(
            lease.primary_driver,
            f"LEASE-{lease.pk}-2026W47",
            "500.00",
            lease_id=lease.pk,
            vehicle_id=lease.vehicle_id,
            due_on=SATURDAY,
            effective_on=WEDNESDAY,
        )
        counts = ledger.post_scheduled_installments(as_of=SATURDAY)
        assert (counts.posted, counts.already_posted) == (0, 1)
        assert list_unposted() == set()

    def test_a_reference_taken_by_something_else_refuses_the_batch(self):
        lease, innocent_lease = LeaseFactory.create_batch(2)
        plan(lease, THIS_WEEK)
        plan(innocent_lease, THIS_WEEK)
        charge(lease.primary_driver, f"LEASE-{lease.pk}-2026W47", "1.00")
        with refused(ledger.ReferenceConflict):
            ledger.post_scheduled_installments(as_of=SATURDAY)
        assert LeaseInstallment.objects.filter(posted_at=None).count() == 2

    def test_takes_as_many_statements_for_500_rows_as_for_5(self):
        leases = LeaseFactory.create_batch(10)
        few, many = leases[:5], leases[5:]
        for lease in few:
            plan(lease, 1)
        for lease in many:
            LeaseInstallment.objects.bulk_create(
                LeaseInstallmentFactory.build(
                    lease=lease,
                    number=number,
                    week_start=lease.start_on + timedelta(days=number),
                    due_on=SATURDAY,
                    reference_id=f"LEASE-{lease.pk}-{number}",
                )
                for number in range(100)
            )
        for lease in leases:
            charge(lease.primary_driver, f"MISC-{lease.pk}")

        def post(some):
            ids = [lease.primary_driver_id for lease in some]
            return count_statements(lambda: ledger.post_scheduled_installments(as_of=SATURDAY, driver_ids=ids))

        # Each kind of plan is asked once for the drivers and once for the rows.
        statements = 8 + 3 * len(list_installment_models())
        assert (post(few), post(many)) == (statements, statements)
        assert LedgerPosting.objects.filter(category="LEASE").count() == 505

    def test_locks_the_drivers_of_a_batch_first(self):
        for lease in LeaseFactory.create_batch(3):
            plan(lease, THIS_WEEK)
        assert_locks_first(lambda: ledger.post_scheduled_installments(as_of=SATURDAY), in_batches=True)


def test_every_plan_of_the_project_is_found():
    assert LeaseInstallment in list_installment_models()
