"""Entering a repair invoice: what it writes, what is refused, what is locked."""

from datetime import date, time
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from core.clock import at
from core.errors import DomainError, ValueInvalid
from ledger import services as ledger
from ledger.installments.services import PlanStartInvalid, PlanTooLong
from ledger.models import LedgerBalance, LedgerPosting
from repairs import services
from repairs.models import RepairInstallment, RepairInvoice, RepairLine
from tests.books import assert_books_clean
from tests.factories import (
    DriverFactory,
    LeaseDriverFactory,
    LeaseFactory,
    LeaseVehicleFactory,
    UserFactory,
    VehicleFactory,
)
from tests.locks import assert_locks_first
from tests.refusals import refused
from tests.repairs.factories import MaintenanceRuleFactory
from tests.repairs.office import (
    LOCKS,
    NEXT_SUNDAY,
    SATURDAY,
    TODAY,
    books,
    count_rows,
    enter,
    facts_of,
    plan_of,
    post_due,
    void,
)
from tests.threads import count_refusals, run_together

NOTHING = (0, 0, 0, 0)


@pytest.mark.django_db
class TestCreateInvoice:
    def test_lays_down_the_plan_and_charges_nothing_yet(self) -> None:
        office, lease = UserFactory.create(), LeaseFactory.create()
        lines = [services.InvoiceItem("Brake pads", Decimal("380.50")), services.InvoiceItem("Labor", Decimal("120"))]
        invoice = enter(lease, lines=lines, actor=office)
        invoice.refresh_from_db()
        assert (invoice.driver, invoice.vehicle, invoice.lease) == (lease.primary_driver, lease.vehicle, lease)
        assert (invoice.amount, invoice.weekly_amount, invoice.status) == (
            Decimal("500.50"),
            Decimal("200.00"),
            "ACTIVE",
        )
        assert list(invoice.lines.values_list("number", "description", "amount")) == [
            (1, "Brake pads", Decimal("380.50")),
            (2, "Labor", Decimal("120.00")),
        ]
        assert plan_of(invoice) == [
            (f"REPAIR-{invoice.pk}-1", "2026-11-21", "200.00", False, False),
            (f"REPAIR-{invoice.pk}-2", "2026-11-28", "200.00", False, False),
            (f"REPAIR-{invoice.pk}-3", "2026-12-05", "100.50", False, False),
        ]
        assert count_rows() == (1, 2, 3, 0)
        for model in (RepairInvoice, RepairLine, RepairInstallment):
            assert {row.history_user for row in model.history.all()} == {office}

    def test_is_charged_when_due_on_its_lease_and_vehicle(self) -> None:
        lease = LeaseFactory.create()
        invoice = enter(lease, starts_on=NEXT_SUNDAY)
        post_due(SATURDAY)
        assert books() == []
        post_due(date(2026, 11, 28))
        balance = LedgerBalance.objects.get()
        assert (balance.reference_id, balance.category, balance.remaining) == (
            f"REPAIR-{invoice.pk}-1",
            "REPAIR",
            Decimal("200.00"),
        )
        assert (balance.driver_id, balance.lease_id, balance.vehicle_id) == (
            lease.primary_driver_id,
            lease.pk,
            lease.vehicle_id,
        )
        assert_books_clean()

    def test_charges_all_at_once_each_with_its_own_due_date(self) -> None:
        invoice = enter(LeaseFactory.create(), posts_at_once=True)
        posted = LedgerPosting.objects.order_by("pk").values_list("reference_id", "amount", "due_on", "effective_on")
        assert list(posted) == [
            (f"REPAIR-{invoice.pk}-1", Decimal("200.00"), date(2026, 11, 21), TODAY),
            (f"REPAIR-{invoice.pk}-2", Decimal("200.00"), date(2026, 11, 28), TODAY),
            (f"REPAIR-{invoice.pk}-3", Decimal("100.50"), date(2026, 12, 5), TODAY),
        ]
        assert not RepairInstallment.objects.filter(posted_at=None).exists()
        post_due(date(2026, 12, 5))
        assert LedgerPosting.objects.count() == 3
        assert_books_clean()

    def test_keeps_to_what_was_agreed_before(self) -> None:
        invoice = enter(LeaseFactory.create(), "120.00", weekly_amount=Decimal("50"))
        assert [amount for _, _, amount, _, _ in plan_of(invoice)] == ["50.00", "50.00", "20.00"]

    def test_again_is_refused_and_charges_once(self) -> None:
        lease = LeaseFactory.create()
        invoice = enter(lease)
        with pytest.raises(services.InvoiceAlreadyEntered) as refusal:
            enter(lease, workshop="QUEENS AUTO ", workshop_number="qa-1")
        assert (refusal.value.at_field, refusal.value.facts) == ("workshop_number", {"invoice": invoice.pk})
        assert count_rows() == (1, 1, 3, 0)

    def test_anew_after_it_was_voided(self) -> None:
        lease = LeaseFactory.create()
        wrong = enter(lease, posts_at_once=True)
        void(wrong)
        right = enter(lease, "150.00", posts_at_once=True)
        assert [row for row in books() if row[2] == "OPEN"] == [(f"REPAIR-{right.pk}-1", "150.00", "OPEN")]
        assert_books_clean()

    def test_a_preview_says_the_plan_and_writes_nothing(self) -> None:
        lease = LeaseFactory.create()
        plan = services.preview_invoice(**facts_of(lease, posts_at_once=True))
        assert [(part.number, part.due_on, str(part.amount)) for part in plan] == [
            (1, date(2026, 11, 21), "200.00"),
            (2, date(2026, 11, 28), "200.00"),
            (3, date(2026, 12, 5), "100.50"),
        ]
        assert count_rows() == NOTHING

    def test_locks_the_account_before_it_writes(self) -> None:
        lease = LeaseFactory.create()
        ledger.create_obligation(
            category="MISC",
            amount=Decimal(1),
            reference_id="MISC-1",
            driver_id=lease.primary_driver_id,
            effective_on=TODAY,
        )
        assert_locks_first(lambda: enter(lease), LOCKS[:1])


