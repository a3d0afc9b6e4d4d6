"""Filters of lists that ask what no column holds."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter


class AnswerFilter(DropdownFilter):
    """One of a few answers, each a condition on the rows; anything else in the address asks nothing."""

    #: What the address says, with its words and its condition, worked out when it is asked for.
    answers: ClassVar[Mapping[str, tuple[str, Callable[[], Q]]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, (words, _) in self.answers.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        answer = self.answers.get(self.value() or "")
        return queryset.filter(answer[1]()) if answer else queryset
