"""Admin pages of records whose every change is kept with its author."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from core.admin.records import ListAdmin


class HistoryAdmin(SimpleHistoryAdmin, ListAdmin):
    """A record that is changed in its form and never deleted. Its history is for reading.

    Going back is one more change, made in the form: simple-history's own *Revert* would save an old version past the
    form's checks, and takes a POST from whoever may merely look.
    """

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
