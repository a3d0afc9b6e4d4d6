"""What is asked from inside: answered before anything else is, whatever host it is asked by, over plain HTTP too.

A balancer, a supervisor or Prometheus asks by an address of the machine, which ALLOWED_HOSTS need not name. Nothing
here believes the host, nor knows a session.
"""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from config.watching.health import healthz, livez, readyz
from config.watching.metrics import metrics

ADDRESSES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/livez": livez,
    "/readyz": readyz,
    "/healthz": healthz,
    "/metrics": metrics,
}


@sync_and_async_middleware
def answer_inside(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware that answers these addresses, and hands on every other."""
    if iscoroutinefunction(get_response):

        async def in_loop(request: HttpRequest) -> HttpResponse:
            view = ADDRESSES.get(request.path)
            response: HttpResponse = await (sync_to_async(view)(request) if view else get_response(request))
            return response

        return in_loop

    def in_thread(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = ADDRESSES.get(request.path, get_response)(request)
        return response

    return in_thread
