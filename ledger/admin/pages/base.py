"""What the ledger's acts share: a driver, a preview in words and figures, and a form that is done once."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.utils import timezone

from core.admin import RecordActPage
from core.errors import DomainError
from ledger import services
from ledger.admin.cells import account_url, driver_model
from ledger.errors import IdempotencyConflict


class MoneyPage(RecordActPage):
    """An act on one driver's money, from a record of theirs. Its preview is the service itself, run and rolled back."""

    template_name = "ledger/act.html"
    has_preview = True

    @property
    def driver(self) -> Any:
        return self.record.driver

    def get_sentence(self) -> str:
        """Return what the page says of its record, above the form."""
        raise NotImplementedError

    def preview(self, form: forms.Form) -> services.MoneyPreview | None:
        return services.preview_money(driver_id=self.driver.pk, act=lambda: self.act(form), today=timezone.localdate())

    def must_be_seen(self, preview: services.MoneyPreview | None) -> bool:
        # Without steps there is nothing to see. It may be this very form, sent twice: the service answers as at first.
        return preview is not None and bool(preview.steps) and super().must_be_seen(preview)

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        if isinstance(refusal, IdempotencyConflict):
            made = refusal.facts.get("first", "Something")
            form.add_error(None, f"{made} was already made from this page. Open the page anew to make another.")
        else:
            super().refuse(form, refusal)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = kwargs.get("preview")
        if preview is not None and not preview.steps:
            kwargs["may_confirm"] = False
        context = super().get_context_data(driver=self.driver, account_url=account_url(self.driver.pk), **kwargs)
        return {**context, "sentence": self.get_sentence()}


class DriverPage(MoneyPage):
    """An act on a driver's money from the page of their account, and back to it."""

    model: ClassVar[type[Model]] = driver_model()

    @property
    def driver(self) -> Any:
        return self.record

    def get_record_url(self) -> str:
        return account_url(self.driver.pk)