@pytest.mark.django_db
class TestCreateInvoiceRefusals:
    @pytest.mark.parametrize(
        ("changed", "error", "field"),
        [
            ({"amount": Decimal("0")}, ledger.AmountInvalid, "amount"),
            ({"amount": Decimal("-1")}, ledger.AmountInvalid, "amount"),
            ({"amount": Decimal("0.001")}, ledger.AmountInvalid, "amount"),
            ({"amount": Decimal("NaN")}, ledger.AmountInvalid, "amount"),
            ({"amount": Decimal("1e12")}, ledger.AmountInvalid, "amount"),
            ({"amount": Decimal("500.51")}, services.LinesDoNotSum, "amount"),
            ({"lines": []}, services.LinesInvalid, "lines"),
            ({"lines": [services.InvoiceItem("x", Decimal(1))] * 101}, services.LinesInvalid, "lines"),
            ({"lines": [services.InvoiceItem("", Decimal("500.50"))]}, ValueInvalid, "lines"),
            ({"lines": [services.InvoiceItem("x", Decimal(0))]}, ledger.AmountInvalid, "lines"),
            ({"weekly_amount": Decimal("0")}, ledger.AmountInvalid, "weekly_amount"),
            ({"weekly_amount": Decimal("0.01")}, PlanTooLong, "amount"),
            ({"workshop": "  "}, ValueInvalid, "workshop"),
            ({"workshop": "x" * 81}, ValueInvalid, "workshop"),
            ({"workshop_number": "x" * 41}, ValueInvalid, "workshop_number"),
            ({"workshop_number": "\x00"}, ValueInvalid, "workshop_number"),
            ({"invoiced_on": date(2026, 11, 19)}, ValueInvalid, "invoiced_on"),
            ({"invoiced_on": date(1999, 12, 31)}, ValueInvalid, "invoiced_on"),
            ({"starts_on": date(2026, 11, 16)}, PlanStartInvalid, "starts_on"),
            ({"starts_on": date(2026, 11, 29)}, PlanStartInvalid, "starts_on"),
            ({"starts_on": date(2026, 11, 8)}, PlanStartInvalid, "starts_on"),
            ({"driver_id": 10**9}, ledger.DriverNotFound, "driver"),
            ({"vehicle_id": 10**9}, services.VehicleNotHeld, "vehicle"),
            ({"lease_id": 10**9}, services.LeaseMismatch, "lease_id"),
        ],
    )
    def test_bad_input_is_named_at_its_field(
        self, changed: dict[str, Any], error: type[DomainError], field: str
    ) -> None:
        lease = LeaseFactory.create()
        with refused(error, field=field):
            enter(lease, **changed)
        assert count_rows() == NOTHING

    def test_a_vehicle_the_driver_did_not_have_that_day(self) -> None:
        lease = LeaseFactory.create(start_on=date(2026, 11, 15))
        with pytest.raises(services.VehicleNotHeld) as refusal:
            enter(lease, invoiced_on=date(2026, 11, 14))
        assert refusal.value.at_field == "vehicle"
        with pytest.raises(services.VehicleNotHeld):
            enter(lease, vehicle_id=VehicleFactory.create().pk)
        with pytest.raises(services.VehicleNotHeld):
            enter(lease, driver_id=DriverFactory.create().pk)
        assert count_rows() == NOTHING

    def test_a_further_driver_is_charged_for_their_own_days(self) -> None:
        lease, further = LeaseFactory.create(), DriverFactory.create()
        LeaseDriverFactory.create(lease=lease, driver=further, start_on=date(2026, 11, 16), end_on=date(2026, 11, 16))
        assert enter(lease, driver_id=further.pk).driver == further
        with pytest.raises(services.VehicleNotHeld):
            enter(lease, driver_id=further.pk, invoiced_on=date(2026, 11, 17), workshop_number="QA-2")

    def test_after_a_swap_the_day_tells_the_cab(self) -> None:
        lease, second_cab = LeaseFactory.create(), VehicleFactory.create()
        noon = at(date(2026, 11, 16), time(12))
        lease.vehicle_spans.update(until_at=noon)
        LeaseVehicleFactory.create(lease=lease, vehicle=second_cab, from_at=noon)
        for day, has_first, has_second in ((15, True, False), (16, True, True), (17, False, True)):
            for cab, has_it in ((lease.vehicle, has_first), (second_cab, has_second)):
                facts: dict[str, Any] = {
                    "vehicle_id": cab.pk,
                    "invoiced_on": date(2026, 11, day),
                    "workshop_number": f"{day}-{cab}",
                }
                if has_it:
                    assert enter(lease, **facts).vehicle == cab
                else:
                    with pytest.raises(services.VehicleNotHeld):
                        enter(lease, **facts)

    def test_two_leases_of_one_cab_must_be_told_apart(self) -> None:
        by_day = LeaseFactory.create(shift="DAY")
        by_night = LeaseFactory.create(shift="NIGHT", primary_driver=by_day.primary_driver, vehicle=by_day.vehicle)
        with pytest.raises(services.LeaseNotNamed) as refusal:
            enter(by_day)
        assert (refusal.value.at_field, sorted(refusal.value.facts["leases"])) == ("lease", [by_day.pk, by_night.pk])
        assert enter(by_day, lease_id=by_night.pk).lease == by_night

    @pytest.mark.parametrize("lease_type", ["SHIFT", "SHORT_TERM"])
    def test_maintenance_that_the_law_puts_on_the_owner(self, lease_type: str) -> None:
        with pytest.raises(services.MaintenanceIsOwners, match="58-21") as refusal:
            enter(LeaseFactory.create(lease_type=lease_type))
        assert (refusal.value.at_field, refusal.value.facts["citation"]) == ("lease", "35 RCNY § 58-21(b)(1)")
        assert count_rows() == NOTHING

    @pytest.mark.parametrize("lease_type", ["LONG_TERM", "MEDALLION_ONLY", "DRIVER_OWNED"])
    def test_and_the_types_where_it_is_the_drivers(self, lease_type: str) -> None:
        assert enter(LeaseFactory.create(lease_type=lease_type)).pk

    def test_a_rule_counts_from_its_day(self) -> None:
        MaintenanceRuleFactory.create(effective_on=date(2026, 11, 16))
        lease = LeaseFactory.create()
        assert enter(lease, invoiced_on=date(2026, 11, 15)).pk
        with pytest.raises(services.MaintenanceIsOwners):
            enter(lease, invoiced_on=date(2026, 11, 16), workshop_number="QA-2")


@pytest.mark.django_db(transaction=True)
class TestCreateInvoiceRaces:
    def test_one_invoice_entered_twice_at_once_for_two_drivers(self) -> None:
        outcomes = run_together(*(partial(enter, lease) for lease in LeaseFactory.create_batch(2)))
        assert count_refusals(outcomes) == {services.InvoiceAlreadyEntered: 1}
        assert count_rows() == (1, 1, 3, 0)
