"""One act on several rows of a list: chosen there, looked at on one page, done by one service call each.

The page keeps what was chosen (``core/services/list_acts.py``): its address shows the rows as they are looked at, then
the form and what would happen, then what happened. So back and load again show the same, and nothing is done twice.
Many rows are worked in slices, each a short request: the page goes on by itself, and tells how far it is. What can't be
done to one of them is told beside it, and the others are done all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property

from core import services
from core.admin.chosen import ChosenPage
from core.errors import DomainError
from core.models import ListAct, ListActRow
from core.previews import rolled_back
from core.reports.columns import say_dollar_figure, say_figure
from core.words import say_full_day, say_full_moment

#: Rows and seconds of one request.
SLICE = 25
SECONDS = 2.0
#: Looked at longer ago, they are looked at again before anything is done.
LOOKED_FOR = timedelta(minutes=15)
#: The page goes on by itself only if it has not stood still for longer.
GOES_ON_FOR = timedelta(minutes=1)
#: Sentences about one row; its own page tells all.
MOST_TOLD = 3
ZERO = Decimal("0.00")

Kept = ListActRow.Outcome


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
    outcome: str
    told: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether it may be done, or was."""
        return self.outcome in (Kept.MAY, Kept.DONE)

    @property
    def is_left(self) -> bool:
        return self.outcome == Kept.LEFT

    @property
    def is_worked(self) -> bool:
        return self.outcome == Kept.DONE


