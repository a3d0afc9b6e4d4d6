"""Week closes: what a close would do, its start, how far it has come, and what failed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import Button, Fact, ReadOnlyAdmin, list_url
from core.words import say_full_day
from dtr import selectors
from dtr.admin.pages.ahead import CloseAheadPage
from dtr.admin.pages.closes import CloseWeekPage, ProgressPage, RetryPage, describe_status
from dtr.admin.pages.documents import WeekCsv, WeekDocument, WeekXlsx
from dtr.admin.pages.payouts import PayLastWeekPage, PayWeekPage
from dtr.admin.pages.readiness import OverrulePage, ReadinessPage
from dtr.models import Dtr, WeekClose
from ledger.money import format_dollars


@admin.register(WeekClose)
class WeekCloseAdmin(ReadOnlyAdmin):
    list_display = ["week_end", "status", "progress", "started_at", "started_by", "finished_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["week_end"]
    search_help_text = "The Saturday, as 2026-11-21"
    ordering = ["-week_end"]
    detail_template = "dtr/week_close.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("close/", CloseWeekPage, "dtr_weekclose_close"),
            self.page("readiness/", ReadinessPage, "dtr_weekclose_readiness"),
            self.page("readiness/ahead/", CloseAheadPage, "dtr_weekclose_ahead"),
            self.page("pay/", PayLastWeekPage, "dtr_weekclose_pay_last"),
            self.page("<str:week_end>/overrule/<str:check>/", OverrulePage, "dtr_weekclose_overrule"),
            self.page("<str:week_end>/progress/", ProgressPage, "dtr_weekclose_progress"),
            self.page("<str:week_end>/dtrs.pdf", WeekDocument, "dtr_weekclose_pdf"),
            self.page("<str:week_end>/dtrs.csv", WeekCsv, "dtr_weekclose_csv"),
            self.page("<str:week_end>/dtrs.xlsx", WeekXlsx, "dtr_weekclose_xlsx"),
            self.page("<str:week_end>/pay/", PayWeekPage, "dtr_weekclose_pay"),
            self.page("<str:week_end>/retry/", RetryPage, "dtr_weekclose_retry"),
            *super().get_urls(),
        ]

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        buttons = [Button("Readiness", reverse("admin:dtr_weekclose_readiness"))]
        if request.user.has_perm("dtr.close_week"):
            underway = selectors.find_open_close()
            turn = selectors.get_week_to_close(timezone.localdate())
            if underway is None and turn.end < timezone.localdate():
                close_url = reverse("admin:dtr_weekclose_close")
                buttons.insert(0, Button(f"Close the week ending {say_full_day(turn.end)}", close_url, is_main=True))
        return buttons

    def get_queryset(self, request: HttpRequest) -> QuerySet[WeekClose]:
        return selectors.list_closes()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[WeekClose], search_term: str
    ) -> tuple[QuerySet[WeekClose], bool]:
        # A date in part ("2026-03") finds its weeks: there are only fifty-two a year.
        weeks, _ = super().get_search_results(request, queryset, search_term)
        return weeks, False

    @display(description="State", label={"Open": "warning", "Closed": "success"})
    def status(self, week: WeekClose) -> str:
        return week.get_state_display()

    @admin.display(description="Batches done")
    def progress(self, week: Any) -> str:
        return f"{week.done_count} of {week.batch_count}"

    def get_detail(self, request: HttpRequest, record: WeekClose) -> dict[str, Any]:
        sums = selectors.sum_week(record.week)
        return {
            "facts": [
                Fact("State", record.get_state_display()),
                Fact("Started", record.started_at),
                Fact("By", record.started_by or "the system"),
                Fact("Finished", record.finished_at),
                Fact("DTRs", sums.dtrs),
                Fact("Card fares", format_dollars(sums.card_total)),
                Fact("Cash fares, for information", format_dollars(sums.cash_total)),
                Fact("Trip taxes", format_dollars(sums.taxes_total)),
                *([Fact("Seal when it began", record.seal_head)] if record.seal_head else []),
            ],
            "buttons": self._list_buttons(request, record),
            "overrules": selectors.list_overrules(record.week),
            "status": describe_status(selectors.get_close_status(record, timezone.now())),
        }

    def _list_buttons(self, request: HttpRequest, week: WeekClose) -> list[Button]:
        buttons = []
        if request.user.has_perm("dtr.view_dtr"):
            buttons.append(Button("DTRs of the week", list_url(Dtr, week__week_end__exact=week.week_end), is_main=True))
            if selectors.count_dtrs(week.week):
                for label, name in (("All in one PDF", "pdf"), ("CSV", "csv"), ("Excel", "xlsx")):
                    buttons.append(Button(label, reverse(f"admin:dtr_weekclose_{name}", args=[week.pk])))
        if request.user.has_perm("ledger.add_payout") and selectors.has_due_dtrs(week.week):
            buttons.append(Button("Record payouts", reverse("admin:dtr_weekclose_pay", args=[week.pk])))
        return buttons
