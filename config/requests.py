"""A request as the servers make it, whatever its Content-Type says."""

from collections.abc import Callable
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest

Meta = dict[str, Any]


class AsgiRequest(ASGIRequest):
    """Of an ASGI server."""

    def _set_content_type_params(self, meta: Meta) -> None:
        _read_content_type(super()._set_content_type_params, meta)  # type: ignore[misc]


class WsgiRequest(WSGIRequest):
    """Of a WSGI server."""

    def _set_content_type_params(self, meta: Meta) -> None:
        _read_content_type(super()._set_content_type_params, meta)  # type: ignore[misc]


def _read_content_type(read: Callable[[Meta], None], meta: Meta) -> None:
    """Take a Content-Type that can't be read, with a parameter in an encoding that there is not, for none.

    Django fails at it while it makes the request, when nothing answers for it yet.
    """
    try:
        read(meta)
    except ValueError:
        meta["CONTENT_TYPE"] = ""  # which the API reads again
        read(meta)
