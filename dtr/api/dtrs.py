"""DTRs: listed, one with its lines, its paper, and its payout."""

from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import DayField, IdField, StrictSerializer, TextField, choice_field
from core.api.files import XLSX, CsvRenderer, FileLook, PdfRenderer, XlsxRenderer, answer_bytes
from core.api.looks import Look, PageFilters, Rows
from core.streams import answer_parts
from core.transactions import bounded_transaction
from core.weeks import Week
from dtr import exports, selectors, services
from dtr.api.told import DtrPayoutSerializer, DtrSerializer, OneDtrSerializer, PaymentOutcomesSerializer
from dtr.api.weeks import read_week
from dtr.models import Dtr
from ledger.api.fields import AmountField
from ledger.api.money_acts import MoneyAct
from ledger.categories import PaymentMethod
from ledger.locks import lock_accounts
from ledger.selectors import get_payout_breakdown, list_voided_payouts

#: Payments of one request; their drivers' accounts are held until all are recorded.
MAX_PAYMENTS = 100


class DtrState(models.TextChoices):
    """How a DTR came out."""

    DUE_TO_DRIVER = "DUE_TO_DRIVER", "Due to the driver"
    DUE_FROM_DRIVER = "DUE_FROM_DRIVER", "Due from the driver"
    UNPAID = "UNPAID", "Of the week closed last: due to the driver, and not paid out"


class DtrFilters(PageFilters):
    week = DayField(required=False, help_text="Its Saturday.")
    driver = IdField(required=False)
    lease = IdField(required=False)
    state = choice_field(DtrState, required=False, help_text="UNPAID: of the week closed last, not paid out yet.")


class Dtrs(Rows):
    """DTRs, newest first."""

    required_permissions = ("dtr.view_dtr",)
    serializer_class = DtrSerializer
    filters = DtrFilters
    ordering = "-number"

    def find(self, asked: dict[str, Any]) -> QuerySet[Dtr]:
        state = asked.get("state")
        dtrs = selectors.list_unpaid_dtrs() if state == DtrState.UNPAID else selectors.list_dtrs()
        if state == DtrState.DUE_TO_DRIVER:
            dtrs = dtrs.filter(held__gt=F("owed_due"))
        elif state == DtrState.DUE_FROM_DRIVER:
            dtrs = dtrs.filter(held__lt=F("owed_due"))
        return dtrs.filter(**{name: asked[name] for name in ("week", "driver", "lease") if name in asked})


class ShowDtr(Look):
    """One DTR: its figures, its lines, what its paper says, and its payouts."""

    required_permissions = ("dtr.view_dtr",)
    answers = OneDtrSerializer

    def find(self, asked: dict[str, Any]) -> Dtr:
        return selectors.get_dtr(asked["dtr_id"])


class DtrPdf(FileLook):
    """The paper of one DTR, as its driver gets it."""

    required_permissions = ("dtr.view_dtr",)
    renderer_classes = (PdfRenderer,)

    def make(self, asked: dict[str, Any]) -> HttpResponse:
        dtr = selectors.get_dtr(asked["dtr_id"])
        return answer_bytes(exports.print_dtrs([dtr]), "application/pdf", f"{dtr.reference_id}.pdf")


class WeekPdf(FileLook):
    """The papers of all DTRs of a week, by the drivers' names."""

    required_permissions = ("dtr.view_dtr",)
    renderer_classes = (PdfRenderer,)

    def make(self, asked: dict[str, Any]) -> StreamingHttpResponse:
        week = read_begun(asked)
        dtrs = selectors.list_dtrs().filter(week=week.end)
        by_name = dtrs.order_by("driver__last_name", "driver__first_name", "driver_id", "number")
        if not dtrs.exists():
            raise Http404
        parts, name = exports.stream_dtrs(by_name), f"DTRs-{week.end}.pdf"
        return answer_parts(self.request._request, parts, content_type="application/pdf", file_name=name)