class SeveralPage(ChosenPage):
    """An act on the rows chosen in a list: its beginning, and (``act_id``) the page of one that was begun.

    A subclass gives the model, the permission, the words, the cells of a row and :meth:`act_on`, one service call.
    """

    template_name = "core/several.html"
    #: What was done: ``voided``.
    done: ClassVar[str] = ""
    sentence: ClassVar[str] = ""
    #: Titles of the columns after the row's own name; ``amount_head`` is the last one's.
    heads: ClassVar[tuple[str, ...]] = ()
    amount_head: ClassVar[str] = "Amount"
    #: What stands for the inputs while none were typed; None where the preview depends on them.
    blank: ClassVar[Mapping[str, Any] | None] = {"reason": "Preview"}
    #: Inputs on which the preview depends besides, where :attr:`blank` stands for the others: ticks, unticked at first.
    looked_by: ClassVar[tuple[str, ...]] = ()
    has_preview = True

    @classmethod
    def label_in_list(cls) -> str:
        return f"{cls.verb} \u2026"

    def cells_of(self, record: Any) -> tuple[Any, ...]:
        """Return what stands beside a row's own name; days and moments are told as everywhere."""
        raise NotImplementedError

    def amount_of(self, record: Any) -> Decimal | None:
        amount: Decimal | None = record.amount
        return amount

    def amount_by(self, record: Any, facts: Mapping[str, Any]) -> Decimal | None:
        """Return what a row comes to by what was typed; its own amount, unless the act gives it one."""
        return self.amount_of(record)

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

    def tell(self, result: Any) -> Sequence[str] | None:
        """Return what was done to a row, by what the service returned; None where that is what was foreseen."""
        return None

    @property
    def row(self) -> ListActRow:
        """The row that is looked at, or done, just now."""
        return self._row

    def get_title(self) -> str:
        return f"{self.verb} {self.opts.verbose_name_plural}"

    def get_cancel_url(self) -> str:
        return self.kept.chosen_at if "act_id" in self.kwargs else self.list_url

    @cached_property
    def kept(self) -> ListAct:
        """The act, which must be the reader's own."""
        act = ListAct.objects.filter(pk=self.kwargs["act_id"], owner=self.actor, page=self.name_of_page()).first()
        if act is None:
            raise Http404
        return act

    def answer(self) -> HttpResponse:
        rows = [self._choose(record) for record in self.records]
        chosen_at = self.get_cancel_url()
        act = services.begin_list_act(owner=self.actor, page=self.name_of_page(), chosen_at=chosen_at, rows=rows)
        if self.blank is not None:
            self._look(act, self.blank)
        return redirect(f"admin:{self.name_of_page()}_act", act.pk)

    def _choose(self, record: Any) -> services.ChosenRow:
        return services.ChosenRow(record.pk, str(record), self._show_cells(record), self.amount_of(record))

    def _show_cells(self, record: Any) -> list[str]:
        return [_tell_cell(cell) for cell in self.cells_of(record)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "act_id" not in kwargs:
            return super().get(request, *args, **kwargs)
        return self._show(self.make_form(self._read_typed()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "act_id" not in kwargs:
            return super().post(request, *args, **kwargs)
        try:
            if "_leave" in request.POST:
                services.leave_list_act(self.kept, told="You left it alone.")
            elif self.kept.is_confirmed or "_go_on" in request.POST:
                self._go_on()
            else:
                form = self.make_form(request.POST)
                if not form.is_valid():
                    return self._show(form)
                self._take(form)
        except DomainError as refusal:
            messages.error(request, refusal.message)
        return self._lead_on()

    def _take(self, form: forms.Form) -> None:
        """Look again by what was typed, or do what was looked at."""
        typed = {name: self.request.POST.getlist(name) for name in form.fields}
        act, is_pressed = self.kept, "_confirm" in self.request.POST
        looked = act.typed or {}
        is_same = all(typed.get(name, []) == looked.get(name, []) for name in self.looked_by)
        is_seen = is_same if self.blank is not None else typed == act.typed
        if (
            is_pressed
            and is_seen
            and act.looked_at > timezone.now() - LOOKED_FOR
            and not act.rows.filter(outcome=Kept.CHOSEN).exists()
        ):
            services.confirm_list_act(act, typed=typed)
            self._go_on()
            return
        if is_pressed:
            messages.warning(self.request, "Not done yet: this is what it would do now. Look, then confirm.")
        if services.look_again(act, typed=typed):
            self._look(act, form.cleaned_data)

    def _go_on(self) -> None:
        """Work the next slice."""
        act = self.kept
        form = self.make_form(self._read_typed())
        if act.typed is not None and not form.is_valid():
            why = next(iter(form.errors.values()))[0]
            services.leave_list_act(act, told=f"What was typed does not hold any more: {why}")
        elif act.is_confirmed:
            do = partial(self._do, facts=form.cleaned_data)
            services.do_rows(act, do, most=SLICE, seconds=SECONDS)
        elif act.typed is not None or self.blank is not None:
            self._look(act, self.blank if act.typed is None else form.cleaned_data)

    def _look(self, act: ListAct, facts: Mapping[str, Any] | None) -> None:
        services.look_at_rows(act, partial(self._try, facts=facts or {}), most=SLICE, seconds=SECONDS)

    def _read_typed(self) -> QueryDict | None:
        if self.kept.typed is None:
            return None
        typed = QueryDict(mutable=True)
        for name, values in self.kept.typed.items():
            typed.setlist(name, values)
        return typed

    def _lead_on(self) -> HttpResponse:
        if "HX-Request" not in self.request.headers:
            return redirect(f"admin:{self.name_of_page()}_act", self.kept.pk)
        progress = self._tell_progress(self._list_rows())
        if not progress["goes_on"]:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(self.request, "core/several_progress.html", {"progress": progress, "act_url": self.request.path})

    def _try(self, row: ListActRow, facts: Mapping[str, Any]) -> tuple[bool, Sequence[str]]:
        record = self._read(row)
        if record is None:
            return False, ["It is not there any more."]
        row.name, row.cells, row.amount = str(record), self._show_cells(record), self.amount_by(record, facts)
        try:
            told = tuple(self.foresee(record, facts))
        except (DomainError, LeftAlone) as refusal:
            return False, [_say(refusal)]
        return True, told if len(told) <= MOST_TOLD + 1 else (*told[:MOST_TOLD], f"And {len(told) - MOST_TOLD} more.")

    def _do(self, row: ListActRow, facts: Mapping[str, Any]) -> tuple[bool, Sequence[str]]:
        record = self._read(row)
        if record is None:
            return False, ["It is not there any more."]
        amount = self.amount_by(record, facts)
        if amount != row.amount:
            return False, [f"It was {_figure(row.amount)} when you looked, and is {_figure(amount)} now."]
        try:
            with transaction.atomic():
                result = self.act_on(record, facts)
        except (DomainError, LeftAlone) as refusal:
            return False, [_say(refusal)]
        told = self.tell(result)
        return True, row.told if told is None else told

    def _read(self, row: ListActRow) -> Any:
        self._row = row
        return self._find([row.record_id]).first()

    def _list_rows(self) -> list[Outcome]:
        return [
            Outcome(
                row.record_id,
                row.name,
                self._url_of("change", row.record_id),
                tuple(row.cells),
                row.amount,
                row.outcome,
                tuple(row.told),
            )
            for row in self.kept.rows.all()
        ]

    def _tell_progress(self, rows: Sequence[Outcome]) -> dict[str, Any]:
        """How far it is, and whether the page goes on by itself."""
        act = self.kept
        awaited = Kept.MAY if act.is_confirmed else Kept.CHOSEN
        waiting = sum(row.outcome == awaited for row in rows)
        may_go_on = act.is_confirmed or act.typed is not None or self.blank is not None
        is_young = ListAct.objects.filter(pk=act.pk, worked_at__gt=timezone.now() - GOES_ON_FOR).exists()
        return {
            "waiting": waiting if may_go_on else 0,
            "worked": len(rows) - waiting,
            "chosen_count": len(rows),
            "names": self.opts.verbose_name_plural,
            "is_confirmed": act.is_confirmed,
            "done": self.done,
            "goes_on": bool(waiting and may_go_on and (is_young or not act.is_confirmed)),
        }

    def _show(self, form: forms.Form) -> HttpResponse:
        rows = self._list_rows()
        progress = self._tell_progress(rows)
        is_result = self.kept.is_confirmed
        is_looked_at = not progress["waiting"] and all(row.outcome != Kept.CHOSEN for row in rows)
        return self.render_to_response(
            self.get_context_data(
                form=None if is_result else form,
                rows=rows,
                is_result=is_result,
                is_looked_at=is_looked_at,
                # What is typed may be mended where nothing can be done by it.
                may_look_again=not is_looked_at or self.blank is None or self._offers_looks(form),
                offers_look=is_looked_at and self._offers_looks(form),
                may_confirm=not is_result and is_looked_at and any(row.is_done for row in rows),
                is_dangerous=self.is_dangerous,
                confirm_focus="autofocus" if self.blank is None else "",
                cancel_url=self.get_cancel_url(),
                progress=progress,
            )
        )

    def _offers_looks(self, form: forms.Form) -> bool:
        return any(name in form.fields for name in self.looked_by)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows: Sequence[Outcome] = kwargs["rows"]
        counted = [row for row in rows if (row.is_worked if kwargs["is_result"] else not row.is_left)]
        left = sum(row.is_left for row in rows)
        amounts = [row.amount for row in counted if row.amount is not None]
        names = self.opts.verbose_name if len(counted) == 1 else self.opts.verbose_name_plural
        told = f"{len(counted):,} {self.done}" + (f", {left:,} left alone" if left else "")
        return super().get_context_data(
            heads=self.heads,
            amount_head=self.amount_head,
            act_verb=self.verb,
            verb=f"{self.verb} {len(counted):,} {names}",
            done_count=len(counted),
            left_count=left,
            chosen_count=len(rows),
            names=self.opts.verbose_name_plural,
            told=told,
            total=_figure(sum(amounts, start=ZERO)) if amounts else "",
            total_dollars=say_dollar_figure(sum(amounts, start=ZERO)),
            done=self.done,
            sentence=self.sentence,
            act_url=self.request.path,
            **kwargs,
        )


def _figure(amount: Decimal | None) -> str:
    return "nothing" if amount is None else say_figure(amount)


def _tell_cell(cell: Any) -> str:
    if isinstance(cell, datetime):
        return say_full_moment(cell)
    if isinstance(cell, date):
        return say_full_day(cell)
    return "" if cell is None else str(cell)


def _say(refusal: Exception) -> str:
    return refusal.message if isinstance(refusal, DomainError) else str(refusal)
