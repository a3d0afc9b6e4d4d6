"""How the API is described in OpenAPI."""

import re
from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from core.api.answers import HEADER, MAX_KEY
from core.api.problems import MEDIA_TYPE


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Made in the admin under *API tokens*.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The admin's session.",
        }


class InputErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="Dotted path to the field, as in `allocations.0.amount`.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457, with the error's stable `code`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="For programs; it never changes. docs/api.md lists them.")
    field = serializers.CharField(required=False, help_text="The argument at fault.")
    facts = serializers.DictField(required=False, help_text="The figures behind the sentence.")
    request_id = serializers.CharField(required=False, help_text="The answer's `X-Request-Id`, as the log has it.")
    errors = InputErrorSerializer(  # type: ignore[assignment]  # a member of the problem, not the serializer's own
        many=True, required=False, help_text="Each error of an `invalid_input`."
    )


def problems(*statuses: int) -> dict[tuple[int, str], type[ProblemSerializer]]:
    """Return the ``responses`` of a view that may refuse with these statuses; 400, 401 and 403 may always be."""
    return {(status, MEDIA_TYPE): ProblemSerializer for status in sorted({400, 401, 403, *statuses})}


def _key_parameter(*, required: bool, description: str) -> OpenApiParameter:
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"}
    return OpenApiParameter(HEADER, schema, OpenApiParameter.HEADER, required=required, description=description)


#: Of an act that says so.
_SINCE = "Sent again under its key, it answers in `voided` what was undone since."

IDEMPOTENCY_KEY = _key_parameter(
    required=True, description="Your name for this request. Sent again, it gets its first answer and does no work."
)
OPTIONAL_IDEMPOTENCY_KEY = _key_parameter(
    required=False, description="With it, a request sent again gets its first answer instead of a refusal."
)


class _DoorSchema(AutoSchema):
    """Reads what a door says of itself: its app, its name, its query, its body and its answer."""

    #: An Act, a Look or Rows; they say what is read here.
    view: Any

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """What is sent has no members but these, and what the serializer says of them together."""
        described = super()._map_basic_serializer(serializer, direction)
        if getattr(serializer, "may_leave_out", False):
            described.pop("required", None)
        if direction == "request" and hasattr(serializer, "takes_together"):
            described |= {"additionalProperties": False, **serializer.takes_together}
        return described

    def get_operation_id(self) -> str:
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__).lower()
        return f"{self._app}_{words}"

    def get_tags(self) -> list[str]:
        return [self._app]

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        permissions = ", ".join(f"`{name}`" for name in self.view.required_permissions)
        return f"{type(self.view).__doc__}\n\nPermission: {permissions}."

    @property
    def _app(self) -> str:
        return type(self.view).__module__.partition(".")[0]


class LookSchema(_DoorSchema):
    """Of a view that reads."""

    def get_override_parameters(self) -> list[Any]:
        asked = [self.view.filters] if self.view.filters().fields else []
        if hasattr(self.view, "serializer_class"):
            asked.append(self._name_fields())
        return asked

    def _name_fields(self) -> OpenApiParameter:
        """Which names `fields` may have."""
        name = f"({'|'.join(self.view.serializer_class().fields)})"
        pattern = {"type": "string", "pattern": f"^{name}(,{name})*$"}
        return OpenApiParameter(
            "fields", pattern, description="Names of a row's members, with commas between: only those are answered."
        )

    def get_response_serializers(self) -> Any:
        rows = getattr(self.view, "serializer_class", None)
        found = _row_of(rows)(many=True) if rows else self.view.answers
        return {200: found, **problems(404, 406, 409, 429, 503)}


@cache
def _row_of(serializer: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return a row as a list answers it: `fields` may leave out any member."""
    name = serializer.__name__.removesuffix("Serializer")
    return type(f"{name}RowSerializer", (serializer,), {"may_leave_out": True, "__doc__": serializer.__doc__})


class ActSchema(_DoorSchema):
    """Of an act."""

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        told = super().get_description()
        return told if type(self.view).tell_since.__qualname__ == "Act.tell_since" else f"{told}\n\n{_SINCE}"

    def get_override_parameters(self) -> list[Any]:
        return [IDEMPOTENCY_KEY if self.view.needs_key else OPTIONAL_IDEMPOTENCY_KEY, self.view.query]

    def get_request_serializer(self) -> Any:
        return self.view.body

    def get_response_serializers(self) -> Any:
        done = dict.fromkeys({200, self.view.status}, self.view.answers)
        return {**done, **problems(404, 406, 409, 411, 413, 415, 422, 429, 503)}

    def get_examples(self) -> list[OpenApiExample]:
        example = self.view.example
        return [OpenApiExample("As in docs/api.md", example, request_only=True)] if example else []
