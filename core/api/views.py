"""What no app has: the description of the API, the page to read it, and the address that is none."""

from typing import Any, NoReturn

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class UnknownAddress(APIView):
    """Says so as a problem, where Django would answer with a page."""

    schema = None
    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotFound("There is nothing at this address.")


#: The description as each of its formats tells it, from the first who asks on: it takes a second to write.
_described: dict[str, bytes] = {}


class SchemaView(SpectacularAPIView):
    """The one description there is. (Its parent takes a version and a language as they come, into a header.)"""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        _refuse_parameters(request, but=())
        renderer: Any = request.accepted_renderer
        if renderer.media_type not in _described:
            described = self.generator_class().get_schema(public=True)
            _described[renderer.media_type] = renderer.render(described, renderer.media_type, {})
        name = self._get_filename(request, version=None)
        return HttpResponse(
            _described[renderer.media_type],
            content_type=renderer.media_type + (f"; charset={renderer.charset}" if renderer.charset else ""),
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )


class DocsView(SpectacularSwaggerSplitView):
    """The page, and with ``?script=`` the script that starts it."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        _refuse_parameters(request, but=("script",))
        response: Response = super().get(request, *args, **kwargs)
        return response


def _refuse_parameters(request: Request, *, but: tuple[str, ...]) -> None:
    """:raises ValidationError: naming each parameter of the query that means nothing here"""
    unknown = [name[:80] for name in request.query_params if name not in but]
    if unknown:
        none = ErrorDetail("There is no such parameter here.", code="unknown_field")
        raise ValidationError({name: [none] for name in unknown})
