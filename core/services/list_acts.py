"""Acts on several rows of a list, kept: begun, looked at row by row, confirmed, and done row by row.

Each row is one transaction, in which it is done and told, or neither. So a request that ends early, a page that is
loaded again and two windows that go on at once do nothing twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from time import monotonic

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from core.models import ListAct, ListActRow
from core.transactions import bounded_transaction, busy_by_name

Outcome = ListActRow.Outcome
#: What is done with a row: whether it may be or was done, and what is told of it.
Work = Callable[[ListActRow], tuple[bool, Sequence[str]]]

#: How long an act is told to whoever asked for it.
KEEP_ACTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """A row as it was chosen."""

    record_id: int
    name: str
    cells: Sequence[str]
    amount: Decimal | None


@transaction.atomic
def begin_list_act(*, owner: User, page: str, chosen_at: str, rows: Sequence[ChosenRow]) -> ListAct:
    """Keep an act on these rows, of which nothing is looked at or done yet; the owner's old ones are forgotten."""
    ListAct.objects.filter(owner=owner, created_at__lt=Now() - KEEP_ACTS).delete()
    act = ListAct.objects.create(owner=owner, page=page, chosen_at=chosen_at)
    ListActRow.objects.bulk_create(
        ListActRow(act=act, record_id=row.record_id, name=row.name, cells=list(row.cells), amount=row.amount)
        for row in rows
    )
    act.refresh_from_db()
    return act


@bounded_transaction
def look_again(act: ListAct, *, typed: Mapping[str, list[str]] | None) -> bool:
    """Have every row of an act looked at from the beginning, by what was typed; False where it is confirmed already."""
    locked = ListAct.objects.select_for_update().get(pk=act.pk)
    if locked.is_confirmed:
        return False
    ListAct.objects.filter(pk=act.pk).update(typed=typed, looked_at=Now(), worked_at=Now())
    act.rows.update(outcome=Outcome.CHOSEN, told=[], given="")
    act.refresh_from_db()
    return True


@bounded_transaction
def confirm_list_act(act: ListAct, *, typed: Mapping[str, list[str]]) -> None:
    """Let the rows be done that may be; what was confirmed before stays as it was confirmed."""
    ListAct.objects.filter(pk=act.pk, is_confirmed=False).update(typed=typed, is_confirmed=True, worked_at=Now())
    act.refresh_from_db()


def look_at_rows(act: ListAct, look: Work, *, most: int, seconds: float) -> None:
    """Look at rows that nobody has looked at, at most so many and for so long."""
    _work(act, look, Outcome.CHOSEN, Outcome.MAY, most, seconds)


def do_rows(act: ListAct, do: Work, *, most: int, seconds: float) -> None:
    """Do a confirmed act to rows that are not done yet, at most so many and for so long."""
    _work(act, do, Outcome.MAY, Outcome.DONE, most, seconds)


@bounded_transaction
def leave_list_act(act: ListAct, *, told: str) -> None:
    """Leave alone what is not done yet of an act, and say why."""
    ListAct.objects.select_for_update().get(pk=act.pk)
    act.rows.filter(outcome__in=[Outcome.CHOSEN, Outcome.MAY]).update(outcome=Outcome.LEFT, told=[told])


def _work(act: ListAct, work: Work, waiting: Outcome, worked: Outcome, most: int, seconds: float) -> None:
    began = monotonic()
    for place in range(most):
        if place and monotonic() - began > seconds:
            return
        with busy_by_name(), transaction.atomic():
            # One at a time: whoever else goes on with this act takes the next row after this one.
            kept = ListAct.objects.select_for_update().get(pk=act.pk)
            if kept.is_confirmed != (waiting == Outcome.MAY):
                return
            row = act.rows.filter(outcome=waiting).order_by("pk").first()
            if row is None:
                return
            may, told = work(row)
            row.outcome, row.told = worked if may else Outcome.LEFT, list(told)
            row.save()
            ListAct.objects.filter(pk=act.pk).update(worked_at=Now())
