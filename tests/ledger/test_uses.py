"""A held credit used for certain charges, by somebody's choice."""

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.proofs import (
    SATURDAY,
    THURSDAY,
    UNKNOWN,
    assert_locks_first,
    balances_of,
    charge,
    earn,
    pay,
    writes,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def use(posting, *references, **facts):
    given = {"reason": "Given back", "effective_on": THURSDAY, "actor": None, **facts}
    return ledger.use_credit(posting_id=posting.pk, reference_ids=references, **given)


class TestUseCredit:
    def test_pays_in_the_order_given_due_or_not(self):
        driver, supervisor = DriverFactory.create(), UserFactory.create()
        charge(driver, "TAXES-1", "100.00")
        charge(driver, "LOAN-1", "60.00", due_on=SATURDAY)
        charge(driver, "MISC-1", "60.00")
        earnings = earn(driver, "CURB-1", "100.00")
        with writes(postings=2):
            uses = use(earnings, "LOAN-1", "MISC-1", actor=supervisor)
        assert [(str(row.amount), row.reference_id, row.reason, row.posted_by) for row in uses] == [
            ("60.00", "LOAN-1", "Given back", supervisor),
            ("40.00", "MISC-1", "Given back", supervisor),
        ]
        assert balances_of(driver) == {
            "TAXES-1": ("100.00", "OPEN"),
            "LOAN-1": ("0.00", "SETTLED"),
            "MISC-1": ("20.00", "OPEN"),
            "CURB-1": ("0.00", "SETTLED"),
        }
        assert_books_clean()

    def test_a_replay_applies_nothing_more(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "60.00")
        earnings = earn(driver, "CURB-1", "100.00")
        use(earnings, "MISC-1", "MISC-1")
        with writes():
            assert use(earnings, "MISC-1") == []

    def test_passes_over_what_is_closed_or_another_drivers(self):
        driver = DriverFactory.create()
        charge(DriverFactory.create(), "MISC-1", "60.00")
        fine = charge(driver, "MISC-2", "60.00")
        ledger.void_posting(posting_id=fine.pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        assert use(earn(driver), "MISC-1", "MISC-2", "MISC-3") == []

    def test_refuses_what_is_no_credit_to_spend(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        fine = charge(driver)
        pay(driver, "100.00", lease_id=lease.pk, deposit="100.00")
        deposit = LedgerPosting.objects.get(kind="DEPOSIT")
        for wrong in (fine, deposit):
            with refused(ledger.ValueInvalid, field="posting_id"):
                use(wrong, "MISC-1")
        with refused(ledger.PostingNotFound):
            use(LedgerPosting(pk=UNKNOWN), "MISC-1")
        with refused(ledger.ReasonRequired):
            use(deposit, "MISC-1", reason=" ")

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        charge(driver)
        earnings = earn(driver)
        assert_locks_first(lambda: use(earnings, "MISC-1"))
