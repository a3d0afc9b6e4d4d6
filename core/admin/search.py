"""One rule of search for the records of somebody: by what names a record exactly, or else by whose it is."""

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from core.admin.records import ReadOnlyAdmin
from core.sources import number_in as number_in  # lists take both from here

#: People a name may stand for before a list stops widening, and says so.
MAX_OWNERS = 200


class OwnedRecordAdmin(ReadOnlyAdmin):
    """Records that belong to a person; ``owner_field`` names the foreign key."""

    owner_field = "driver"

    def find_exactly(self, term: str) -> Q | None:
        """Return what the term names exactly, if it can name anything."""
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # Two questions one after the other, each on an index: an OR of both could use none.
        exactly = self.find_exactly(term)
        if exactly is not None and queryset.filter(exactly).exists():
            return queryset.filter(exactly), False
        model = self.model._meta.get_field(self.owner_field).related_model
        assert isinstance(model, type)
        return queryset.filter(**{f"{self.owner_field}__in": list_owners(self.admin_site, request, model, term)}), False


def list_owners(site: AdminSite, request: HttpRequest, model: type[Model], term: str) -> list[Any]:
    """Return the keys of the people that a few letters find, at most ``MAX_OWNERS``; of more, the list says so."""
    found = list(find_owners(site, request, model, term).values_list("pk", flat=True)[: MAX_OWNERS + 1])
    return cut_and_tell(request, found)


def cut_and_tell(request: HttpRequest, found: list[Any]) -> list[Any]:
    """Return the first ``MAX_OWNERS`` of what was found; of more, the list says so."""
    if len(found) > MAX_OWNERS:
        request.shows_owners = MAX_OWNERS  # type: ignore[attr-defined]
    return found[:MAX_OWNERS]


def find_owners(site: AdminSite, request: HttpRequest, model: type[Model], term: str) -> QuerySet[Any]:
    """Return the people that a few letters find, by the search of their own list; none to who may not see them."""
    owners = site.get_model_admin(model)
    if not term or not owners.has_view_permission(request):
        return model._default_manager.none()
    found, _ = owners.get_search_results(request, owners.get_queryset(request), term)
    ordered: QuerySet[Any] = found.order_by(*(model._meta.ordering or ["pk"]))
    return ordered
