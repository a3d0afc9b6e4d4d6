"""Views of a list: kept under a name, offered over the list, forgotten."""

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from core import services
from core.admin.acts import ActPage
from core.errors import ViewNotFound
from core.models import SavedView


class ViewForm(forms.Form):
    name = forms.CharField(max_length=40, widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}))
    is_shared = forms.BooleanField(
        label="Shared",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Offered to everybody who may open this list.",
    )


class ListViewPage(ActPage):
    """What whoever may open a list may do with its views."""

    def has_permission(self) -> bool:
        return bool(self.model_admin.has_view_permission(self.request))

    @property
    def list_name(self) -> str:
        return str(self.model_admin.opts.label_lower)

    def get_list_url(self, query: str) -> str:
        opts = self.model_admin.opts
        url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        return f"{url}?{query}" if query else url


class SaveViewPage(ListViewPage):
    """Keeps the list as its address narrows and sorts it."""

    title = "Save this view"
    verb = "Save"
    form_class = ViewForm

    @property
    def query(self) -> str:
        return self.request.GET.urlencode()

    def act(self, form: forms.Form) -> SavedView:
        return services.save_view(list_name=self.list_name, query=self.query, owner=self.actor, **form.cleaned_data)

    def describe(self, result: SavedView) -> str:
        return f"{result.name} is saved; it stands over the list."

    def get_success_url(self, result: SavedView) -> str:
        return self.get_list_url(result.query)

    def get_cancel_url(self) -> str:
        return self.get_list_url(self.query)


class ForgetViewPage(ListViewPage):
    """Forgets a view of one's own."""

    verb = "Forget"
    is_dangerous = True

    def get_title(self) -> str:
        view = SavedView.objects.filter(pk=self.kwargs["view_id"], owner=self.actor).first()
        if view is None:
            raise Http404
        return f"Forget {view.name}"

    def act(self, form: forms.Form) -> SavedView:
        try:
            return services.forget_view(view_id=self.kwargs["view_id"], owner=self.actor)
        except ViewNotFound:
            raise Http404 from None

    def describe(self, result: SavedView) -> str:
        return f"{result.name} is forgotten. What it showed is still there."

    def get_success_url(self, result: Any) -> str:
        return self.get_list_url("")

    def get_cancel_url(self) -> str:
        return self.get_list_url("")
