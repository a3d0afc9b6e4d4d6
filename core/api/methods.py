"""One address that answers several methods, each by a view of its own: its permission, its body and its words."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.generators import SchemaGenerator
from rest_framework.views import APIView


def by_method(*views: type[APIView]) -> Callable[..., HttpResponseBase]:
    """Return the view of an address at which each of ``views`` answers its own methods."""
    by_name = {method.upper(): view for view in views for method in view.http_method_names}
    answering = {method: view.as_view() for method, view in by_name.items()}

    class Others(APIView):
        """Refuses what none of them answers."""

        http_method_names = [method.lower() for method in by_name]  # DRF's own attribute

        @property
        def allowed_methods(self) -> list[str]:
            return list(by_name)

    refuse = Others.as_view()

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return answering.get(request.method or "", refuse)(request, *args, **kwargs)

    # What Django's middleware, DRF's schemas and the tests look for in a view.
    answer.csrf_exempt = True  # type: ignore[attr-defined]
    answer.cls = Others  # type: ignore[attr-defined]
    answer.initkwargs = {}  # type: ignore[attr-defined]
    answer.by_method = by_name  # type: ignore[attr-defined]
    return answer


def view_of(callback: Any, method: str) -> type[APIView]:
    """Return the class that answers ``method`` at a URL pattern's callback."""
    found: type[APIView] = getattr(callback, "by_method", {}).get(method, callback.cls)
    return found


class DoorsGenerator(SchemaGenerator):
    """Describes each method of such an address by its own view."""

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        if hasattr(callback, "by_method"):
            callback = view_of(callback, method).as_view()
        return super().create_view(callback, method, request)
