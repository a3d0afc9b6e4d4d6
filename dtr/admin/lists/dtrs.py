"""DTRs: the list, one DTR with every posting behind it, and its document."""

import re
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter

from core.admin import AnswerFilter, Button, Fact, ListSum, OwnedRecordAdmin, Part, list_url, money_cell, money_column
from curb.models import TripCount
from dtr import exports, selectors
from dtr.admin.pages.current import CurrentBalancePage
from dtr.admin.pages.documents import DtrDocument, PrintDtrsPage
from dtr.admin.pages.payouts import PayDtrPage
from dtr.admin.pages.several import PayDtrsPage
from dtr.models import Dtr
from ledger.categories import PaymentMethod as Method
from ledger.money import ZERO

#: Postings on a DTR's page, the first ones; nobody reads more of them there.
MAX_ENTRIES = 500

#: Filters of the list by which few DTRs are left.
_NARROWS = ("week__", "driver__", "sealed_on_")
_DTR_NUMBER = re.compile(r"(?:DTR-?)?0*(\d{1,18})", re.IGNORECASE)


class PaidOutFilter(AnswerFilter):
    title = "payout"
    parameter_name = "paid_out"
    answers = {
        "no": ("Not paid out yet, of the week closed last", selectors.is_unpaid),
        "yes": ("Paid out, of the week chosen or closed last", selectors.is_paid_out),
    }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dtr]) -> QuerySet[Dtr]:
        found = super().queryset(request, queryset)
        # No index tells which were paid: of all weeks each DTR would be asked for its payout.
        if self.value() == "yes" and not any(name.startswith(_NARROWS) for name in request.GET):
            last = selectors.find_last_closed_week()
            found = found.filter(week=last.end) if last else found.none()
        return found


class LastMethodFilter(AnswerFilter):
    """How a driver is paid is told by their last payout; nobody says it of them."""

    title = "not paid out, driver paid last"
    parameter_name = "paid_last"
    answers = {
        **{
            method.value: (f"By {method.label}", partial(selectors.is_unpaid_of_method, method.value))
            for method in Method
        },
        "never": ("Never yet", partial(selectors.is_unpaid_of_method, "")),
    }


