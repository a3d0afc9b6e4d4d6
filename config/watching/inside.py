"""What is asked from inside: answered before anything else is, whatever host it is asked by, over plain HTTP too.

A balancer, a supervisor or Prometheus asks by an address of the machine, which ALLOWED_HOSTS need not name. Nothing
here believes the host, nor knows a session.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from config.watching.health import healthz, livez, readyz
from config.watching.metrics import metrics

ADDRESSES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/livez": livez,
    "/readyz": readyz,
    "/healthz": healthz,
    "/metrics": metrics,
}


def answer_inside(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware that answers these addresses, and hands on every other."""

    def answer(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = ADDRESSES.get(request.path, get_response)(request)
        return response

    return answer
