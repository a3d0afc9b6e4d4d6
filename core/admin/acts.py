"""Pages of our own in the admin, and those among them that do something.

An act is a form, a preview of what it would do, one service call, and a message: by POST only, with the permission
checked at each request. It is done only once its preview was seen: when things have changed in between, the new preview
is shown instead.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from core.errors import DomainError
from core.rights import LacksRight


class Page(UnfoldModelAdminViewMixin, TemplateView):
    """A page to read. ``permission_required`` guards it; ``title`` names it in its head.

    A page whose title names its record has a :meth:`get_title` instead.
    """

    title: str = ""
    #: Rights that a page with a ``has_permission`` of its own needs, any one of them: a refusal names them. Without
    #: either it is the right to see the records that the page belongs to.
    needs: ClassVar[tuple[str, ...]] = ()

    def handle_no_permission(self) -> HttpResponseRedirect:
        """:raises LacksRight: always, with what would be needed"""
        if self.needs:
            raise LacksRight(*self.needs, joint="or")
        opts = getattr(self.model_admin, "opts", None)
        try:
            raise LacksRight(*self.get_permission_required())
        except ImproperlyConfigured:
            raise LacksRight(*([f"{opts.app_label}.view_{opts.model_name}"] if opts else [])) from None

    def get_title(self) -> str:
        return self.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "title": self.get_title()}

    @property
    def actor(self) -> User:
        """Who acts; ``permission_required`` has let nobody else in."""
        user = self.request.user
        assert isinstance(user, User)
        return user


class ActPage(Page):
    """A page that does one thing.

    A subclass gives ``form_class``, :meth:`act`, and :meth:`preview` where there are consequences to show. Whatever a
    service refuses is shown at the input at fault; nothing was written then, and what was typed is kept.
    """

    template_name = "core/act.html"
    form_class: type[forms.Form] = forms.Form
    #: What the button that does it says.
    verb: str = "Confirm"
    #: Red, for what undoes or gives away.
    is_dangerous: bool = False
    #: Whether it shows its consequences first; without them the first press does it.
    has_preview: bool = False
    #: Names of service arguments whose input is called otherwise.
    inputs: ClassVar[Mapping[str, str]] = {}
    #: Inputs that hold a record, which a link to the page may fill in: ``?driver=7``.
    filled_in: ClassVar[tuple[str, ...]] = ()

    def preview(self, form: forms.Form) -> Any:
        """Return what doing it would change now, or None where there is nothing to show; or raise the refusal."""
        return None

    def look_ahead(self) -> Any:
        """Return what the page shows before anything was typed: a preview where none of the inputs matter to it."""
        return None

    def act(self, form: forms.Form) -> Any:
        """Do it, by one service call."""
        raise NotImplementedError

    def describe(self, result: Any) -> str:
        """Return the sentence that says what was done."""
        raise NotImplementedError

    def get_success_url(self, result: Any) -> str:
        raise NotImplementedError

    def get_cancel_url(self) -> str:
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {}

    def make_form(self, data: Any = None) -> forms.Form:
        asked = {name: self.request.GET.get(name, "") for name in self.filled_in}
        filled = {name: key for name, key in asked.items() if re.fullmatch(r"[0-9]{1,18}", key)}
        return self.form_class(data, initial={**self.get_initial(), **filled}, **self.get_form_kwargs())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.make_form(), self.look_ahead())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            preview = self.preview(form)
            if "_confirm" not in request.POST or self.must_be_seen(preview):
                return self.show(form, preview)
            result = self.act(form)
        except DomainError as refusal:
            self.refuse(form, refusal)
            return self.show(form)
        return self.finish(result)

    def finish(self, result: Any) -> HttpResponse:
        messages.success(self.request, self.describe(result))
        return redirect(self.get_success_url(result))

    def must_be_seen(self, preview: Any) -> bool:
        """Whether this preview is another than the one that was on the page when the button was pressed."""
        return preview is not None and self.request.POST.get("_seen") != digest(preview)

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        """Put the refusal at its input, or above the form where there is none.

        An input ``driver`` is the one of an argument ``driver_id``, unless :attr:`inputs` says otherwise.
        """
        argument = refusal.at_field or ""
        named = (self.inputs.get(argument), argument, argument.removesuffix("_id"))
        form.add_error(next((name for name in named if name in form.fields), None), refusal.message)

    def show(self, form: forms.Form, preview: Any = None) -> HttpResponse:
        pressed_too_soon = preview is not None and "_confirm" in self.request.POST
        return self.render_to_response(
            self.get_context_data(
                form=form,
                preview=preview,
                seen=None if preview is None else digest(preview),
                pressed_too_soon=pressed_too_soon,
                verb=self.verb,
                is_dangerous=self.is_dangerous,
                # After a preview that was asked for, Enter confirms.
                confirm_focus="autofocus" if preview is not None and form.is_bound else "",
                may_confirm=preview is not None or not self.has_preview,
                cancel_url=self.get_cancel_url(),
            )
        )


class RecordPage(Page):
    """A page about the record in its address (``<int:record_id>``), which must be there."""

    model: ClassVar[type[Model]]
    #: Relations read with the record.
    related: ClassVar[tuple[str, ...]] = ()
    #: What a template calls the record, besides ``record``.
    record_name: ClassVar[str] = ""

    @cached_property
    def record(self) -> Any:
        return self.read()

    def read(self) -> Any:
        """Return the record as the database has it now."""
        rows = (
            self.model._default_manager.select_related(*self.related) if self.related else self.model._default_manager
        )
        record = rows.filter(pk=self.kwargs["record_id"]).first()
        if record is None:
            raise Http404
        return record

    def get_record_url(self) -> str:
        name = self.model._meta.label_lower.replace(".", "_")
        return reverse(f"admin:{name}_change", args=[self.kwargs["record_id"]])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        named = {self.record_name: self.record} if self.record_name else {}
        return super().get_context_data(record=self.record, record_url=self.get_record_url(), **named, **kwargs)


class RecordActPage(RecordPage, ActPage):
    """An act on one record, from its page and back to it."""

    #: What it does, in a sentence above its form.
    sentence: str = ""

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return self.get_record_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sentence=self.sentence, **kwargs)


def digest(preview: Any) -> str:
    """A fingerprint of what was shown, which a browser sends back with the button."""
    return hashlib.sha256(repr(preview).encode()).hexdigest()
