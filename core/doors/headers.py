"""Headers that Django has no setting for: what a page may load and run, and what it may ask the browser for."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

#: What no page of ours asks a browser for, so nothing that got into one may either.
NEVER = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "microphone", "midi"),
    *("payment", "serial", "usb"),
)


@sync_and_async_middleware
def tell_browsers(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware, before what answers with files: they are told too."""
    policy = "; ".join(f"{name} {' '.join(sources)}" for name, sources in settings.CONTENT_SECURITY_POLICY.items())
    never = ", ".join(f"{name}=()" for name in NEVER)

    def tell(response: HttpResponse) -> HttpResponse:
        # A developer's error pages have their scripts and styles within.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            response.setdefault("Content-Security-Policy", policy)
        response.setdefault("Permissions-Policy", never)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    if iscoroutinefunction(get_response):

        async def in_loop(request: HttpRequest) -> HttpResponse:
            return tell(await get_response(request))

        return in_loop

    def in_thread(request: HttpRequest) -> HttpResponse:
        return tell(get_response(request))

    return in_thread
