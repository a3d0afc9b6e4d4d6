"""Views of lists, kept and forgotten by whoever they belong to."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from core.checks import check_text
from core.errors import ViewNameTaken, ViewNotFound
from core.models import SavedView


def save_view(*, list_name: str, name: str, query: str, is_shared: bool, owner: User) -> SavedView:
    """Keep how a list is narrowed, under a name.

    :raises core.errors.ValueInvalid: no name, or it or the query is too long
    :raises ViewNameTaken: the owner has a view of this list by this name
    """
    name = check_text(name, field="name", longest=40)
    query = check_text(query, field="query", longest=2000, required=False)
    try:
        with transaction.atomic():
            return SavedView.objects.create(
                list_name=list_name, name=name, query=query, is_shared=is_shared, owner=owner
            )
    except IntegrityError:
        raise ViewNameTaken(f"You have a view named {name} of this list.") from None


def forget_view(*, view_id: int, owner: User) -> SavedView:
    """Forget a view, for all who were offered it. Nothing that it shows is touched.

    :raises ViewNotFound: the owner has no such view
    """
    view = SavedView.objects.filter(pk=view_id, owner=owner).first()
    if view is None:
        raise ViewNotFound("You have no such view.")
    view.delete()
    return view
