"""What every request passes before any page reads it."""

from django.http import HttpRequest, QueryDict
from django.utils.deprecation import MiddlewareMixin


class WithoutNul(MiddlewareMixin):
    """Takes the NUL signs out of what an address asks for: nobody types one, and PostgreSQL's texts hold none.

    A page that searches for what is asked would fail otherwise. What is sent by POST, each form refuses at its field.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not any("\0" in text for key, values in request.GET.lists() for text in (key, *values)):
            return
        asked = QueryDict(mutable=True)
        for key, values in request.GET.lists():
            asked.setlist(key.replace("\0", ""), [value.replace("\0", "") for value in values])
        asked._mutable = False
        # A property until it is first read; mypy knows it as that alone.
        setattr(request, "GET", asked)  # noqa: B010
