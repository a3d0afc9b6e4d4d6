"""Postings: the list, one posting in words, and the ways to void it or to forgive it."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from core.admin import AnswerFilter, Button, Fact, ListSum, OwnedRecordAdmin, Part, find_url, money_cell
from core.admin.search import number_in
from core.corrections import find_own_act
from ledger.admin.cells import (
    KIND_LABELS,
    account_url,
    driver_link,
    of_reference,
    own_act,
    source_facts,
)
from ledger.admin.pages.corrections import ChargeAgainPage
from ledger.admin.pages.several import VoidPostingsPage
from ledger.admin.pages.voids import VoidPostingPage
from ledger.admin.pages.write_offs import WriteOffPage
from ledger.categories import EntryType, Kind, Status
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import format_dollars
from ledger.narration import say, tell
from ledger.selectors import find_newer, with_words


class PostingStateFilter(AnswerFilter):
    title = "state"
    parameter_name = "state"
    answers = {
        "stands": ("Stands", lambda: Q(reversals=None)),
        # With what the index of reversals holds, so that PostgreSQL knows how few they are.
        "undone": ("Undone", lambda: Q(reversals__reverses__isnull=False)),
    }


class ChargesFilter(AnswerFilter):
    """What was charged is what these debits come to, less these credits: a void counts on its own day."""

    title = "charges"
    parameter_name = "charges"
    answers = {
        "all": ("Charges and their voids", lambda: Q(kind=Kind.OBLIGATION) | Q(reverses__kind=Kind.OBLIGATION)),
    }


@admin.register(LedgerPosting)
class LedgerPostingAdmin(OwnedRecordAdmin):
    list_display = [
        "number", "effective_on", "kind_label", "in_words", "reference_id", "of_driver", "category", "debit", "credit",
    ]  # fmt: skip
    list_display_links = ["number", "reference_id"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("category", ChoicesDropdownFilter),
        ("entry_type", ChoicesDropdownFilter),
        ("effective_on", RangeDateFilter),
        ("due_on", RangeDateFilter),
        PostingStateFilter,
        ("posted_by", RelatedDropdownFilter),
        ChargesFilter,
        ("driver", AutocompleteSelectFilter),
    ]
    several_pages = (VoidPostingsPage,)
    list_sum = ListSum(
        (
            Part("amount", "debit", Q(entry_type=EntryType.DEBIT)),
            Part("amount", "credit", Q(entry_type=EntryType.CREDIT)),
        )
    )
    ordering = ["-id"]
    sortable_by = ["effective_on", "debit", "credit"]
    search_fields = ["reference_id"]
    search_help_text = "Reference or its beginning (LEASE-33-), posting number, or a driver"
    detail_template = "ledger/posting.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("<int:record_id>/void/", VoidPostingPage, "ledger_ledgerposting_void"),
            self.page("<int:record_id>/write-off/", WriteOffPage, "ledger_ledgerposting_write_off"),
            self.page("<int:record_id>/charge-again/", ChargeAgainPage, "ledger_charge_again"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerPosting]:
        return with_words(super().get_queryset(request)).select_related("driver")

    def find_exactly(self, term: str) -> Q | None:
        exactly = of_reference(term, "reference_id")
        number = number_in(term)
        return exactly if number is None else exactly | Q(pk=number)

    @admin.display(description="No.")
    def number(self, posting: LedgerPosting) -> int:
        return posting.pk

    @display(description="Kind", label=KIND_LABELS)
    def kind_label(self, posting: LedgerPosting) -> str:
        return str(Kind(posting.kind).label)

    @admin.display(description="What it is")
    def in_words(self, posting: LedgerPosting) -> str:
        return tell(posting)

    @admin.display(description="Driver")
    def of_driver(self, posting: LedgerPosting) -> SafeString:
        return driver_link(posting.driver)

    @admin.display(description="Debit", ordering="amount")
    def debit(self, posting: LedgerPosting) -> str:
        return money_cell(posting.amount if posting.entry_type == EntryType.DEBIT else None)

    @admin.display(description="Credit", ordering="amount")
    def credit(self, posting: LedgerPosting) -> str:
        return money_cell(posting.amount if posting.entry_type == EntryType.CREDIT else None)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> LedgerPosting | None:
        if number_in(object_id) is None:
            return None
        connected = "driver", "lease", "vehicle", "payment", "posted_by"
        return with_words(LedgerPosting.objects.filter(pk=object_id)).select_related(*connected).first()

    def get_detail(self, request: HttpRequest, record: LedgerPosting) -> dict[str, Any]:
        opened = LedgerBalance.objects.filter(pk=record.pk).first() if record.is_opening else None
        undone_by = LedgerPosting.objects.filter(reverses=record).first()
        newer = find_newer(record) if opened is not None and undone_by is not None else None
        return {
            "words": tell(record),
            "sentence": say(record),
            "own_act": own_act(request, record) if record.is_opening else "",
            "undone_by": undone_by,
            "facts": self._list_facts(request, record),
            "connections": self._list_connections(request, record, opened, undone_by, newer),
            "buttons": _list_buttons(request, record, opened, undone_by, newer),
        }

    def _list_facts(self, request: HttpRequest, posting: LedgerPosting) -> list[Fact]:
        def url_of(record: Any) -> str:
            return find_url(self.admin_site, request, record)

        return [
            Fact("Kind", posting.get_kind_display()),
            Fact(posting.get_entry_type_display(), format_dollars(posting.amount)),
            *([Fact("Interest in it", format_dollars(posting.income))] if posting.income else []),
            Fact("Category", posting.get_category_display()),
            Fact("Reference", posting.reference_id),
            *source_facts(request, posting.reference_id),
            Fact("Driver", posting.driver, account_url(posting.driver_id)),
            Fact("Lease", posting.lease, url_of(posting.lease)),
            Fact("Vehicle", posting.vehicle, url_of(posting.vehicle)),
            Fact("Due", posting.due_on),
            Fact("Effective", posting.effective_on),
            Fact("Reason", posting.reason),
            Fact("Posted", posting.posted_at),
            Fact("by", posting.posted_by or "the system"),
        ]

    def _list_connections(
        self,
        request: HttpRequest,
        posting: LedgerPosting,
        opened: LedgerBalance | None,
        undone_by: LedgerPosting | None,
        newer: LedgerBalance | None,
    ) -> list[Fact]:
        connected = [
            ("Opened", opened),
            ("Moves", posting.balance),
            ("Paid from", posting.funding),
            ("Undoes", posting.reverses),
            ("Undone by", undone_by),
            ("Charged anew as", newer),
            ("Payment", posting.payment),
            ("Payout", posting.payout),
        ]
        return [Fact(label, it, find_url(self.admin_site, request, it)) for label, it in connected if it is not None]


def _list_buttons(
    request: HttpRequest,
    posting: LedgerPosting,
    opened: LedgerBalance | None,
    undone_by: LedgerPosting | None,
    newer: LedgerBalance | None,
) -> list[Button]:
    buttons = []
    is_open_obligation = opened is not None and opened.is_obligation and opened.status == Status.OPEN
    if is_open_obligation and request.user.has_perm("ledger.write_off_ledgerposting"):
        buttons.append(Button("Write off", reverse("admin:ledger_ledgerposting_write_off", args=[posting.pk])))
    is_gone = posting.kind == Kind.OBLIGATION and undone_by is not None and newer is None
    if is_gone and find_own_act(posting) is None and request.user.has_perm("ledger.correct_charge"):
        buttons.append(Button("Charge again", reverse("admin:ledger_charge_again", args=[posting.pk])))
    if posting.kind != Kind.VOID and undone_by is None and request.user.has_perm("ledger.void_ledgerposting"):
        url = reverse("admin:ledger_ledgerposting_void", args=[posting.pk])
        buttons.append(Button("Void", url, is_dangerous=True))
    return buttons
