"""DTRs: the list, one DTR with every posting behind it, and its document."""

import re
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from core.admin import Button, Fact, OwnedRecordAdmin, label_of, list_url
from curb import selectors as curb
from curb.models import Trip
from dtr import exports, selectors
from dtr.admin.pages.documents import DtrDocument
from dtr.admin.pages.payouts import PayDtrPage
from dtr.models import Dtr
from ledger.money import ZERO

#: Postings on a DTR's page, the first ones; nobody reads more of them there.
MAX_ENTRIES = 500

_DTR_NUMBER = re.compile(r"(?:DTR-?)?0*(\d{1,18})", re.IGNORECASE)


@admin.register(Dtr)
class DtrAdmin(OwnedRecordAdmin):
    list_display = [
        "reference_id",
        "week_ending",
        "driver",
        "lease",
        "held",
        "owed_due",
        "owed_later",
        "money",
        "sealed_at",
    ]
    list_filter = [("week", AutocompleteSelectFilter), ("driver", AutocompleteSelectFilter)]
    search_fields = ["number"]
    search_help_text = "Number of the DTR, or first letters of a driver's name, or a TLC license number"
    ordering = ["-week_id", "number"]
    detail_template = "dtr/dtr.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("<int:record_id>/pdf/", DtrDocument, "dtr_dtr_pdf"),
            self.page("<int:record_id>/pay/", PayDtrPage, "dtr_dtr_pay"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dtr]:
        return selectors.list_dtrs()

    def find_exactly(self, term: str) -> Q | None:
        number = _DTR_NUMBER.fullmatch(term)
        return Q(number=int(number.group(1))) if number else None

    @admin.display(description="DTR")
    def reference_id(self, dtr: Dtr) -> str:
        return dtr.reference_id

    @admin.display(description="Activity through")
    def cut(self, dtr: Dtr) -> Any:
        return dtr.sealed_at

    @admin.display(description="Week ending")
    def week_ending(self, dtr: Dtr) -> Any:
        return dtr.week_id

    @admin.display(description="Net due to the driver")
    def money(self, dtr: Dtr) -> str:
        return f"{dtr.net_due:,.2f}"

    def get_detail(self, request: HttpRequest, record: Dtr) -> dict[str, Any]:
        lines = list(record.lines.all())
        entries = selectors.list_dtr_entries(record)
        siblings = list(selectors.list_siblings(record))
        return {
            "facts": self._list_facts(request, record),
            "buttons": [
                Button("PDF", reverse("admin:dtr_dtr_pdf", args=[record.pk]), is_main=True),
                *_offer_payment(request, record),
                *_link_trip_log(request, record),
            ],
            "tables": [
                ("What the driver owes", exports.tabulate_owed(lines)),
                ("What the fleet holds for the driver", exports.tabulate_held(lines)),
                ("Lease deposits, apart", exports.tabulate_deposits(lines)),
            ],
            "undone": selectors.list_undone_of([record]).get(record.pk, []),
            "taxes": _list_taxes(record),
            "entries": entries[:MAX_ENTRIES],
            "entry_count": len(entries),
            "payouts": selectors.list_payouts_of([record])[record.reference_id],
            "siblings": siblings if len(siblings) > 1 else [],
            "net_due_of_all": sum((sibling.net_due for sibling in siblings), ZERO),
        }

    def _list_facts(self, request: HttpRequest, dtr: Dtr) -> list[Fact]:
        cab = dtr.lease.vehicle if dtr.lease else None
        return [
            Fact("Driver", dtr.driver, self.link_to(request, dtr.driver)),
            Fact("Lease", dtr.lease or "Without a lease", self.link_to(request, dtr.lease)),
            Fact("Cab", cab, self.link_to(request, cab)),
            Fact("Week", f"{dtr.days.start:%b %-d, %Y} to {dtr.week_id:%b %-d, %Y}"),
            Fact("Activity through", dtr.sealed_at),
        ]


def _offer_payment(request: HttpRequest, dtr: Dtr) -> list[Button]:
    if not request.user.has_perm("ledger.add_payout") or not selectors.list_payable_dtrs(dtr.days, [dtr.pk]):
        return []
    return [Button("Record its payout", reverse("admin:dtr_dtr_pay", args=[dtr.pk]))]


def _link_trip_log(request: HttpRequest, dtr: Dtr) -> list[Button]:
    if not request.user.has_perm("curb.view_trip"):
        return []
    whose: dict[str, Any] = {"week_end__exact": dtr.week_id, "driver__id__exact": dtr.driver_id}
    whose |= {"lease__isnull": True} if dtr.lease_id is None else {"lease__id__exact": dtr.lease_id}
    return [Button("Trip log", list_url(Trip, **whose))]


def _list_taxes(dtr: Dtr) -> list[tuple[str, Decimal]]:
    trips = curb.list_trips_of(week=dtr.days, driver_id=dtr.driver_id, lease_id=dtr.lease_id)
    return [(label_of(Trip, column), amount) for column, amount in curb.sum_taxes_by_kind(trips).items() if amount]
