"""Loans for programs. Every act is a door to one service, with the permission of its page."""

import re
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import DayField, IdField, StrictSerializer, TextField, choice_field
from core.api.looks import Look, PageFilters, Rows
from core.api.methods import by_method
from core.api.parsers import WrittenNumber
from ledger.api.fields import AmountField, FigureField
from ledger.api.money_acts import MoneyAct, ReasonBody
from ledger.categories import PaymentMethod
from ledger.installments.api import InstallmentSerializer, PlanAct, PlanStartBody, ReasonAndStartBody, tell_void
from ledger.installments.models import PlanStatus
from loans import selectors, services
from loans.models import DriverLoan, LoanPayoff

app_name = "loans-api"

_PERCENT = r"[0-9]{1,3}(\.[0-9]{1,2})?"


@extend_schema_field({"type": "string", "format": "decimal", "pattern": f"^{_PERCENT}$", "examples": ["10.00"]})
class PercentField(serializers.Field[Decimal, Any, str, Any]):
    """Percent a year, as a decimal string or a JSON number, in plain digits with at most two decimals."""

    def to_internal_value(self, data: Any) -> Decimal:
        written = str(data) if isinstance(data, (str, WrittenNumber)) or type(data) is int else ""
        if not re.fullmatch(_PERCENT, written):
            raise serializers.ValidationError("A rate is written in plain digits, as 10 or 10.50.", code="invalid")
        return Decimal(written)

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}"


def get_loan(loan_id: int) -> DriverLoan:
    """:raises LoanNotFound: no such loan"""
    loan = DriverLoan.objects.filter(pk=loan_id).first()
    if loan is None:
        raise services.LoanNotFound(f"No loan {loan_id}.")
    return loan


class LoanSerializer(serializers.ModelSerializer[DriverLoan]):
    """Money lent to a driver, and how it left."""

    principal = AmountField()
    rate_percent = PercentField(help_text="A year's simple interest on the principal still scheduled.")
    weekly_amount = AmountField(help_text="Principal a week.")

    class Meta:
        model = DriverLoan
        fields: tuple[str, ...] = (
            "id",
            "driver_id",
            "lease_id",
            "principal",
            "rate_percent",
            "disbursed_on",
            "method",
            "instrument_number",
            "paper_number",
            "weekly_amount",
            "starts_on",
            "posts_at_once",
            "status",
            "reason",
        )


class LoanInstallmentSerializer(InstallmentSerializer):
    """A week's part of a loan: its principal, and the interest on what is still scheduled."""

    principal = FigureField(source="installment.principal")
    interest = FigureField(source="installment.interest")


class LoanPayoffSerializer(serializers.ModelSerializer[LoanPayoff]):
    """What ended a loan before its time."""

    principal = AmountField(help_text="Not charged by then.")
    interest = AmountField(help_text="Earned by then, and not charged.")
    interest_back = AmountField(help_text="Charged ahead and not earned: it came back as a credit.")

    class Meta:
        model = LoanPayoff
        fields = ("as_of", "principal", "interest", "interest_back")


class WholeLoanSerializer(LoanSerializer):
    """A loan with its installments, and the payoff that stands, if any."""

    installments: Any = serializers.SerializerMethodField()
    payoff = serializers.SerializerMethodField()

    class Meta(LoanSerializer.Meta):
        fields: tuple[str, ...] = (*LoanSerializer.Meta.fields, "installments", "payoff")

    @extend_schema_field(LoanInstallmentSerializer(many=True))
    def get_installments(self, loan: DriverLoan) -> Any:
        rows: Any = selectors.list_schedule(loan)
        return LoanInstallmentSerializer(rows, many=True).data

    @extend_schema_field(LoanPayoffSerializer(allow_null=True))
    def get_payoff(self, loan: DriverLoan) -> Any:
        payoff = selectors.find_payoff(loan)
        return LoanPayoffSerializer(payoff).data if payoff else None


