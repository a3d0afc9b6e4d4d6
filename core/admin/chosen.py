"""What is asked of rows chosen in a list: an act on each of them, their papers, or a file of them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from core.admin.acts import ActPage

#: Rows at a time: more would keep a person, and whoever waits for the same money, waiting.
MOST = 500
TOO_MANY = f"{MOST} at a time, please. Narrow the list."


class ChosenPage(ActPage):
    """What is asked of the rows chosen in a list; the list's own bar leads here, by POST alone."""

    model: ClassVar[type[Model]]
    related: ClassVar[tuple[str, ...]] = ()
    #: The end of the page's address, and its name in the list's bar.
    name: ClassVar[str] = ""
    #: Rows that the list found, where all of them were chosen at once.
    all_of_list: Sequence[int] | None = None

    @classmethod
    def label_in_list(cls) -> str:
        """What its button over the list says."""
        return cls.verb

    @classmethod
    def name_of_page(cls) -> str:
        """The name of its address, as ``admin:<name>`` finds it."""
        return f"{cls.model._meta.app_label}_{cls.model._meta.model_name}_{cls.name}_several"

    @classmethod
    def address(cls) -> str:
        """Where a page sends the rows that were chosen on it."""
        return reverse(f"admin:{cls.name_of_page()}")

    @property
    def opts(self) -> Any:
        return self.model._meta

    @cached_property
    def chosen(self) -> list[int]:
        """The rows that were chosen, each once; anything that is no key of a row is dropped."""
        if self.all_of_list is not None:
            return sorted(self.all_of_list)
        typed = self.request.POST.getlist(ACTION_CHECKBOX_NAME)
        return sorted({int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < 19})

    @cached_property
    def records(self) -> list[Any]:
        return list(self._find(self.chosen))

    def _find(self, keys: Sequence[int]) -> Any:
        return self.model._default_manager.filter(pk__in=keys).select_related(*self.related).order_by("pk")

    @property
    def list_url(self) -> str:
        """The list as it was narrowed when they were chosen; of the pages that act on rows, another one may be."""
        url = self._url_of("changelist")
        query = self.request.GET.urlencode()
        return f"{url}?{query}" if query else url

    def _url_of(self, name: str, *args: object) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def get_cancel_url(self) -> str:
        return self.list_url

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.get_cancel_url())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if len(self.chosen) > MOST or not self.records:
            messages.error(request, TOO_MANY if self.records else "None was chosen.")
            return redirect(self.get_cancel_url())
        return self.answer()

    def answer(self) -> HttpResponse:
        """Return what was asked of the rows."""
        raise NotImplementedError
