"""What waits for people, which any app lists in its ``desk`` module: Home asks for all of it at once.

A stack is rows that somebody must do something about. All stacks of a person are counted by one statement, however
many there are and however long each is.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, DateField, DecimalField, Expression, Min, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from core.discovery import load_modules
from core.models import WebhookEndpoint

_MONEY = DecimalField(max_digits=20, decimal_places=2)

#: A SELECT and its named parameters.
Select = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Rows that wait for whoever has the permission.

    ``rows`` and ``address`` (of the page where they are worked at) are told today, New York's. ``amount`` and ``since``
    are aggregates over the rows: the dollars in them, and the day from which the oldest waits. ``count`` stands where a
    row is not yet one thing to do. ``select`` stands for all of these where what waits is rows of no model, each with
    its ``amount``. ``say`` gives the sentence below the title.
    """

    name: str
    title: str
    permission: str
    address: Callable[[date], str]
    say: "Callable[[Waiting, date], str]"
    rows: Callable[[date], QuerySet[Any]] | None = None
    select: Callable[[date], Select] | None = None
    amount: Expression | None = None
    since: Expression | None = None
    count: Expression | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stack with something in it: how many, dollars (None where there is no money in it), the oldest's day."""

    stack: Stack
    count: int
    amount: Decimal | None
    since: date | None


_stacks: dict[str, Stack] = {}


def register_stack(stack: Stack) -> None:
    """Have a stack counted.

    :raises ValueError: the name is another stack's
    """
    if stack.name in _stacks:
        raise ValueError(f"There is a stack named {stack.name} already.")
    _stacks[stack.name] = stack


def list_stacks() -> list[Stack]:
    """Return the stacks of every installed app, by name."""
    load_modules("desk")
    return sorted(_stacks.values(), key=lambda stack: stack.name)


def list_waiting(user: User | AnonymousUser, *, today: date, names: Collection[str] | None = None) -> list[Waiting]:
    """Return what waits for the user, the most money first, by one statement. Empty stacks are left out.

    ``names`` asks for these stacks alone.
    """
    may = [
        stack for stack in list_stacks() if (names is None or stack.name in names) and user.has_perm(stack.permission)
    ]
    waiting = [one for one in sum_stacks(may, today=today) if one.count]
    return sorted(waiting, key=lambda one: (-abs(one.amount or Decimal()), -one.count, one.stack.name))


def sum_stacks(stacks: Collection[Stack], *, today: date) -> list[Waiting]:
    """Return how much is in each of the stacks, in their order, by one statement; the empty ones too."""
    if not stacks:
        return []
    selects: list[str] = []
    given: dict[str, Any] = {}
    for place, stack in enumerate(stacks):
        select, parameters = _sum_stack(stack, today)
        # Each has its parameters for itself; what is no parameter of it keeps its percent signs.
        own = {name: f"{name}_{place}" for name in parameters}
        selects.append(select.replace("%%", "%%%%") % {name: f"%({other})s" for name, other in own.items()})
        given |= {other: parameters[name] for name, other in own.items()}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"({select})" for select in selects), given)
        summed = {name: told for name, *told in cursor.fetchall()}
    return [_wait(stack, *summed.get(stack.name, (0, None, None))) for stack in stacks]


def _wait(stack: Stack, count: int | None, amount: Decimal | None, since: date | None) -> Waiting:
    has_money = stack.amount is not None or stack.select is not None
    return Waiting(stack, count or 0, amount or Decimal() if has_money else None, since)


def _sum_stack(stack: Stack, today: date) -> Select:
    """Return a SELECT of the stack's name, how much waits, the dollars in it and since when; of none a row or none."""
    if stack.select is not None:
        select, parameters = stack.select(today)
        told = "SELECT %(stack)s, count(*), sum(amount), NULL::date"
        return f"{told} FROM ({select}) AS waiting", {**parameters, "stack": stack.name}
    assert stack.rows is not None
    # Grouped by its own name alone, so that it is one row beside those of the others.
    named = stack.rows(today).order_by().annotate(stack=Value(stack.name)).values("stack")
    rows = named.annotate(
        waiting=stack.count or Count("pk"),
        waiting_amount=Coalesce(Cast(stack.amount or Value(0), _MONEY), Value(0), output_field=_MONEY),
        waiting_since=Cast(stack.since or Value(None), DateField()),
    ).values_list("stack", "waiting", "waiting_amount", "waiting_since")
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT %(stack)s, 0, NULL::numeric, NULL::date", {"stack": stack.name}
    names = [f"given_{place}" for place in range(len(values))]
    return sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


register_stack(
    Stack(
        name="core.webhooks",
        title="Webhooks that are paused",
        permission="core.manage_webhookendpoint",
        rows=lambda today: WebhookEndpoint.objects.filter(state=WebhookEndpoint.State.PAUSED),
        since=Min("paused_at"),
        address=lambda today: f"{reverse('admin:core_webhookendpoint_changelist')}?state__exact=PAUSED",
        say=lambda waiting, today: "What happens meanwhile waits, and is sent once they are resumed.",
    )
)
