"""Events for programs that ask for them: all facts above a number, in their order."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from core import selectors
from core.api.fields import MAX_ID, NumberField, StrictSerializer, TextField
from core.api.looks import Look
from core.events import list_kinds

LIMIT = 100
MOST = 1000


class KindsField(TextField):
    """Kinds of events, with commas between them."""

    default_error_messages = {"unknown_kind": "There is no kind of event {kind!r}; docs/events.md lists them."}

    def to_internal_value(self, data: Any) -> Any:
        named = super().to_internal_value(data).split(",")
        known = list_kinds()
        for kind in named:
            if kind not in known:
                self.fail("unknown_kind", kind=kind[:40])
        return sorted(set(named))


class EventFilters(StrictSerializer):
    after = NumberField(
        required=False, min_value=0, max_value=MAX_ID, help_text="Events above this number; 0, so all, without it."
    )
    limit = NumberField(required=False, min_value=1, max_value=MOST, help_text=f"So many at most; {LIMIT} without it.")
    kinds = KindsField(required=False, max_length=2000, help_text="Of these kinds alone: `paid,voided`.")


class EventSerializer(serializers.Serializer[selectors.ToldEvent]):
    """A fact. The same is sent to webhooks."""

    id = serializers.IntegerField(help_text="Its number; the next one's is higher, and rarely by one.")
    type = serializers.CharField(source="kind", help_text="What happened: `paid`. docs/events.md lists the kinds.")
    timestamp = serializers.DateTimeField(source="at", help_text="When it happened.")
    data: Any = serializers.DictField(help_text="What it is about: ids, references, amounts as decimal strings.")


class EventsSerializer(serializers.Serializer[Any]):
    results = EventSerializer(many=True)
    next_after = serializers.IntegerField(help_text="What to send as `after` next; nothing is missed by it.")


class Events(Look):
    """Events above a number, lowest first. An empty list says that there is nothing new yet."""

    required_permissions = ("core.view_event",)
    filters = EventFilters
    answers = EventsSerializer

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        events, next_after = selectors.list_events_after(
            asked.get("after", 0), limit=asked.get("limit", LIMIT), kinds=asked.get("kinds", ())
        )
        return {"results": events, "next_after": next_after}


class KindsFieldInWords(OpenApiSerializerFieldExtension):
    """Which kinds there are is known when all apps are loaded."""

    target_class = "core.api.events.KindsField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        kind = f"({'|'.join(list_kinds())})"
        return {"type": "string", "pattern": f"^{kind}(,{kind})*$", "maxLength": 2000}
