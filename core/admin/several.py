"""One act on several rows of a list: chosen there, looked at on one page, done by one service call each.

What can't be done to one of them is told beside it, and the others are done all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from core.admin.acts import ActPage
from core.errors import DomainError
from core.previews import rolled_back
from core.reports.columns import say_figure

#: Rows at a time: more would keep a person, and whoever waits for the same money, waiting.
MOST = 500
#: Sentences about one row; its own page tells all.
MOST_TOLD = 3
ZERO = Decimal("0.00")


class LeftAlone(Exception):
    """Nothing is to be done to this one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one of the rows; ``told`` says more of it, or why it is left alone."""

    record_id: int
    name: str
    url: str
    cells: tuple[str, ...]
    amount: Decimal | None
    is_done: bool
    told: tuple[str, ...] = ()


class SeveralPage(ActPage):
    """An act on the rows chosen in a list; the list's own box of acts leads here, by POST alone.

    A subclass gives the model, the permission, the words, the cells of a row and :meth:`act_on`, one service call.
    """

    template_name = "core/several.html"
    model: ClassVar[type[Model]]
    related: ClassVar[tuple[str, ...]] = ()
    #: The end of the page's address, and the act's name in the list's box.
    name: ClassVar[str] = ""
    #: What was done: ``voided``.
    done: ClassVar[str] = ""
    sentence: ClassVar[str] = ""
    #: Titles of the columns after the row's own name; ``amount_head`` is the last one's.
    heads: ClassVar[tuple[str, ...]] = ()
    amount_head: ClassVar[str] = "Amount"
    #: What stands for the inputs while none were typed; None where the preview depends on them.
    blank: ClassVar[Mapping[str, Any] | None] = {"reason": "Preview"}
    has_preview = True

    def cells_of(self, record: Any) -> tuple[Any, ...]:
        raise NotImplementedError

    def amount_of(self, record: Any) -> Decimal | None:
        amount: Decimal | None = record.amount
        return amount

    def act_on(self, record: Any, facts: Mapping[str, Any]) -> Any:
        """Do it to one row, by one service call.

        :raises LeftAlone: there is nothing to do
        """
        raise NotImplementedError

    def foresee(self, record: Any, facts: Mapping[str, Any]) -> Sequence[str]:
        """Return what doing it to one row would change now, in sentences; nothing is written."""
        with rolled_back():
            self.act_on(record, facts)
        return ()

    def get_title(self) -> str:
        return f"{self.verb} {self.opts.verbose_name_plural}"

    @property
    def opts(self) -> Any:
        return self.model._meta

    @cached_property
    def chosen(self) -> list[int]:
        """The rows that were chosen, each once; anything that is no key of a row is dropped."""
        asked = self.request.POST
        typed = asked.getlist(ACTION_CHECKBOX_NAME) or asked.get("chosen", "").split(",")
        return sorted({int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < 19})

    @cached_property
    def records(self) -> list[Any]:
        return list(self.model._default_manager.filter(pk__in=self.chosen).select_related(*self.related).order_by("pk"))

    @cached_property
    def list_query(self) -> str:
        """How the list was narrowed when they were chosen."""
        return self.request.POST.get("list", self.request.GET.urlencode())

    def get_cancel_url(self) -> str:
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return f"{url}?{self.list_query}" if self.list_query else url

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.get_cancel_url())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if len(self.chosen) > MOST:
            messages.error(request, f"{MOST} at a time, please. Narrow the list.")
            return redirect(self.get_cancel_url())
        if not self.records:
            messages.error(request, "None was chosen.")
            return redirect(self.get_cancel_url())
        if ACTION_CHECKBOX_NAME in request.POST:  # from the list, where nothing was typed yet
            return self.show(self.make_form(), self.look_ahead())
        return super().post(request, *args, **kwargs)

    def look_ahead(self) -> tuple[Outcome, ...] | None:
        return None if self.blank is None else self._try_all(self.blank)

    def preview(self, form: forms.Form) -> tuple[Outcome, ...]:
        return self._try_all(form.cleaned_data)

    def act(self, form: forms.Form) -> tuple[Outcome, ...]:
        return tuple(self._do(record, form.cleaned_data) for record in self.records)

    def _try_all(self, facts: Mapping[str, Any]) -> tuple[Outcome, ...]:
        return tuple(self._try(record, facts) for record in self.records)

    def _try(self, record: Any, facts: Mapping[str, Any]) -> Outcome:
        try:
            told = tuple(self.foresee(record, facts))
        except (DomainError, LeftAlone) as refusal:
            return self._tell(record, is_done=False, told=(_say(refusal),))
        shown = told if len(told) <= MOST_TOLD + 1 else (*told[:MOST_TOLD], f"And {len(told) - MOST_TOLD} more.")
        return self._tell(record, is_done=True, told=shown)

    def _do(self, record: Any, facts: Mapping[str, Any]) -> Outcome:
        # Told as it was before: the cells are those of the preview.
        before = self._tell(record, is_done=True)
        try:
            self.act_on(record, facts)
        except (DomainError, LeftAlone) as refusal:
            return self._tell(record, is_done=False, told=(_say(refusal),))
        return before

    def _tell(self, record: Any, *, is_done: bool, told: tuple[str, ...] = ()) -> Outcome:
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk])
        cells = tuple("" if cell is None else str(cell) for cell in self.cells_of(record))
        return Outcome(record.pk, str(record), url, cells, self.amount_of(record), is_done, told)

    def finish(self, result: tuple[Outcome, ...]) -> HttpResponse:
        done = sum(outcome.is_done for outcome in result)
        told = f"{done:,} {self.done}"
        if left := len(result) - done:
            told += f", {left:,} left alone"
        (messages.success if done else messages.warning)(self.request, f"{told}.")
        shown = {"preview": result, "is_result": True, "cancel_url": self.get_cancel_url()}
        return self.render_to_response(self.get_context_data(form=None, **shown))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outcomes: tuple[Outcome, ...] | None = kwargs["preview"]
        rows = outcomes if outcomes is not None else tuple(self._tell(record, is_done=True) for record in self.records)
        done = [outcome for outcome in rows if outcome.is_done]
        amounts = [outcome.amount for outcome in done if outcome.amount is not None]
        names = self.opts.verbose_name if len(done) == 1 else self.opts.verbose_name_plural
        kwargs |= {"verb": f"{self.verb} {len(done):,} {names}", "may_confirm": bool(outcomes is not None and done)}
        return super().get_context_data(
            rows=rows,
            heads=self.heads,
            amount_head=self.amount_head,
            act_verb=self.verb,
            done_count=len(done),
            left_count=len(rows) - len(done),
            chosen_count=len(rows),
            names=self.opts.verbose_name_plural,
            total=say_figure(sum(amounts, start=ZERO)) if amounts else "",
            done=self.done,
            sentence=self.sentence,
            chosen=",".join(map(str, self.chosen)),
            list_query=self.list_query,
            act_url=self.address,
            **kwargs,
        )

    @property
    def address(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{self.name}_several")


def _say(refusal: Exception) -> str:
    return refusal.message if isinstance(refusal, DomainError) else str(refusal)
