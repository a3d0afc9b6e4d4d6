"""A door to one service: reads a body, asks the service, answers what it did, and does a request once."""

from datetime import date
from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.answers import answer, answer_once, get_teller, read_idempotency_key
from core.api.fields import StrictSerializer, read_body, read_query
from core.api.permissions import HasPermissions
from core.api.schema import ActSchema
from core.previews import rolled_back
from core.services.answers import Answer


class ActQuery(StrictSerializer):
    """How an act is asked for."""

    dry_run = serializers.BooleanField(
        required=False,
        help_text="`true`: the act is tried and taken back. The answer is what it would be, with status 200 and "
        "`dry_run`; ids and numbers in it are not kept, and the key is not used up.",
    )


class NoBody(StrictSerializer):
    """Nothing, or an empty object."""


class Act(APIView):
    """One act. A subclass gives its permissions, its body and its answer, and calls its service in :meth:`perform`.

    What the act did is what ``perform`` returns, told by the serializer ``answers``. Path parameters are handed to it
    among the body's values.
    """

    permission_classes = (HasPermissions,)
    http_method_names = ("post",)
    schema = ActSchema()

    required_permissions: ClassVar[tuple[str, ...]]
    body: ClassVar[type[StrictSerializer]] = NoBody
    answers: ClassVar[type[serializers.BaseSerializer[Any]]]
    query: ClassVar[type[StrictSerializer]] = ActQuery
    #: Of the answer; 201 where something is made.
    status: ClassVar[int] = 200
    #: Whether a request without a key is refused: sent twice, it could do its work twice.
    needs_key: ClassVar[bool] = False
    #: Whether ``perform`` lets each error of its services pass, so that none of them has to be undone by itself.
    is_one_service: ClassVar[bool] = False
    #: A body, as an example in the API's description.
    example: ClassVar[dict[str, Any] | None] = None

    #: What the query said.
    how: dict[str, Any]
    #: What the body and the address said.
    asked: dict[str, Any]

    @property
    def actor(self) -> User:
        """Who asks."""
        return cast(User, self.request.user)

    @property
    def today(self) -> date:
        """The day in New York."""
        return timezone.localdate()

    @property
    def service_key(self) -> str | None:
        """The request's key as a service keeps it: for good, and not just as long as answers are stored."""
        return None if self._key is None else f"api:{self.actor.pk}:{self._key}"

    def post(self, request: Request, **where: Any) -> HttpResponse:
        self.how = read_query(self.query, request)
        self._key = read_idempotency_key(request, required=self.needs_key)
        self.asked = asked = {**where, **read_body(self.body, request)}
        if self.how.get("dry_run", False):
            return Response(self.preview(asked))
        return answer_once(
            request, self._key, lambda: self._work(asked), self.tell_since, is_one_service=self.is_one_service
        )

    def perform(self, asked: dict[str, Any]) -> Any:
        """Ask the service, and return what it did."""
        raise NotImplementedError

    def preview(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what would be answered, with `dry_run`; nothing is written."""
        with rolled_back():
            return {**self.tell(self.perform(asked)), "dry_run": {}}

    def tell(self, done: Any) -> dict[str, Any]:
        """Return the answer's body."""
        return dict(get_teller(self.answers).to_representation(done))

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return what became since of what was answered before, for a request that comes again: members to add.

        What names nothing in its answer that could be voided is found by what was ``asked``.
        """
        return {}

    def _work(self, asked: dict[str, Any]) -> Answer:
        return answer(self.tell(self.perform(asked)), status=self.status)
