"""Papers of the rows chosen in a list, which come in slices: short requests, one after the other.

The page says how many papers are there, and offers them once all are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import render

from core.admin.chosen import ChosenPage


@dataclass(frozen=True, slots=True)
class Slice:
    """Papers as the page holds them, and what the request for the next ones brings along."""

    papers: Sequence[str]
    carried: Mapping[str, str] = field(default_factory=dict)


class SlicedPage(ChosenPage):
    """The papers of the rows chosen in a list.

    A subclass gives :meth:`make_slice` and, in ``template_name``, what is offered once all papers are there.
    """

    #: Rows of one request.
    at_once: ClassVar[int] = 25
    #: What the papers are called, and one of them.
    papers_name: ClassVar[str] = ""
    paper_name: ClassVar[str] = ""

    def make_slice(self, records: Sequence[Any], *, is_last: bool) -> Slice:
        """Return the papers of these rows."""
        raise NotImplementedError

    def answer(self) -> HttpResponse:
        rest = [record.pk for record in self.records[self.at_once :]]
        made = self.make_slice(self.records[: self.at_once], is_last=not rest)
        typed = self.request.POST.get("_of", "")
        count = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else len(self.records)
        name = self.paper_name if count == 1 else self.papers_name
        told = {"slice": made, "rest": rest, "count": count, "done": count - len(rest), "address": self.address()}
        if "_of" in self.request.POST and "HX-Request" in self.request.headers:
            return render(self.request, "core/slice.html", {**told, "name": name})
        return self.render_to_response(self.get_context_data(**told, name=name))
