"""Requests are counted by django-prometheus: by view, method and status, and how long they took.

Its middleware would label what strangers send as they please. So its counting is called from one function, and a method
is one of those that there are.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django_prometheus.middleware import PrometheusAfterMiddleware, PrometheusBeforeMiddleware
from prometheus_client import disable_created_metrics

disable_created_metrics()  # a second line for each figure: when it was counted first

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_OTHER = "other"


class BoundedMiddleware(PrometheusAfterMiddleware):
    def label_metric(self, metric: Any, request: HttpRequest, response: Any = None, **labels: str) -> Any:
        if labels.get("method", "GET") not in _METHODS:
            labels["method"] = _OTHER
        return _find_figure(metric, **labels) if labels else metric


@cache  # there are as many as there are views, methods and answers; the client looks for its own in six times as long
def _find_figure(metric: Any, **labels: str) -> Any:
    return metric.labels(**labels)


def count_requests(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware around all but the request's name. A path that is no page's is the view `<unnamed view>`."""
    before, after = PrometheusBeforeMiddleware(get_response), BoundedMiddleware(get_response)

    def answer(request: HttpRequest) -> HttpResponse:
        before.process_request(request)
        after.process_request(request)
        response = after.process_response(request, get_response(request))
        counted: HttpResponse = before.process_response(request, response)
        return counted

    return answer