class LoanFilters(PageFilters):
    driver = IdField(required=False)
    lease = IdField(required=False)
    status = choice_field(DriverLoan.Status, required=False)
    disbursed_on = DayField(required=False)


class Loans(Rows):
    """Loans, newest first, those that have ended too."""

    required_permissions = ("loans.view_driverloan",)
    serializer_class = LoanSerializer
    filters = LoanFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        columns = ("driver", "lease", "status", "disbursed_on")
        return DriverLoan.objects.filter(**{name: asked[name] for name in columns if name in asked})


class ShowLoan(Look):
    """One loan, with its installments as the ledger has them."""

    required_permissions = ("loans.view_driverloan",)
    answers = WholeLoanSerializer

    def find(self, asked: dict[str, Any]) -> DriverLoan:
        return get_loan(asked["loan_id"])


class PayoffQuery(StrictSerializer):
    on = DayField(required=False, help_text="The day on which it would end; today, New York's, without it.")


class PayoffQuoteSerializer(serializers.Serializer[selectors.PayoffAmount]):
    """What would end a loan on a day."""

    as_of = serializers.DateField()
    open_charges = FigureField(help_text="Charged already, and not paid.")
    principal = FigureField(help_text="Not charged yet.")
    interest = FigureField(help_text="Earned by then, and not charged yet.")
    to_charge = FigureField(help_text="Principal and interest.")
    interest_back = FigureField(help_text="Charged ahead and not earned by then.")
    total = FigureField(help_text="What is left to pay.")


class QuotePayoff(Look):
    """What would end a loan on a day. Nothing is charged."""

    required_permissions = ("loans.view_driverloan", "ledger.view_ledgerbalance")
    filters = PayoffQuery
    answers = PayoffQuoteSerializer

    def find(self, asked: dict[str, Any]) -> selectors.PayoffAmount:
        loan = get_loan(asked["loan_id"])
        if loan.status not in (DriverLoan.Status.ACTIVE, DriverLoan.Status.ON_HOLD):
            raise services.LoanEnded(f"{loan} is {loan.get_status_display().lower()}.")
        return selectors.get_payoff_amount(loan, asked.get("on", self.today))


class LoanBody(StrictSerializer):
    """A loan, and how the money left."""

    driver_id = IdField()
    lease_id = IdField(required=False, allow_null=True, help_text="On whose statement it shall appear.")
    principal = AmountField()
    rate_percent = PercentField(required=False, help_text="A year's simple interest; none without it.")
    disbursed_on = DayField()
    method = choice_field(PaymentMethod)
    instrument_number = TextField(required=False, allow_blank=True, max_length=40, help_text="Required of a CHECK.")
    paper_number = TextField(
        required=False, allow_blank=True, max_length=40, help_text="Of the agreement that the driver signed."
    )
    starts_on = DayField(help_text="The Sunday of this week or of the next one.")
    posts_at_once = serializers.BooleanField(
        required=False, help_text="All installments are charged now, each due in its week."
    )


class DisburseLoan(MoneyAct):
    """Record money lent to a driver and how it left, and lay down the installments by which it comes back."""

    required_permissions = ("loans.add_driverloan",)
    body = LoanBody
    answers = WholeLoanSerializer
    status = 201
    needs_key = True
    example = {
        "driver_id": 1,
        "principal": "1200.00",
        "rate_percent": "10",
        "disbursed_on": "2026-03-09",
        "method": "CASH",
        "starts_on": "2026-03-08",
    }

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = asked["driver_id"]
        return driver_id

    def perform(self, asked: dict[str, Any]) -> DriverLoan:
        return services.disburse_loan(**asked, idempotency_key=self.service_key, today=self.today, actor=self.actor)

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        return tell_void(get_loan(told["id"]), told["principal"])


class LoanAct(PlanAct):
    """An act on one loan."""

    answers: ClassVar[type[serializers.BaseSerializer[Any]]] = WholeLoanSerializer

    def get_plan(self, asked: dict[str, Any]) -> DriverLoan:
        return get_loan(asked["loan_id"])


