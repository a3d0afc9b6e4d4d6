"""JSON answers, in which no amount ever becomes a float; and which of its renderers a view answers by."""

import json
from decimal import Decimal
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class ExactJSONEncoder(JSONEncoder):
    """DRF's own turns a Decimal that no serializer has seen into a float."""

    def default(self, obj: Any) -> Any:
        return str(obj) if isinstance(obj, Decimal) else super().default(obj)


class ExactJSONRenderer(JSONRenderer):
    encoder_class = ExactJSONEncoder


def render_problem(problem: dict[str, Any]) -> bytes:
    """Return a refusal as JSON, whatever it repeats of what was sent: half a surrogate pair stands as its escape."""
    text = json.dumps(problem, cls=ExactJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


class QuickNegotiation(DefaultContentNegotiation):
    """DRF's own parses types of media for each request. Who takes anything, as most do, is given the view's first."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        if not format_suffix and request.headers.get("accept", "*/*") == "*/*":
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)
