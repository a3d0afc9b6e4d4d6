"""Headers that Django has no setting for."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

#: What no page of ours asks a browser for, so nothing that got into one may either.
NEVER = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "microphone", "midi"),
    *("payment", "serial", "usb"),
)


class Manners(MiddlewareMixin):
    """Permissions-Policy: none of them. Cross-Origin-Resource-Policy: our files and pages are nobody else's parts."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.setdefault("Permissions-Policy", ", ".join(f"{name}=()" for name in NEVER))
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
