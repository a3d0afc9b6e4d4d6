"""Headers that Django has no setting for: what a page may load and run, and what it may ask the browser for."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: What no page of ours asks a browser for, so nothing that got into one may either.
NEVER = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "microphone", "midi"),
    *("payment", "serial", "usb"),
)


def tell_browsers(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware, before what answers with files: they are told too."""
    policy = "; ".join(f"{name} {' '.join(sources)}" for name, sources in settings.CONTENT_SECURITY_POLICY.items())
    never = ", ".join(f"{name}=()" for name in NEVER)

    def answer(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        # A developer's error pages have their scripts and styles within.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            response.setdefault("Content-Security-Policy", policy)
        response.setdefault("Permissions-Policy", never)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return answer
