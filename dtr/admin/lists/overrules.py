"""Checks of a week's close that somebody overruled: what was found, why the week closed all the same, and by whom."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter, RelatedDropdownFilter

from core.admin import Fact, MomentRangeFilter, ReadOnlyAdmin
from core.admin.search import number_in
from core.names import name_author
from core.words import say_full_day
from dtr.models import Overrule


@admin.register(Overrule)
class OverruleAdmin(ReadOnlyAdmin):
    list_display = ["overruled_at", "week_end", "check_name", "finding", "reason", "author"]
    list_filter = [
        ("overruled_at", MomentRangeFilter),
        ("week_end", RangeDateFilter),
        ("check_name", ChoicesDropdownFilter),
        ("overruled_by", RelatedDropdownFilter),
    ]
    list_select_related = ["overruled_by"]
    ordering = ["-id"]

    @admin.display(description="By")
    def author(self, overrule: Overrule) -> str:
        return name_author(overrule.overruled_by)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Overrule | None:
        return None if number_in(object_id) is None else Overrule.objects.filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: Overrule) -> dict[str, Any]:
        closes = reverse("admin:dtr_weekclose_changelist")
        return {
            "facts": [
                Fact("Check", record.get_check_name_display()),
                Fact("Found", record.finding),
                Fact("Week ending", say_full_day(record.week_end), f"{closes}?q={record.week_end}"),
                Fact("Why it may close all the same", record.reason),
                Fact("When", record.overruled_at),
                Fact("By", name_author(record.overruled_by)),
            ],
            "buttons": [],
        }
