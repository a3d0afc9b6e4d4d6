"""Loans: the list, and one loan with its schedule and what would end it today."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter

from core.admin import Fact, ListSum, Part, money_cell
from core.admin.search import number_in
from ledger.installments.admin import PlanAct, PlanAdmin
from ledger.money import format_dollars
from ledger.selectors import find_balance_by_reference
from loans import rules, selectors
from loans.admin.pages.loans import DisbursePage, HoldLoanPage, ResumeLoanPage, VoidLoanPage
from loans.admin.pages.payoffs import PayOffPage, RestorePage, WriteOffPage, describe_payoff
from loans.admin.pages.several import HoldLoansPage, ResumeLoansPage
from loans.forms import AmountForm
from loans.models import DriverLoan

Status = DriverLoan.Status

_PAY_OFF = PlanAct("Pay off early", "pay_off", PayOffPage)
_HOLD = PlanAct("Hold", "hold", HoldLoanPage)
_RESUME = PlanAct("Resume", "resume", ResumeLoanPage)
_RESTORE = PlanAct("Restore the schedule", "restore", RestorePage)
_WRITE_OFF = PlanAct("Write off", "write_off", WriteOffPage, is_dangerous=True)
_VOID = PlanAct("Void", "void", VoidLoanPage, is_dangerous=True)


@admin.register(DriverLoan)
class DriverLoanAdmin(PlanAdmin):
    list_display = ["__str__", "driver", "money", "rate_percent", "disbursed_on", "method", "state"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("disbursed_on", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
    ]
    several_pages = (HoldLoansPage, ResumeLoansPage)
    list_sum = ListSum(
        (Part("principal", "lent", ~Q(status=Status.VOIDED)),),
        counted=~Q(status=Status.VOIDED),
        apart=Part("principal", "voided", Q(status=Status.VOIDED)),
    )
    sortable_by = ["disbursed_on", "money"]
    search_fields = ["id"]
    search_help_text = "Number of the loan, or a driver"
    detail_template = "loans/loan.html"
    acts = {
        Status.ACTIVE: [_PAY_OFF, _HOLD, _WRITE_OFF, _VOID],
        Status.ON_HOLD: [_RESUME, _WRITE_OFF, _VOID],
        Status.PAID_OFF: [_RESTORE],
        Status.WRITTEN_OFF: [_RESTORE],
        Status.VOIDED: [],
    }
    new_page = DisbursePage
    new_name = "disburse"
    new_label = "Disburse a loan"

    def get_queryset(self, request: HttpRequest) -> QuerySet[DriverLoan]:
        return selectors.list_loans()

    def find_exactly(self, term: str) -> Q | None:
        return Q(pk=number_in(term, "LOAN") or 0)

    @admin.display(description="Lent", ordering="principal")
    def money(self, loan: DriverLoan) -> str:
        return money_cell(loan.principal, is_void=self.is_void(loan))

    def dollars_of(self, loan: DriverLoan) -> Decimal:
        return loan.principal

    def is_void(self, loan: DriverLoan) -> bool:
        return loan.status == Status.VOIDED

    def get_detail(self, request: HttpRequest, record: DriverLoan) -> dict[str, Any]:
        form = AmountForm(request.GET if "payoff_on" in request.GET else None)
        day = form.day_or(timezone.localdate()) if form.is_bound else timezone.localdate()
        sees_money = request.user.has_perm("ledger.view_ledgerbalance")
        payoff = selectors.find_payoff(record)
        balance = find_balance_by_reference(rules.name_payoff(record.pk)) if payoff else None
        return {
            "facts": self._list_facts(request, record),
            "buttons": self.list_acts(request, record),
            "rows": selectors.list_schedule(record),
            "has_interest": True,
            "payoff_facts": describe_payoff(payoff) if payoff else (),
            "payoff_balance": balance,
            # What its own memo has paid of it is no payment.
            "is_payoff_unpaid": balance is None
            or (payoff is not None and balance.remaining + payoff.interest_back >= balance.original_amount),
            "amount_form": form if form.is_bound else AmountForm(initial={"payoff_on": day}),
            "amount": selectors.get_payoff_amount(record, day)
            if sees_money and record.status in (Status.ACTIVE, Status.ON_HOLD)
            else None,
        }

    def _list_facts(self, request: HttpRequest, loan: DriverLoan) -> list[Fact]:
        return [
            Fact("Driver", loan.driver, self.link_to(request, loan.driver)),
            Fact("Lease", loan.lease, self.link_to(request, loan.lease)),
            Fact("Lent", format_dollars(loan.principal)),
            Fact("Interest a year", f"{loan.rate_percent} %"),
            Fact("Weekly principal", format_dollars(loan.weekly_amount)),
            Fact("Disbursed", loan.disbursed_on),
            Fact("How it left", loan.get_method_display()),
            Fact("Check or bank number", loan.instrument_number),
            Fact("Signed paper's number", loan.paper_number),
            Fact("Plan starts", loan.starts_on),
            Fact("All charged at creation", "yes" if loan.posts_at_once else ""),
            Fact("State", loan.get_status_display()),
            Fact("Reason", loan.reason),
        ]
