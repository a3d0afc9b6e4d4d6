"""Every address of the API with each method it answers, as the site's own list of addresses has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import EndpointEnumerator
from rest_framework.views import APIView

from core.api.methods import view_of


@dataclass(frozen=True)
class Route:
    """``path`` as docs and descriptions write it, with its parameters in braces."""

    method: str
    path: str
    view: type[APIView]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def list_routes() -> list[Route]:
    """Return the routes that act or read; the description itself and its page are none."""
    found = [
        Route(method, path, view_of(callback, method))
        for path, callback in _list_addresses(get_resolver().url_patterns, "/")
        for method in EndpointEnumerator().get_allowed_methods(callback)
    ]
    return [route for route in found if hasattr(route.view, "required_permissions")]


def _list_addresses(patterns: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and "/api/".startswith(path[:5]):
            yield from _list_addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("/api/"):
            yield EndpointEnumerator().get_path_from_regex(path), pattern.callback
