"""Reading: rows a page at a time, or one thing. Each view asks one selector."""

from datetime import date
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.answers import get_teller
from core.api.fields import NumberField, StrictSerializer, TextField, read_query
from core.api.pagination import CursorByKey
from core.api.permissions import HasPermissions
from core.api.schema import LookSchema


class PageFilters(StrictSerializer):
    """What every list is asked."""

    cursor = TextField(required=False, help_text="From the `next` or `previous` link of an answer.")
    page_size = NumberField(
        required=False, min_value=1, max_value=CursorByKey.max_page_size, help_text="Rows a page; 50 without it."
    )
    fields = TextField(required=False)  # type: ignore[assignment]  # a parameter, not the serializer's own


class NoFilters(StrictSerializer):
    """Nothing is asked but the address."""


class Rows(ListAPIView[Any]):
    """Rows, newest first, or as ``ordering`` says. A subclass gives its filters and asks a selector in :meth:`find`."""

    permission_classes = (HasPermissions,)
    http_method_names = ("get", "head")
    pagination_class = CursorByKey
    schema = LookSchema()

    required_permissions: ClassVar[tuple[str, ...]]
    filters: ClassVar[type[PageFilters]] = PageFilters
    #: One column, unique and a whole number, since a cursor is a place between two.
    ordering: ClassVar[str] = "-id"

    @property
    def today(self) -> date:
        """The day in New York."""
        return timezone.localdate()

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        """Return the rows asked for; the page is cut from them."""
        raise NotImplementedError

    def get(self, request: Request, *args: Any, **where: Any) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[Any]:
        self._asked = read_query(self.filters, self.request)
        return self.find({**self.kwargs, **self._asked})

    def get_serializer(self, *args: Any, **options: Any) -> Any:
        rows: Any = super().get_serializer(*args, **options)
        _keep_only(rows.child, self._asked.get("fields"))
        return rows


class Look(APIView):
    """One thing, or figures. A subclass asks a selector in :meth:`find` and tells it by the serializer ``answers``."""

    permission_classes = (HasPermissions,)
    http_method_names = ("get", "head")
    schema = LookSchema()

    required_permissions: ClassVar[tuple[str, ...]]
    filters: ClassVar[type[StrictSerializer]] = NoFilters
    answers: ClassVar[type[serializers.BaseSerializer[Any]]]

    @property
    def today(self) -> date:
        """The day in New York."""
        return timezone.localdate()

    def find(self, asked: dict[str, Any]) -> Any:
        """Return what is asked for."""
        raise NotImplementedError

    def get(self, request: Request, **where: Any) -> Response:
        found = self.find({**where, **read_query(self.filters, request)})
        return Response(get_teller(self.answers).to_representation(found))


def _keep_only(row: serializers.Serializer[Model], wanted: str | None) -> None:
    """Leave out of ``row`` what ``wanted``, names with commas between, does not name.

    :raises ValidationError: a name is no member of the row
    """
    if wanted is None:
        return
    names = wanted.split(",")
    unknown = [name for name in names if name not in row.fields]
    if unknown:
        sentence = f"A row has no {unknown[0][:80]!r}; it has {', '.join(row.fields)}."
        raise serializers.ValidationError({"fields": [serializers.ErrorDetail(sentence, code="unknown_field")]})
    for name in set(row.fields) - set(names):
        del row.fields[name]
