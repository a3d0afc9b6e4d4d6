"""One driver's current balance: their coming close, run and undone. All drivers' are a report."""

from typing import Any

from django.http import Http404
from django.utils import timezone

from core.admin import Page
from core.errors import DomainError
from core.weeks import week_of
from dtr import services
from ledger import services as ledger


class CurrentBalancePage(Page):
    """One driver's row, worked out by running the close for them and undoing it."""

    permission_required = "ledger.view_ledgerbalance"
    template_name = "dtr/current_driver.html"

    def get_title(self) -> str:
        return "Current balance"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        context: dict[str, Any] = {"week": week_of(today)}
        try:
            context["row"] = services.preview_driver(driver_id=self.kwargs["driver_id"], today=today)
        except ledger.DriverNotFound:
            raise Http404 from None
        except DomainError as refusal:
            context["refusal"] = refusal.message
        return super().get_context_data(**context, **kwargs)
