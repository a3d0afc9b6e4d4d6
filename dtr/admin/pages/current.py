"""Current balances: where each driver stands as if the week ended now, and one driver's close, run and undone."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404
from django.utils import timezone

from core.admin import Page
from core.errors import DomainError
from core.weeks import week_of
from dtr import selectors, services
from ledger import services as ledger

DRIVERS_ON_A_PAGE = 50


class CurrentBalancesPage(Page):
    """Every driver with anything to tell, who owes most first, and the sums over all of them."""

    permission_required = "ledger.view_ledgerbalance"
    title = "Current balances"
    template_name = "dtr/current.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        balances = selectors.list_current_balances(today)
        return super().get_context_data(
            page=Paginator(balances, DRIVERS_ON_A_PAGE).get_page(self.request.GET.get("page")),
            total=selectors.sum_current_balances(balances),
            week=week_of(today),
            **kwargs,
        )


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
