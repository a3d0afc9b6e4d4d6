"""Admin pages of records whose every change is kept with its author."""

from copy import copy
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest
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
        self._check_id(self.model, object_id)
        self._check_id(self.model.history.model, version_id)
        return super().history_form_view(request, object_id, version_id, extra_context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        self._check_id(self.model, object_id)
        # Who may not see the list of users is shown their names without a link.
        links = {} if request.user.has_perm("auth.view_user") else {"admin_user_view": ""}
        return super().history_view(request, object_id, {**links, **(extra_context or {})})

    def _check_id(self, model: type[Model], text: str) -> None:
        """simple-history asks the database for whatever an address names.

        :raises Http404: it can't be the key of a row
        """
        key = model._meta.pk
        try:
            key.run_validators(key.to_python(unquote(text)))
        except ValidationError:
            raise Http404 from None

    def render_history_view(self, request: HttpRequest, template: str, context: dict[str, Any], **kwargs: Any) -> Any:
        """Show an old version without the panels around a record: they tell how it stands today."""
        if "adminform" in context:
            bare = copy(self)
            bare.change_form_outer_before_template = bare.change_form_outer_after_template = None
            context["adminform"].model_admin = bare
        return super().render_history_view(request, template, context, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def leads_on(request: HttpRequest, object_id: str) -> bool:
    """Whether the address of a record's form leads on to its own page; ``?edit=1`` and what is sent do not."""
    return request.method == "GET" and "edit" not in request.GET and object_id.isdecimal() and len(object_id) <= 18
