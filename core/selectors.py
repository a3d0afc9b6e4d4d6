"""What core's tables hold, read."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from core.models import SavedView


def list_views(owner: User, list_name: str) -> QuerySet[SavedView]:
    """Return the saved views of a list that this person is offered: their own, and those that others share."""
    return SavedView.objects.filter(Q(owner=owner) | Q(is_shared=True), list_name=list_name)
