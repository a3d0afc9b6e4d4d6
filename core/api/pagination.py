"""Pages that stay put while rows are added: each begins after the last one's key."""

import re
from base64 import b64decode
from typing import Any

from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from core.api.fields import MAX_ID
from core.errors import CursorInvalid

#: What a cursor of ours says: a key, and whether to go back from it. DRF reads others too, and most as the first page.
_PLACE = re.compile("(r=1&)?p=([0-9]{1,19})")


class CursorByKey(CursorPagination):
    """Its view gives ``ordering``: one column, unique and a whole number, since a cursor is a place between two."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str]:
        return (view.ordering,)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the place that a request names, or None where it names none.

        :raises CursorInvalid: it can't be from a link of ours
        """
        given = request.query_params.get(self.cursor_query_param)
        if given is None:
            return None
        try:
            place = _PLACE.fullmatch(b64decode(given, validate=True).decode("ascii"))
        except ValueError:
            place = None
        if place is None or int(place[2]) > MAX_ID:
            raise CursorInvalid("Take the cursor from the next or previous link of an answer, as it is.")
        return Cursor(offset=0, reverse=place[1] is not None, position=int(place[2]))
