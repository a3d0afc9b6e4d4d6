"""Find anything: the page that shows all groups, and the same results in the palette that Ctrl K opens."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils import timezone
from django.views.generic import TemplateView

from core.finders import clean_term, find_anything, is_too_short


class FoundInPalette(TemplateView):
    """What a few words find, without a frame; nothing is written, and what the user may not see is not found.

    It takes the place of Unfold's own search, which keeps its answers for minutes.
    """

    template_name = "core/find_results.html"
    #: What the address calls the words.
    asked_as: ClassVar[str] = "s"
    list_id: ClassVar[str] = "command-results-list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        term = clean_term(self.request.GET.get(self.asked_as, ""))
        groups = find_anything(self.request.user, term, at=timezone.now())
        return {
            **super().get_context_data(**kwargs),
            "may_act": any(hit.act_url for group in groups for hit in group.hits),
            "is_palette": type(self) is FoundInPalette,
            "term": term,
            "list_id": self.list_id,
            "is_too_short": is_too_short(term),
            "groups": groups,
        }


class FindPage(FoundInPalette):
    """The same inside the frame, by ``q``: for whoever has no script, or wants the results to stay."""

    template_name = "core/find.html"
    asked_as = "q"
    list_id = "find-results-list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**admin.site.each_context(self.request), **super().get_context_data(**kwargs), "title": "Find anything"}
