"""What core's tables hold, read."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from core.models import ListAct, ListActRow, SavedView


def list_views(owner: User, list_name: str) -> QuerySet[SavedView]:
    """Return the saved views of a list that this person is offered: their own, and those that others share."""
    return SavedView.objects.filter(Q(owner=owner) | Q(is_shared=True), list_name=list_name)


def list_unfinished_acts(owner: User, pages: Collection[str]) -> list[tuple[ListAct, int]]:
    """Return this person's confirmed acts of these pages of which rows are not done yet, each with how many."""
    is_waiting = Q(rows__outcome=ListActRow.Outcome.MAY)
    unfinished = ListAct.objects.filter(is_waiting, owner=owner, page__in=pages, is_confirmed=True)
    return [(act, act.waiting) for act in unfinished.annotate(waiting=Count("rows")).order_by("pk")]
