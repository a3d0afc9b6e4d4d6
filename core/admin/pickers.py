"""What a picker of records says of each: by its name alone, nobody knows which Lease 14 is."""

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Model, QuerySet


class Picker(AutocompleteJsonView):
    """The answer to a picker. An admin with ``say_choice`` words its records, read with ``choice_related``."""

    def get_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset()
        related = getattr(self.model_admin, "choice_related", ())
        return found.select_related(*related) if related else found

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        say = getattr(self.model_admin, "say_choice", None)
        return {**result, "text": say(obj)} if say else result
