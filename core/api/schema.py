"""How the API is described in OpenAPI."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from core.api.answers import HEADER, MAX_KEY
from core.api.problems import MEDIA_TYPE


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "From `manage.py create_api_token`."}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "The admin's session."}


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
    errors = InputErrorSerializer(  # type: ignore[assignment]  # a member of the problem, not the serializer's own
        many=True, required=False, help_text="Each error of an `invalid_input`."
    )


def problems(*statuses: int) -> dict[tuple[int, str], type[ProblemSerializer]]:
    """Return the ``responses`` of a view that may refuse with these statuses; 400, 401 and 403 may always be."""
    return {(status, MEDIA_TYPE): ProblemSerializer for status in sorted({400, 401, 403, *statuses})}


def _key_parameter(*, required: bool, description: str) -> OpenApiParameter:
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"}
    return OpenApiParameter(HEADER, schema, OpenApiParameter.HEADER, required=required, description=description)


IDEMPOTENCY_KEY = _key_parameter(
    required=True, description="Your name for this request. Sent again, it gets its first answer and does no work."
)
OPTIONAL_IDEMPOTENCY_KEY = _key_parameter(
    required=False, description="With it, a request sent again gets its first answer instead of a refusal."
)
