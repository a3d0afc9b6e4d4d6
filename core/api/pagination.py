"""Pages that stay put while rows are added: each begins after the last one's key."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from core.api.fields import MAX_ID
from core.errors import CursorInvalid


class CursorByKey(CursorPagination):
    """Its view gives ``ordering``: one column, unique and a whole number, since a cursor is a place between two."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str]:
        return (view.ordering,)

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound:
            raise _invalid() from None
        position = "0" if cursor is None or cursor.position is None else str(cursor.position)
        if not (position.isascii() and position.isdecimal() and len(position) < 20 and int(position) <= MAX_ID):
            raise _invalid()
        return cursor


def _invalid() -> CursorInvalid:
    return CursorInvalid("Take the cursor from the next or previous link of an answer, as it is.")
