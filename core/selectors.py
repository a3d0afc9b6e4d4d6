"""What core's tables hold, read."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from core.models import ListAct, ListActRow, SavedView


def list_views(owner: User, list_name: str) -> QuerySet[SavedView]:
    """Return the saved views of a list that this person is offered: their own, and those that others share."""
    return SavedView.objects.filter(Q(owner=owner) | Q(is_shared=True), list_name=list_name)


def list_unfinished_acts(owner: User, pages: Collection[str]) -> QuerySet[ListAct]:
    """Return this person's acts of these pages that were confirmed, and of which ``waiting`` rows are not done yet."""
    is_waiting = Q(rows__outcome=ListActRow.Outcome.MAY)
    return (
        ListAct.objects.filter(is_waiting, owner=owner, page__in=pages, is_confirmed=True)
        .annotate(waiting=Count("rows"))
        .order_by("pk")
    )
