"""What a picker of records says of each: by its name alone, nobody knows which Lease 14 is."""

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Model


class Picker(AutocompleteJsonView):
    """The answer to a picker. An admin with ``say_choices`` words its records, all of a page at once, by their keys."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        say = getattr(self.model_admin, "say_choices", None)
        self.words: dict[int, str] = say(list(context["object_list"])) if say else {}
        return context

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        return {**result, "text": self.words.get(obj.pk, result["text"])}
