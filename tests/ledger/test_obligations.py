"""Charges: one, and many at once. Correcting one is in test_replacements.py."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ledger import services as ledger
from ledger.models import LedgerPosting
from ledger.services import Opening
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.ledger.proofs import (
    SATURDAY,
    THURSDAY,
    UNKNOWN,
    WEDNESDAY,
    assert_locks_first,
    balances_of,
    charge,
    count_statements,
    writes,
)
from tests.ledger.rawsql import ledger_state
from tests.refusals import refused

pytestmark = pytest.mark.django_db


class TestCreateObligation:
    def test_opens_what_the_driver_owes(self):
        lease, vehicle = LeaseFactory.create(), VehicleFactory.create()
        driver = lease.primary_driver
        cashier = UserFactory.create()
        with writes(postings=1, balances=1, accounts=1):
            posting = ledger.create_obligation(
                category="LEASE",
                amount=Decimal("500"),
                reference_id="LEASE-12-2026W47",
                driver_id=driver.pk,
                lease_id=lease.pk,
                vehicle_id=vehicle.pk,
                due_on=SATURDAY,
                effective_on=WEDNESDAY,
                actor=cashier,
            )
        posting.refresh_from_db()
        assert (posting.kind, posting.entry_type, posting.category) == ("OBLIGATION", "DEBIT", "LEASE")
        assert (str(posting.amount), posting.reference_id) == ("500.00", "LEASE-12-2026W47")
        assert (posting.driver_id, posting.lease_id, posting.vehicle_id) == (driver.pk, lease.pk, vehicle.pk)
        assert (posting.due_on, posting.effective_on, posting.posted_by) == (SATURDAY, WEDNESDAY, cashier)
        balance = posting.opened
        assert (str(balance.original_amount), str(balance.remaining), balance.status) == ("500.00", "500.00", "OPEN")
        assert (balance.lease_id, balance.vehicle_id, balance.due_on) == (lease.pk, vehicle.pk, SATURDAY)
        assert_books_clean()

    def test_is_due_when_it_takes_effect_unless_told(self):
        without_due = charge(DriverFactory.create(), due_on=None, effective_on=date(2026, 3, 8))
        assert (without_due.due_on, without_due.effective_on) == (date(2026, 3, 8), date(2026, 3, 8))

    def test_a_replay_returns_the_first_posting(self):
        driver = DriverFactory.create()
        first = charge(driver)
        with writes():
            assert charge(driver) == first
            assert charge(driver, amount="100") == first

    def test_a_replay_does_not_compare_a_due_date_left_out(self):
        driver = DriverFactory.create()
        first = charge(driver, due_on=SATURDAY, effective_on=date(2026, 3, 8))
        with writes():
            assert charge(driver, due_on=None, effective_on=date(2026, 3, 8)) == first

    def test_a_replay_finds_what_was_paid_since(self):
        driver = DriverFactory.create()
        first = charge(driver)
        ledger.write_off_obligation(posting_id=first.pk, reason="Hardship", actor=None, effective_on=THURSDAY)
        with writes():
            assert charge(driver) == first
        assert balances_of(driver) == {"MISC-1": ("0.00", "SETTLED")}

    @pytest.mark.parametrize(
        "other",
        [
            {"amount": "100.01"},
            {"category": "TLC"},
            {"due_on": SATURDAY},
            {"effective_on": SATURDAY},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_refuses_a_reference_with_other_facts(self, other):
        driver = DriverFactory.create()
        charge(driver)
        with refused(ledger.ReferenceConflict, code="reference_conflict", field="reference_id"):
            charge(driver, **other)

    @pytest.mark.parametrize("whose", ["driver", "lease", "vehicle"])
    def test_refuses_a_reference_of_another(self, whose):
        driver, other_driver = DriverFactory.create(), DriverFactory.create()
        lease, vehicle = LeaseFactory.create(), VehicleFactory.create()
        charge(driver)
        facts: dict[str, dict[str, Any]] = {"lease": {"lease_id": lease.pk}, "vehicle": {"vehicle_id": vehicle.pk}}
        with refused(ledger.ReferenceConflict):
            charge(other_driver if whose == "driver" else driver, **facts.get(whose, {}))

    def test_refuses_a_reference_that_holds_money(self):
        driver = DriverFactory.create()
        ledger.credit_driver(
            driver_id=driver.pk,
            category="MISC",
            amount=Decimal(100),
            reference_id="MISC-1",
            reason="Owed to the driver",
            effective_on=THURSDAY,
        )
        with refused(ledger.ReferenceConflict):
            charge(driver)

    def test_a_retry_does_not_resurrect_a_voided_charge(self):
        driver = DriverFactory.create()
        voided = charge(driver)
        ledger.void_posting(posting_id=voided.pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        with refused(ledger.ReferenceVoided, code="reference_voided") as refusal:
            charge(driver)
        assert refusal.value.facts == {"reference_id": "MISC-1", "posting_id": voided.pk}

    def test_a_correction_may_use_the_reference_again(self):
        driver, rightful_driver = DriverFactory.create(), DriverFactory.create()
        voided = charge(driver)
        ledger.void_posting(posting_id=voided.pk, reason="Another driver's", actor=None, effective_on=THURSDAY)
        with writes(postings=1, balances=1, accounts=1):
            corrected = charge(rightful_driver, amount="90.00", replaces=voided.pk)
        with writes():
            assert charge(rightful_driver, amount="90.00", replaces=voided.pk) == corrected
        assert balances_of(driver) == {"MISC-1": ("0.00", "VOIDED")}
        assert balances_of(rightful_driver) == {"MISC-1": ("90.00", "OPEN")}
        assert_books_clean()

    def test_a_correction_names_the_posting_voided_last(self):
        driver = DriverFactory.create()
        first = charge(driver)
        ledger.void_posting(posting_id=first.pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        second = charge(driver, amount="90.00", replaces=first.pk)
        ledger.void_posting(posting_id=second.pk, reason="Mistake again", actor=None, effective_on=THURSDAY)
        with refused(ledger.ReferenceVoided):
            charge(driver, amount="80.00", replaces=first.pk)
        assert charge(driver, amount="80.00", replaces=second.pk).opened.remaining == Decimal("80.00")

    def test_a_correction_of_what_was_never_posted_is_refused(self):
        driver = DriverFactory.create()
        other = charge(driver, "MISC-2")
        with refused(ledger.ValueInvalid, code="invalid_value", field="replaces"):
            charge(driver, replaces=other.pk)

    @pytest.mark.parametrize(
        ("unknown", "error"),
        [
            ("driver_id", ledger.DriverNotFound),
            ("lease_id", ledger.LeaseNotFound),
            ("vehicle_id", ledger.VehicleNotFound),
        ],
    )
    def test_refuses_what_does_not_exist(self, unknown, error):
        facts: dict[str, Any] = {"driver_id": DriverFactory.create().pk, unknown: UNKNOWN}
        with refused(error):
            ledger.create_obligation(
                category="MISC", amount=Decimal(1), reference_id="MISC-1", effective_on=THURSDAY, **facts
            )

    def test_locks_the_driver_first(self):
        driver = DriverFactory.create()
        assert_locks_first(lambda: charge(driver, "MISC-1"))
        assert_locks_first(lambda: charge(driver, "MISC-2"))


def rows(drivers, *, count=6):
    return [
        Opening(
            category="MISC",
            amount=Decimal(number),
            reference_id=f"MISC-{number}",
            driver_id=drivers[number % len(drivers)].pk,
            due_on=SATURDAY,
            effective_on=WEDNESDAY,
        )
        for number in range(1, count + 1)
    ]


class TestCreateObligations:
    def test_posts_every_row(self):
        drivers = DriverFactory.create_batch(2)
        with writes(postings=6, balances=6, accounts=2):
            counts = ledger.create_obligations(rows(drivers))
        assert (counts.posted, counts.already_posted) == (6, 0)
        assert balances_of(drivers[0]) == {
            "MISC-2": ("2.00", "OPEN"), "MISC-4": ("4.00", "OPEN"), "MISC-6": ("6.00", "OPEN")
        }  # fmt: skip
        assert_books_clean()

    def test_a_replay_posts_only_what_is_new(self):
        drivers = DriverFactory.create_batch(2)
        ledger.create_obligations(rows(drivers, count=4))
        with writes(postings=2, balances=2):
            counts = ledger.create_obligations(rows(drivers, count=6))
        assert (counts.posted, counts.already_posted) == (2, 4)
        with writes():
            counts = ledger.create_obligations(rows(drivers, count=6))
        assert (counts.posted, counts.already_posted) == (0, 6)

    def test_writes_row_for_row_what_the_loop_would(self):
        lease, clerk = LeaseFactory.create(), UserFactory.create()
        given: list[dict[str, Any]] = [
            {"category": "LEASE", "amount": Decimal("500"), "reference_id": "LEASE-1", "due_on": SATURDAY},
            {"category": "TLC", "amount": Decimal("0.01"), "reference_id": "TLC-1", "lease_id": lease.pk},
            {"category": "PVB", "amount": Decimal("115"), "reference_id": "PVB-1", "vehicle_id": lease.vehicle_id},
            {"category": "MISC", "amount": Decimal("9999999999.99"), "reference_id": "MISC-1"},
            {"category": "LOAN", "amount": Decimal("7.5"), "reference_id": "LOAN-'1,{}\"\\", "effective_on": SATURDAY},
        ]
        for row in given:
            row.setdefault("effective_on", THURSDAY)
            ledger.create_obligation(driver_id=lease.primary_driver_id, actor=clerk, **row)
        other = LeaseDriverFactory.create(lease=lease).driver
        for row in given:
            row["reference_id"] = f"A-{row['reference_id']}"
        ledger.create_obligations([Opening(driver_id=other.pk, **row) for row in given], actor=clerk)

        columns = [
            "kind", "entry_type", "category", "amount", "lease_id", "vehicle_id", "due_on", "effective_on", "reason",
            "posted_by",
        ]  # fmt: skip
        one_by_one, at_once = (
            list(LedgerPosting.objects.filter(driver=driver).order_by("pk").values_list("reference_id", *columns))
            for driver in (lease.primary_driver_id, other.pk)
        )
        assert [(f"A-{reference}", *rest) for reference, *rest in one_by_one] == at_once

    def test_a_row_twice_in_a_batch_counts_as_posted_before(self):
        [driver] = DriverFactory.create_batch(1)
        twice = rows([driver], count=1) * 2
        with writes(postings=1, balances=1, accounts=1):
            counts = ledger.create_obligations(twice)
        assert (counts.posted, counts.already_posted) == (1, 1)

    def test_a_reference_twice_with_other_facts_refuses_all(self):
        drivers = DriverFactory.create_batch(2)
        crossed = [*rows(drivers), *rows(drivers[::-1])]
        with refused(ledger.ReferenceConflict) as refusal:
            ledger.create_obligations(crossed)
        assert refusal.value.facts == {"reference_id": "MISC-1"}

    @pytest.mark.parametrize(
        ("bad", "error"),
        [
            ({"amount": Decimal("0.001")}, ledger.AmountInvalid),
            ({"category": "EARNINGS"}, ledger.ValueInvalid),
            ({"reference_id": ""}, ledger.ValueInvalid),
            ({"driver_id": UNKNOWN}, ledger.DriverNotFound),
            ({"lease_id": UNKNOWN}, ledger.LeaseNotFound),
            ({"vehicle_id": UNKNOWN}, ledger.VehicleNotFound),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
    )
    def test_one_bad_row_refuses_all(self, bad, error):
        driver = DriverFactory.create()
        good = rows([driver])
        with refused(error):
            ledger.create_obligations([*good, replace(good[0], **{"reference_id": "MISC-99", **bad})])

    def test_a_voided_reference_refuses_all(self):
        driver = DriverFactory.create()
        voided = charge(driver, "MISC-3", "3.00")
        ledger.void_posting(posting_id=voided.pk, reason="Mistake", actor=None, effective_on=THURSDAY)
        with refused(ledger.ReferenceVoided):
            ledger.create_obligations(rows([driver]))

    def test_nothing_to_post_touches_nothing(self):
        before = ledger_state()
        counts = ledger.create_obligations(iter(()))
        assert (counts.posted, counts.already_posted) == (0, 0)
        assert ledger_state() == before

    def test_takes_as_many_statements_for_500_rows_as_for_5(self):
        drivers = DriverFactory.create_batch(5)
        ledger.create_obligations(rows(drivers, count=5))
        few = [replace(row, reference_id=f"FEW-{row.reference_id}") for row in rows(drivers, count=5)]
        many = [replace(row, reference_id=f"MANY-{row.reference_id}") for row in rows(drivers, count=500)]
        assert count_statements(lambda: ledger.create_obligations(few)) == 6
        assert count_statements(lambda: ledger.create_obligations(many)) == 6

    def test_locks_all_drivers_first(self):
        drivers = DriverFactory.create_batch(3)
        assert_locks_first(lambda: ledger.create_obligations(rows(drivers)))
