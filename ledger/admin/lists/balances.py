"""Balances: what is owed and what is held, and every movement on each."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from core.admin import AnswerFilter, Button, Fact, ListSum, OwnedRecordAdmin, Part, find_url, money_cell
from core.admin.search import number_in
from core.corrections import find_own_act
from ledger.admin.cells import (
    STATUS_LABELS,
    account_url,
    driver_link,
    of_reference,
    own_act,
    source_facts,
)
from ledger.admin.pages.corrections import CorrectAmountPage, UseCreditPage, WinBackPage
from ledger.admin.pages.several import WriteOffBalancesPage
from ledger.categories import Category, EntryType, Kind, Status
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import format_dollars
from ledger.narration import tell, tell_opening
from ledger.selectors import find_act_instead, find_newer, find_win_back, list_payers, list_uses
from ledger.selectors.words import with_corrections

#: Deposits are settled, not used.
_SPENDABLE = (Kind.PAYMENT, Kind.EARNINGS, Kind.CREDIT_MEMO)


class DepositsFilter(AnswerFilter):
    """Deposits are kept apart from what else is held."""

    title = "deposits"
    parameter_name = "deposits"
    answers = {"no": ("Without deposits", lambda: ~Q(category=Category.DEPOSIT))}


@admin.register(LedgerBalance)
class LedgerBalanceAdmin(OwnedRecordAdmin):
    list_display = [
        "in_words",
        "reference_id",
        "of_driver",
        "side",
        "category",
        "due_on",
        "original",
        "still_open",
        "status_label",
    ]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("entry_type", ChoicesDropdownFilter),
        ("category", ChoicesDropdownFilter),
        DepositsFilter,
        ("due_on", RangeDateFilter),
        ("effective_on", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
    ]
    list_display_links = ["in_words", "reference_id"]
    list_select_related = ["driver", "posting"]
    several_pages = (WriteOffBalancesPage,)
    list_sum = ListSum(
        (
            Part("remaining", "owed", Q(entry_type=EntryType.DEBIT)),
            Part("remaining", "held", Q(entry_type=EntryType.CREDIT)),
        )
    )
    ordering = ["-posting_id"]
    sortable_by = ["due_on", "original", "still_open"]
    search_fields = ["reference_id"]
    search_help_text = "Reference or its beginning (LEASE-33-), or a driver"
    detail_template = "ledger/balance.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("<int:record_id>/correct/", CorrectAmountPage, "ledger_correct_amount"),
            self.page("<int:record_id>/use/", UseCreditPage, "ledger_use_credit"),
            self.page("<int:record_id>/win-back/", WinBackPage, "ledger_win_back"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerBalance]:
        return with_corrections(super().get_queryset(request))

    def find_exactly(self, term: str) -> Q | None:
        # Through the postings' plain index of references: those of the balances here are partial.
        return of_reference(term, "posting__reference_id")

    @admin.display(description="What it is")
    def in_words(self, balance: LedgerBalance) -> str:
        return tell_opening(balance.posting, getattr(balance, "corrected_from", None))

    @admin.display(description="Driver")
    def of_driver(self, balance: LedgerBalance) -> SafeString:
        return driver_link(balance.driver)

    @admin.display(description="Side")
    def side(self, balance: LedgerBalance) -> str:
        return "Owed" if balance.is_obligation else "Held"

    @admin.display(description="Original", ordering="original_amount")
    def original(self, balance: LedgerBalance) -> str:
        return money_cell(balance.original_amount, is_void=self.is_void(balance))

    @admin.display(description="Remaining", ordering="remaining")
    def still_open(self, balance: LedgerBalance) -> str:
        return money_cell(balance.remaining)

    def is_void(self, balance: LedgerBalance) -> bool:
        return balance.status == Status.VOIDED

    @display(description="Status", label=STATUS_LABELS)
    def status_label(self, balance: LedgerBalance) -> str:
        return balance.get_status_display()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> LedgerBalance | None:
        if number_in(object_id) is None:
            return None
        balances = with_corrections(LedgerBalance.objects.filter(pk=int(object_id)))
        return balances.select_related("driver", "lease", "vehicle", "posting").first()

    def get_detail(self, request: HttpRequest, record: LedgerBalance) -> dict[str, Any]:
        movements = list_payers(record.pk) if record.is_obligation else list_uses(record.pk)
        newer = find_newer(record) if record.status == Status.VOIDED else None
        return {
            "balance": record,
            "words": self.in_words(record),
            "own_act": own_act(request, record),
            "movements": [
                (movement, _tell_other_side(record, movement))
                for movement in movements.select_related("funding__posting", "balance__posting", "payout", "posted_by")
            ],
            "may_void": request.user.has_perm("ledger.void_ledgerposting"),
            "facts": self._list_facts(request, record, newer),
            "buttons": _list_buttons(request, record, newer),
        }

    def _list_facts(self, request: HttpRequest, balance: LedgerBalance, newer: LedgerBalance | None) -> list[Fact]:
        site = self.admin_site
        return [
            Fact("Reference", balance.reference_id),
            *source_facts(request, balance.reference_id),
            Fact("Driver", balance.driver, account_url(balance.driver_id)),
            Fact("Side", "Owed by the driver" if balance.is_obligation else "Held for the driver"),
            Fact("Category", balance.get_category_display()),
            Fact("Lease", balance.lease, find_url(site, request, balance.lease)),
            Fact("Vehicle", balance.vehicle, find_url(site, request, balance.vehicle)),
            Fact("Due", balance.due_on),
            Fact("Effective", balance.effective_on),
            Fact("Original amount", format_dollars(balance.original_amount)),
            Fact("Remaining", format_dollars(balance.remaining)),
            Fact("Status", balance.get_status_display()),
            Fact("Opened by", f"Posting {balance.pk}", find_url(site, request, balance.posting)),
            Fact("Charged anew as", newer and f"Posting {newer.pk}", find_url(site, request, newer)),
        ]


def _tell_other_side(balance: LedgerBalance, movement: LedgerPosting) -> str:
    """What paid an obligation, or what a held credit paid."""
    if not balance.is_obligation and movement.balance is not None:
        return tell(movement) if movement.payout_id else tell_opening(movement.balance.posting)
    return tell_opening(movement.funding.posting) if movement.funding else f"forgiven: {movement.reason}"


def _list_buttons(request: HttpRequest, balance: LedgerBalance, newer: LedgerBalance | None) -> list[Button]:
    """Return the ways to the acts on a balance, for whoever may act."""
    may = request.user.has_perm
    is_open, is_live = balance.status == Status.OPEN, balance.status != Status.VOIDED
    kind = balance.posting.kind
    mends_here = is_live and find_own_act(balance) is None
    gives = kind in (Kind.CREDIT_MEMO, Kind.EARNINGS) and find_win_back(balance) is None
    offered = [
        (balance.is_obligation and is_open, "ledger.write_off_ledgerposting", "Write off", "ledgerposting_write_off"),
        (balance.is_obligation and mends_here, "ledger.correct_charge", "Correct the amount", "correct_amount"),
        (
            balance.status == Status.OPEN and kind in _SPENDABLE,
            "ledger.use_credit",
            "Use this money for …",
            "use_credit",
        ),
        (gives and is_live and find_act_instead(balance) is None, "ledger.win_back", "Win back", "win_back"),
    ]
    buttons = [
        Button(label, reverse(f"admin:ledger_{name}", args=[balance.pk]))
        for applies, permission, label, name in offered
        if applies and may(permission)
    ]
    is_gone = not is_live and newer is None and balance.is_obligation
    if is_gone and find_own_act(balance) is None and may("ledger.correct_charge"):
        buttons.append(Button("Charge again", reverse("admin:ledger_charge_again", args=[balance.pk])))
    if is_live and may("ledger.void_ledgerposting"):
        url = reverse("admin:ledger_ledgerposting_void", args=[balance.pk])
        buttons.append(Button("Void", url, is_dangerous=True))
    return buttons