class HoldLoan(LoanAct):
    """Hold a loan: no further installment is charged until it is resumed."""

    required_permissions = ("loans.hold_driverloan",)
    example = {"reason": "The driver is ill"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.hold_loan(**asked, actor=self.actor)


class ResumeLoan(LoanAct):
    """Resume a loan on hold. What fell due meanwhile moves by whole weeks; the pause bears no interest."""

    required_permissions = ("loans.hold_driverloan",)
    body = PlanStartBody
    example = {"starts_on": "2026-03-15"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.resume_loan(**asked, today=self.today, actor=self.actor)


class VoidLoan(LoanAct):
    """Void a loan whose money never left. What is charged is voided; the rest is never charged."""

    required_permissions = ("loans.void_driverloan",)
    example = {"reason": "The check was never handed over"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.void_loan(**asked, effective_on=self.today, actor=self.actor)


class LoanPayoffBody(StrictSerializer):
    """The day on which it ends."""

    as_of = DayField(required=False, help_text="Today, New York's, without it; never a day to come.")


class EndLoan(LoanAct):
    """An act whose payoff ends a loan before its time, until its schedule is restored."""

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        payoff, stands = told["payoff"], selectors.find_payoff(get_loan(told["id"]))
        if payoff is None or (stands and LoanPayoffSerializer(stands).data == payoff):
            return {}
        amount = Decimal(payoff["principal"]) + Decimal(payoff["interest"])
        return {"voided": {"status": PlanStatus.VOIDED.value, "amount": f"{amount:.2f}"}}


class PayOffLoan(EndLoan):
    """Charge all that is left of a loan in one charge, in place of its schedule. It is paid like any other."""

    required_permissions = ("loans.pay_off_driverloan",)
    body = LoanPayoffBody
    example = {"as_of": "2026-03-14"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.pay_off_loan(**{"as_of": self.today, **asked}, today=self.today, actor=self.actor)


class RestoreSchedule(LoanAct):
    """Take back a payoff or write-off of which nothing is paid or forgiven: the schedule is in force again."""

    required_permissions = ("loans.pay_off_driverloan",)
    body = ReasonAndStartBody
    example = {"reason": "The payment bounced", "starts_on": "2026-03-15"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.restore_schedule(**asked, today=self.today, effective_on=self.today, actor=self.actor)


class LoanWriteOffBody(ReasonBody):
    """Why, and as of which day."""

    as_of = DayField(required=False, help_text="Today, New York's, without it; never a day to come.")


class WriteOffLoan(EndLoan):
    """Forgive all that is left of a loan: what is not charged yet is charged as by a payoff, and all is written off."""

    required_permissions = ("loans.write_off_driverloan",)
    body = LoanWriteOffBody
    example = {"reason": "The driver has left the country"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.write_off_loan(**{"as_of": self.today, **asked}, today=self.today, actor=self.actor)


_LOAN = "loans/<int:loan_id>"

urlpatterns = [
    path("loans", by_method(Loans, DisburseLoan), name="loans"),
    path(_LOAN, ShowLoan.as_view(), name="loan"),
    path(f"{_LOAN}/hold", HoldLoan.as_view(), name="hold-loan"),
    path(f"{_LOAN}/pay-off", PayOffLoan.as_view(), name="pay-off-loan"),
    path(f"{_LOAN}/payoff", QuotePayoff.as_view(), name="loan-payoff"),
    path(f"{_LOAN}/restore", RestoreSchedule.as_view(), name="restore-loan"),
    path(f"{_LOAN}/resume", ResumeLoan.as_view(), name="resume-loan"),
    path(f"{_LOAN}/void", VoidLoan.as_view(), name="void-loan"),
    path(f"{_LOAN}/write-off", WriteOffLoan.as_view(), name="write-off-loan"),
]