@admin.register(Dtr)
class DtrAdmin(OwnedRecordAdmin):
    list_display = [
        "reference_id",
        "week_ending",
        "driver",
        "lease",
        "held_money",
        "owed_due_money",
        "owed_later_money",
        "money",
        "sealed_at",
    ]
    list_filter = [
        ("week", AutocompleteSelectFilter),
        PaidOutFilter,
        LastMethodFilter,
        ("sealed_on", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
    ]
    several_pages = (PayDtrsPage, PrintDtrsPage)
    list_sum = ListSum(
        (
            Part(F("held") - F("owed_due"), "due to drivers", Q(held__gt=F("owed_due"))),
            Part(F("owed_due") - F("held"), "due from drivers", Q(held__lt=F("owed_due"))),
        )
    )
    sortable_by = ["week_ending", "held_money", "owed_due_money", "owed_later_money", "money"]
    indexed_order = ("week",)
    search_fields = ["number"]
    search_help_text = "Number of the DTR, or a driver"
    ordering = ["-week_id", "number"]
    detail_template = "dtr/dtr.html"
    held_money = money_column("held", "Held")
    owed_due_money = money_column("owed_due", "Owed, due")
    owed_later_money = money_column("owed_later", "Owed, later")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("current/<int:driver_id>/", CurrentBalancePage, "dtr_dtr_current_driver"),
            self.page("<int:record_id>/pdf/", DtrDocument, "dtr_dtr_pdf"),
            self.page("<int:record_id>/pay/", PayDtrPage, "dtr_dtr_pay"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dtr]:
        return selectors.list_dtrs()

    def find_exactly(self, term: str) -> Q | None:
        number = _DTR_NUMBER.fullmatch(term)
        return Q(number=int(number.group(1))) if number else None

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm("ledger.add_payout"):
            return []
        return [Button("Record payouts of the week closed last", reverse("admin:dtr_weekclose_pay_last"))]

    @admin.display(description="DTR")
    def reference_id(self, dtr: Dtr) -> str:
        return dtr.reference_id

    @admin.display(description="Activity through")
    def cut(self, dtr: Dtr) -> Any:
        return dtr.sealed_at

    @admin.display(description="Week ending", ordering="week")
    def week_ending(self, dtr: Dtr) -> Any:
        return dtr.week_id

    @admin.display(description="Net due for the week", ordering=F("held") - F("owed_due"))
    def money(self, dtr: Dtr) -> str:
        return money_cell(dtr.net_due)

    def dollars_of(self, dtr: Dtr) -> Decimal:
        return dtr.net_due

    def get_detail(self, request: HttpRequest, record: Dtr) -> dict[str, Any]:
        (paper,) = selectors.list_papers([record])
        content = exports.describe_dtr(paper)
        siblings = [*paper.siblings, record]
        return {
            "facts": self._list_facts(request, record),
            "buttons": [
                Button("PDF", reverse("admin:dtr_dtr_pdf", args=[record.pk]), is_main=True),
                *_offer_payment(request, record),
                *_link_trip_log(request, record),
            ],
            # The page says what the paper says, in the paper's words.
            "paper": content,
            "sections": _list_sections(content | {"charges": exports.list_charges(paper)}),
            "entries": [(row, paper.words[row.entry.posting_id]) for row in paper.entries[:MAX_ENTRIES]],
            "entry_count": len(paper.entries),
            "payouts": selectors.list_payouts_of([record])[record.reference_id],
            "siblings": paper.siblings,
            "net_due_of_all": sum((sibling.net_due for sibling in siblings), ZERO),
        }

    def _list_facts(self, request: HttpRequest, dtr: Dtr) -> list[Fact]:
        return [
            Fact("Driver", f"{dtr.driver_name} ({dtr.tlc_license})", self.link_to(request, dtr.driver)),
            Fact("Lease", dtr.lease_name, self.link_to(request, dtr.lease)),
            Fact("Cab", f"{dtr.medallion}, plate {dtr.plate}" if dtr.plate else dtr.medallion),
            Fact("Week", f"{dtr.days.start:%b %-d, %Y} to {dtr.week_id:%b %-d, %Y}"),
            Fact("Sealed on", f"{dtr.sealed_on:%b %-d, %Y}"),
            Fact("Activity through", dtr.sealed_at),
            *([Fact("Seal of the ledger", dtr.seal_head)] if dtr.seal_head else []),
        ]


def _offer_payment(request: HttpRequest, dtr: Dtr) -> list[Button]:
    if not request.user.has_perm("ledger.add_payout") or not selectors.list_payable_dtrs(dtr.days, [dtr.pk]):
        return []
    return [Button("Record its payout", reverse("admin:dtr_dtr_pay", args=[dtr.pk]))]


def _link_trip_log(request: HttpRequest, dtr: Dtr) -> list[Button]:
    if not request.user.has_perm("curb.view_tripcount"):
        return []
    whose: dict[str, Any] = {"week_end__exact": dtr.week_id, "driver__id__exact": dtr.driver_id}
    whose |= {"lease__isnull": True} if dtr.lease_id is None else {"lease__id__exact": dtr.lease_id}
    return [Button("Trip log", list_url(TripCount, **whose))]


def _list_sections(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The tables of a DTR in the order of its document, those that have rows; ``words`` columns come before figures."""
    tables = [
        _section("Card earnings and other trips of the week", content["trips"], words=2),
        _rows_section("Trip taxes of card and cash trips", ["Tax", "Trips and rule", "Amount"], content["taxes"]),
        _section("What you owe", content["owed"]),
        _section("What the fleet holds for you", content["held"]),
        _section("Your lease deposit, apart", content["deposits"]),
        _rows_section("Undone this week", ["What", "Why", "Amount"], content["undone"]),
        _rows_section(
            "Charges, and what is left of them", ["Due", "What", "Document", "Charged", "Left"], content["charges"]
        ),
        _rows_section("Handed in, credited and paid out", ["Date", "What", "Amount"], content["money"]),
        _rows_section("What you repay in parts", ["Plan", "", "Left"], content["plans"]),
        _rows_section("Year to date, all your leases", ["", "Amount"], content["year"]),
    ]
    return [table for table in tables if table["rows"]]


def _section(title: str, figures: dict[str, Any] | None, *, words: int = 1) -> dict[str, Any]:
    return {"title": title, "words": words, **(figures or {"rows": []})}


def _rows_section(title: str, names: list[str], rows: list[list[str]]) -> dict[str, Any]:
    money = 2 if "Left" in names and "Charged" in names else 1
    return {"title": title, "names": names, "rows": rows, "words": len(names) - money}
