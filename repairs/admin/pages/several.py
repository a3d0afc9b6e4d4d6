"""Several repairs chosen in their list, held or resumed."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from ledger.installments.several import HoldPlansPage, ResumePlansPage
from repairs import services
from repairs.models import RepairInvoice


class HoldInvoicesPage(HoldPlansPage):
    model = RepairInvoice
    permission_required = "repairs.hold_repairinvoice"

    def act_on(self, record: RepairInvoice, facts: Mapping[str, Any]) -> RepairInvoice:
        return services.hold_invoice(invoice_id=record.pk, reason=facts["reason"], actor=self.actor)


class ResumeInvoicesPage(ResumePlansPage):
    model = RepairInvoice
    permission_required = "repairs.hold_repairinvoice"

    def act_on(self, record: RepairInvoice, facts: Mapping[str, Any]) -> RepairInvoice:
        return services.resume_invoice(
            invoice_id=record.pk, starts_on=facts["starts_on"], today=timezone.localdate(), actor=self.actor
        )
