"""What the ledger's acts share: a driver, a preview in words and figures, and a form that is done once."""

from typing import Any

from django import forms
from django.http import Http404
from django.utils.functional import cached_property

from core.admin import ActPage
from core.errors import DomainError
from ledger.admin.cells import account_url, driver_model
from ledger.errors import IdempotencyConflict
from ledger.services import VoidPreview
from ledger.services.rehearsals import rehearse


class MoneyPage(ActPage):
    """An act on one driver's money. Its preview is the service itself, run and rolled back."""

    template_name = "ledger/act.html"
    has_preview = True

    @property
    def driver_id(self) -> int:
        driver_id: int = self.kwargs["driver_id"]
        return driver_id

    @cached_property
    def driver(self) -> Any:
        driver = driver_model()._default_manager.filter(pk=self.driver_id).first()
        if driver is None:
            raise Http404
        return driver

    def preview(self, form: forms.Form) -> VoidPreview | None:
        return rehearse(driver_id=self.driver_id, act=lambda: self.act(form))

    def must_be_seen(self, preview: VoidPreview | None) -> bool:
        # Without steps there is nothing to see. It may be this very form, sent twice: the service answers as at first.
        return preview is not None and bool(preview.steps) and super().must_be_seen(preview)

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        if isinstance(refusal, IdempotencyConflict):
            made = refusal.facts.get("first", "a paper")
            form.add_error(None, f"{made} was already made from this page. Open the page anew to make another.")
        else:
            super().refuse(form, refusal)

    def get_cancel_url(self) -> str:
        return account_url(self.driver_id)

    def get_success_url(self, result: Any) -> str:
        return account_url(self.driver_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = kwargs.get("preview")
        if preview is not None and not preview.steps:
            kwargs["may_confirm"] = False
        return super().get_context_data(driver=self.driver, account_url=account_url(self.driver_id), **kwargs)
