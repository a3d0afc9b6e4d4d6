"""Filters of lists that ask what no column holds."""

from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, time
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import localdate
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter, RangeDateTimeFilter
from unfold.utils import parse_date_str, parse_datetime_str

from core.clock import in_new_york
from core.weeks import Week, find_week_ending, week_of
from core.words import say_week

_ENDS = ("from", "to")
#: Half a year: an older week is found by its days.
WEEKS_OFFERED = 27


class AnswerFilter(DropdownFilter):
    """One of a few answers, each a condition on the rows; anything else in the address asks nothing."""

    #: What the address says, with its words and its condition, worked out when it is asked for.
    answers: ClassVar[Mapping[str, tuple[str, Callable[[], Q]]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, (words, _) in self.answers.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        answer = self.answers.get(self.value() or "")
        return queryset.filter(answer[1]()) if answer else queryset


class WeekFilter(DropdownFilter):
    """Days of one pay week, named by its Saturday; the newest are offered, and an address may name an older one."""

    title = "pay week"
    parameter_name = "pay_week"
    #: The column of the days, which an index or the order of its rows finds.
    days_of: ClassVar[str] = ""

    @property
    def week(self) -> Week | None:
        return find_week_ending(self.value())

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        weeks = [week_of(localdate())]
        while len(weeks) < WEEKS_OFFERED:
            weeks.append(weeks[-1].previous)
        asked = self.week
        if asked is not None and asked not in weeks:
            weeks.append(asked)
        return [(week.end.isoformat(), say_week(week, told_on=weeks[0].end)) for week in weeks]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        week = self.week
        return queryset if week is None else queryset.filter(**{f"{self.days_of}__range": (week.start, week.end)})


class MomentRangeFilter(RangeDateTimeFilter):
    """Moments between two of New York's clock, both included; a day alone is all of it.

    Unfold's own compares with moments of no clock at all.
    """

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for end, lookup, otherwise in (("from", "gte", time.min), ("to", "lte", time.max)):
            name = f"{self.parameter_name}_{end}"
            day, clock = (self.used_parameters.get(f"{name}_{part}") for part in (0, 1))
            moment = parse_datetime_str(f"{day} {clock or otherwise}") if day else None
            if moment is not None and MINYEAR < moment.year < MAXYEAR:
                queryset = queryset.filter(**{f"{self.parameter_name}__{lookup}": in_new_york(moment)})
        return queryset


def is_read(asked: Any) -> bool:
    """Whether a filter understands the days and moments that it is asked for: one that is none would narrow nothing."""
    if isinstance(asked, RangeDateFilter):
        return None not in map(parse_date_str, asked.used_parameters.values())
    if isinstance(asked, WeekFilter):
        return not asked.value() or asked.week is not None
    if isinstance(asked, RangeDateTimeFilter):
        ends = [[asked.used_parameters.get(f"{asked.parameter_name}_{end}_{part}") for part in (0, 1)] for end in _ENDS]
        return all(
            parse_datetime_str(f"{day} {clock or time.min}") is not None if day else not clock for day, clock in ends
        )
    return True
