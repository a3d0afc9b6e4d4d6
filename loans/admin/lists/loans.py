"""Loans at the office's desk: disburse, look at the schedule, hold, pay off, restore, write off."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from core.admin import Button, Fact, ReadOnlyAdmin, find_url
from core.admin.history import HistoryAdmin
from ledger.installments.pages import BandAdmin
from ledger.money import format_dollars
from ledger.selectors import find_balance_by_reference
from loans import rules, selectors
from loans.admin.pages.loans import PAGES, DisbursePage, SetBandsPage, _describe_payoff
from loans.forms import AmountForm
from loans.models import DriverLoan, LoanBand, RateLimit

Status = DriverLoan.Status


_HOLD = ("Hold", "hold", "loans.hold_driverloan", False)


_RELEASE = ("Release", "release", "loans.hold_driverloan", False)


_PAY_OFF = ("Pay off early", "pay_off", "loans.pay_off_driverloan", False)


_RESTORE = ("Restore the schedule", "restore", "loans.pay_off_driverloan", False)


_WRITE_OFF = ("Write off", "write_off", "loans.write_off_driverloan", True)


_VOID = ("Void", "void", "loans.void_driverloan", True)


#: The acts that fit a status: what the button says, its address, the permission, whether it undoes or gives away.
ACTS: dict[str, list[tuple[str, str, str, bool]]] = {
    Status.ACTIVE: [_PAY_OFF, _HOLD, _WRITE_OFF, _VOID],
    Status.ON_HOLD: [_RELEASE, _WRITE_OFF, _VOID],
    Status.PAID_OFF: [_RESTORE],
    Status.WRITTEN_OFF: [_RESTORE],
    Status.VOIDED: [],
}


@admin.register(DriverLoan)
class DriverLoanAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ["__str__", "driver", "money", "rate_percent", "disbursed_on", "method", "state"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("disbursed_on", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
    ]
    search_fields = ["id__exact", "driver__last_name__istartswith", "driver__tlc_license__startswith"]
    search_help_text = "Number of the loan, or first characters of a last name or TLC license number"
    ordering = ["-id"]
    change_list_template = "ledger/installments/list.html"
    detail_template = "loans/loan.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("disburse/", DisbursePage, "loans_driverloan_disburse"),
            *(
                self.page(f"<int:record_id>/{name.replace('_', '-')}/", page, f"loans_driverloan_{name}")
                for name, page in PAGES.items()
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DriverLoan]:
        return selectors.list_loans()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_lend = request.user.has_perm("loans.add_driverloan")
        context = {
            "add_url": reverse("admin:loans_driverloan_disburse") if may_lend else "",
            "add_label": "Disburse a loan",
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.display(description="Lent")
    def money(self, loan: DriverLoan) -> str:
        return f"{loan.principal:,.2f}"

    @display(
        description="State",
        label={
            "Active": "info",
            "On hold": "warning",
            "Paid off early": "success",
            "Written off": "danger",
            "Voided": "danger",
        },
    )
    def state(self, loan: DriverLoan) -> str:
        return loan.get_status_display()

    def get_detail(self, request: HttpRequest, record: DriverLoan) -> dict[str, Any]:
        form = AmountForm(request.GET if "payoff_on" in request.GET else None)
        day = form.day_or(timezone.localdate()) if form.is_bound else timezone.localdate()
        sees_money = request.user.has_perm("ledger.view_ledgerbalance")
        payoff = selectors.find_payoff(record)
        return {
            "facts": self._list_facts(request, record),
            "buttons": [
                *(
                    Button(label, reverse(f"admin:loans_driverloan_{name}", args=[record.pk]), is_dangerous)
                    for label, name, permission, is_dangerous in ACTS[record.status]
                    if request.user.has_perm(permission)
                ),
                Button("History", reverse("admin:loans_driverloan_history", args=[record.pk])),
            ],
            "rows": selectors.list_schedule(record),
            "has_interest": True,
            "payoff_facts": _describe_payoff(payoff) if payoff else (),
            "payoff_balance": find_balance_by_reference(rules.name_payoff(record.pk)) if payoff else None,
            "amount_form": form if form.is_bound else AmountForm(initial={"payoff_on": day}),
            "amount": selectors.get_payoff_amount(record, day)
            if sees_money and record.status in (Status.ACTIVE, Status.ON_HOLD)
            else None,
        }

    def _list_facts(self, request: HttpRequest, loan: DriverLoan) -> list[Fact]:
        site = self.admin_site
        return [
            Fact("Driver", loan.driver, find_url(site, request, loan.driver)),
            Fact("Lease", loan.lease, find_url(site, request, loan.lease)),
            Fact("Lent", format_dollars(loan.principal)),
            Fact("Interest a year", f"{loan.rate_percent} %"),
            Fact("Principal a week", format_dollars(loan.weekly_amount)),
            Fact("Disbursed", loan.disbursed_on),
            Fact("How it left", loan.get_method_display()),
            Fact("Check or bank number", loan.instrument_number),
            Fact("Plan starts", loan.starts_on),
            Fact("All charged at creation", "yes" if loan.posts_at_once else ""),
            Fact("State", loan.get_status_display()),
            Fact("Reason", loan.reason),
        ]


@admin.register(LoanBand)
class LoanBandAdmin(BandAdmin):
    bands_page = SetBandsPage
    bands_url = "loans_loanband_set"


@admin.register(RateLimit)
class RateLimitAdmin(HistoryAdmin):
    list_display = ["effective_on", "highest_percent", "citation"]
