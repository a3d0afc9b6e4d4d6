"""Repair invoices for programs. Every act is a door to one service, with the permission of its page."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import DayField, IdField, StrictSerializer, TextField, choice_field
from core.api.looks import Look, PageFilters, Rows
from core.api.methods import by_method
from ledger.api.fields import AmountField
from ledger.api.money_acts import MoneyAct
from ledger.installments.api import InstallmentSerializer, PlanAct, PlanStartBody, tell_void
from repairs import selectors, services
from repairs.models import RepairInvoice, RepairLine

app_name = "repairs-api"


def get_invoice(invoice_id: int) -> RepairInvoice:
    """:raises InvoiceNotFound: no such invoice"""
    invoice = RepairInvoice.objects.filter(pk=invoice_id).first()
    if invoice is None:
        raise services.InvoiceNotFound(f"No repair invoice {invoice_id}.")
    return invoice


class RepairSerializer(serializers.ModelSerializer[RepairInvoice]):
    """A workshop's invoice, which its driver repays week by week."""

    vehicle_id = serializers.IntegerField()
    amount = AmountField()
    weekly_amount = AmountField()

    class Meta:
        model = RepairInvoice
        fields: tuple[str, ...] = (
            "id",
            "driver_id",
            "vehicle_id",
            "lease_id",
            "workshop",
            "workshop_number",
            "paper_number",
            "invoiced_on",
            "amount",
            "weekly_amount",
            "starts_on",
            "posts_at_once",
            "status",
            "reason",
        )


class RepairLineSerializer(serializers.ModelSerializer[RepairLine]):
    """One line of a workshop's invoice."""

    amount = AmountField()

    class Meta:
        model = RepairLine
        fields = ("description", "amount")


class WholeRepairSerializer(RepairSerializer):
    """A workshop's invoice with its lines and its installments."""

    lines = RepairLineSerializer(many=True)
    installments: Any = serializers.SerializerMethodField()

    class Meta(RepairSerializer.Meta):
        fields: tuple[str, ...] = (*RepairSerializer.Meta.fields, "lines", "installments")

    @extend_schema_field(InstallmentSerializer(many=True))
    def get_installments(self, invoice: RepairInvoice) -> Any:
        rows: Any = selectors.list_schedule(invoice)
        return InstallmentSerializer(rows, many=True).data


class RepairFilters(PageFilters):
    driver = IdField(required=False)
    vehicle = IdField(required=False)
    lease = IdField(required=False)
    status = choice_field(RepairInvoice.Status, required=False)
    invoiced_on = DayField(required=False)
    workshop_number = TextField(required=False, max_length=40, help_text="The workshop's number, in any case.")


class Repairs(Rows):
    """Repair invoices, newest first, voided ones too."""

    required_permissions = ("repairs.view_repairinvoice",)
    serializer_class = RepairSerializer
    filters = RepairFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {
            "driver": "driver",
            "vehicle": "vehicle",
            "lease": "lease",
            "status": "status",
            "invoiced_on": "invoiced_on",
            "workshop_number": "workshop_number__iexact",
        }
        return RepairInvoice.objects.filter(**{columns[name]: asked[name] for name in columns if name in asked})


class ShowRepair(Look):
    """One repair invoice, with its lines, and its installments as the ledger has them."""

    required_permissions = ("repairs.view_repairinvoice",)
    answers = WholeRepairSerializer

    def find(self, asked: dict[str, Any]) -> RepairInvoice:
        return get_invoice(asked["invoice_id"])


class RepairLineBody(StrictSerializer):
    """What was done, and what it cost."""

    description = TextField(max_length=200)
    amount = AmountField()


class RepairBody(StrictSerializer):
    """A workshop's invoice. Its lines add up to its amount."""

    driver_id = IdField()
    vehicle_id = IdField()
    lease_id = IdField(
        required=False, allow_null=True, help_text="Needed where the driver held the vehicle by several that day."
    )
    workshop = TextField(max_length=80)
    workshop_number = TextField(max_length=40)
    paper_number = TextField(
        required=False, allow_blank=True, max_length=40, help_text="Of the agreement that the driver signed."
    )
    invoiced_on = DayField()
    lines: Any = serializers.ListField(child=RepairLineBody(), help_text="1 to 100 of them.")
    amount = AmountField()
    starts_on = DayField(help_text="The Sunday of this week or of the next one.")
    posts_at_once = serializers.BooleanField(
        required=False, help_text="All installments are charged now, each due in its week."
    )


class CreateRepair(MoneyAct):
    """Enter a workshop's invoice, and lay down the installments by which its driver repays it.

    An invoice of the workshop that was entered before is refused.
    """

    required_permissions = ("repairs.add_repairinvoice",)
    body = RepairBody
    answers = WholeRepairSerializer
    status = 201
    example = {
        "driver_id": 1,
        "vehicle_id": 1,
        "workshop": "Queens Auto",
        "workshop_number": "QA-1",
        "invoiced_on": "2026-03-09",
        "lines": [{"description": "Brake pads", "amount": "380.50"}, {"description": "Labor", "amount": "120"}],
        "amount": "500.50",
        "starts_on": "2026-03-08",
    }

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = asked["driver_id"]
        return driver_id

    def perform(self, asked: dict[str, Any]) -> RepairInvoice:
        lines = [services.InvoiceItem(**line) for line in asked["lines"]]
        return services.create_invoice(**{**asked, "lines": lines}, today=self.today, actor=self.actor)

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        return tell_void(get_invoice(told["id"]), told["amount"])


class RepairAct(PlanAct):
    """An act on one invoice."""

    answers: ClassVar[type[serializers.BaseSerializer[Any]]] = WholeRepairSerializer

    def get_plan(self, asked: dict[str, Any]) -> RepairInvoice:
        return get_invoice(asked["invoice_id"])


class HoldRepair(RepairAct):
    """Hold a repair for a dispute: no further installment is charged until it is resumed."""

    required_permissions = ("repairs.hold_repairinvoice",)
    example = {"reason": "The driver disputes the labor"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.hold_invoice(**asked, actor=self.actor)


class ResumeRepair(RepairAct):
    """Resume a repair on hold. What fell due meanwhile moves by whole weeks, and so does what comes after it."""

    required_permissions = ("repairs.hold_repairinvoice",)
    body = PlanStartBody
    example = {"starts_on": "2026-03-15"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.resume_invoice(**asked, today=self.today, actor=self.actor)


class VoidRepair(RepairAct):
    """Void a repair: what is charged of it is voided, and what paid it is free again. The rest is never charged."""

    required_permissions = ("repairs.void_repairinvoice",)
    example = {"reason": "Entered for the wrong driver"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.void_invoice(**asked, effective_on=self.today, actor=self.actor)


_REPAIR = "repairs/<int:invoice_id>"

urlpatterns = [
    path("repairs", by_method(Repairs, CreateRepair), name="repairs"),
    path(_REPAIR, ShowRepair.as_view(), name="repair"),
    path(f"{_REPAIR}/hold", HoldRepair.as_view(), name="hold-repair"),
    path(f"{_REPAIR}/resume", ResumeRepair.as_view(), name="resume-repair"),
    path(f"{_REPAIR}/void", VoidRepair.as_view(), name="void-repair"),
]