class WeekCsv(FileLook):
    """All DTRs of a week as CSV."""

    required_permissions = ("dtr.view_dtr",)
    renderer_classes = (CsvRenderer,)

    def make(self, asked: dict[str, Any]) -> HttpResponse:
        week = read_begun(asked)
        return answer_bytes(exports.week_as_csv(week), "text/csv; charset=utf-8", f"DTRs-{week.end}.csv")


class WeekXlsx(FileLook):
    """All DTRs of a week as a workbook."""

    required_permissions = ("dtr.view_dtr",)
    renderer_classes = (XlsxRenderer,)

    def make(self, asked: dict[str, Any]) -> HttpResponse:
        week = read_begun(asked)
        return answer_bytes(exports.week_as_xlsx(week), XLSX, f"DTRs-{week.end}.xlsx")


class DtrPaymentBody(StrictSerializer):
    """How it is paid: by check, or to the bank."""

    method = choice_field(PaymentMethod)
    instrument_number = TextField(required=False, allow_blank=True, max_length=40, help_text="Required of a CHECK.")
    amount = AmountField(required=False, help_text="All that may be paid of its net, without it.")


class PayDtr(MoneyAct):
    """Record that the net of a driver's latest DTR was paid. Sent again with the same facts, it finds the payout."""

    required_permissions = ("ledger.add_payout",)
    body = DtrPaymentBody
    answers = DtrPayoutSerializer
    status = 201
    example = {"method": "CHECK", "instrument_number": "1043"}

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = selectors.get_dtr(asked["dtr_id"]).driver_id
        return driver_id

    def perform(self, asked: dict[str, Any]) -> selectors.DtrPayout:
        return services.pay_dtr(**asked, effective_on=self.today, actor=self.actor)

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        stands = get_payout_breakdown(told["payout_id"]).stands
        return {} if stands else {"voided": {"status": "VOIDED", "amount": told["amount"]}}


class OneOfDtrPayments(DtrPaymentBody):
    """Which DTR, and how it is paid."""

    dtr_id = IdField()


class DtrPaymentsBody(StrictSerializer):
    """Up to 100 payments."""

    payments: Any = serializers.ListField(child=OneOfDtrPayments(), min_length=1, max_length=MAX_PAYMENTS)


class PayDtrs(Act):
    """Record that several DTRs were paid, each for itself: one that is refused leaves the others paid."""

    required_permissions = ("ledger.add_payout",)
    body = DtrPaymentsBody
    answers = PaymentOutcomesSerializer
    example = {
        "payments": [
            {"dtr_id": 31, "method": "CHECK", "instrument_number": "1043"},
            {"dtr_id": 32, "method": "ACH", "instrument_number": "ACH-77"},
        ]
    }

    def perform(self, asked: dict[str, Any]) -> list[services.PaymentOutcome]:
        payments = [services.DtrPayment(**payment) for payment in asked["payments"]]
        return _pay(payments, today=self.today, actor=self.actor)

    def tell(self, done: list[services.PaymentOutcome]) -> dict[str, Any]:
        return super().tell({"outcomes": done})

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        paid = (outcome["payout"]["payout_id"] for outcome in told["outcomes"] if outcome["payout"])
        voided = list_voided_payouts(paid)
        return {"voided": {"payouts": voided}} if voided else {}


@bounded_transaction
def _pay(payments: list[services.DtrPayment], *, today: date, actor: User) -> list[services.PaymentOutcome]:
    """Pay with all accounts held from the beginning, in their order: whoever else holds several waits, and no worse."""
    named = [payment.dtr_id for payment in payments]
    lock_accounts(set(selectors.list_dtrs().filter(pk__in=named).values_list("driver_id", flat=True)))
    return services.pay_dtrs(payments=payments, effective_on=today, actor=actor)


def read_begun(asked: dict[str, Any]) -> Week:
    """Return the week that an address names.

    :raises NotASaturday, WeekNotStarted: it names none, or one whose close was never begun
    """
    return selectors.get_close(read_week(asked)).week
