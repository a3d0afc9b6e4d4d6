"""The audits of repairs find what somebody broke by hand; and the reference rows are there after a flush."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.management import call_command

from core.audits import examine, list_audits
from repairs.models import MaintenanceRule, RepairBand, RepairInstallment, RepairInvoice, RepairLine
from tests.factories import LeaseFactory
from tests.repairs.factories import RepairBandFactory, RepairInstallmentFactory, RepairLineFactory
from tests.repairs.office import enter, hold, void


def findings() -> dict[str, list[str]]:
    audits = [found for found in list_audits() if found.name.startswith("repairs.")]
    return {answer.audit.name: list(answer.findings) for answer in examine(audits) if answer.findings}


@pytest.mark.django_db
class TestAudits:
    def test_find_nothing_in_order(self) -> None:
        enter(LeaseFactory.create(), posts_at_once=True)
        voided = enter(LeaseFactory.create(), workshop_number="QA-2", posts_at_once=True)
        void(voided)
        hold(enter(LeaseFactory.create(), workshop_number="QA-3"))
        assert findings() == {}

    @pytest.mark.parametrize(
        ("tamper", "audit", "sentence"),
        [
            (
                lambda repair: RepairInstallment.objects.filter(invoice=repair, number=3).update(amount=Decimal(100)),
                "repairs.sums",
                "its installments add up to 500.00, the invoice is 500.50",
            ),
            (
                lambda repair: RepairLine.objects.filter(invoice=repair).update(amount=Decimal(1)),
                "repairs.sums",
                "its lines add up to 1.00, the invoice is 500.50",
            ),
            (
                lambda repair: RepairInstallment.objects.filter(invoice=repair, number=1).update(on_hold=True),
                "repairs.holds",
                "is on hold, and",
            ),
            (
                lambda repair: RepairInvoice.objects.filter(pk=repair.pk).update(status="VOIDED", reason="x"),
                "repairs.holds",
                "will be charged, and",
            ),
        ],
    )
    def test_find_a_broken_plan(self, tamper: Callable[[RepairInvoice], object], audit: str, sentence: str) -> None:
        tamper(enter(LeaseFactory.create()))
        assert list(findings()) == [audit]
        assert sentence in findings()[audit][0]

    def test_find_what_a_voided_invoice_still_charges(self) -> None:
        invoice = enter(LeaseFactory.create(), posts_at_once=True)
        RepairInvoice.objects.filter(pk=invoice.pk).update(status="VOIDED", reason="x")
        assert len(findings()["repairs.voids"]) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.owner
def test_a_flush_makes_the_reference_rows_anew() -> None:
    RepairBandFactory.create()
    call_command("flush", interactive=False, verbosity=0)
    assert (RepairBand.objects.count(), MaintenanceRule.objects.count()) == (5, 5)
    call_command("migrate", verbosity=0)
    assert (RepairBand.objects.count(), MaintenanceRule.objects.count()) == (5, 5)


@pytest.mark.django_db
def test_bare_rows_can_be_made() -> None:
    part = RepairInstallmentFactory.create()
    assert (part.reference_id, RepairLineFactory.create(invoice=part.invoice).amount) == (
        f"REPAIR-{part.invoice.pk}-1",
        Decimal("250.00"),
    )
