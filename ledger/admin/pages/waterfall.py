"""The page that sets the priority order from a day on."""

from typing import Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage
from ledger import services
from ledger.forms import WaterfallOrderForm
from ledger.models import WaterfallOrder
from ledger.selectors import get_waterfall_order


class SetOrderPage(ActPage):
    permission_required = "ledger.add_waterfallorder"
    title = "Set the priority order"
    template_name = "ledger/set_order.html"
    form_class = WaterfallOrderForm
    verb = "Set the order"
    inputs = {"categories": "place_0"}

    def get_initial(self) -> dict[str, Any]:
        today = timezone.localdate()
        places = enumerate(get_waterfall_order(today))
        return {"effective_on": today, **{f"place_{place}": category for place, category in places}}

    def act(self, form: Any) -> WaterfallOrder:
        with transaction.atomic():
            order = services.set_waterfall_order(
                effective_on=form.cleaned_data["effective_on"],
                categories=form.categories(),
                today=timezone.localdate(),
            )
            # The order itself does not say who set it.
            LogEntry.objects.log_actions(self.actor.pk, [order], ADDITION, single_object=True)
        return order

    def describe(self, result: WaterfallOrder) -> str:
        return f"The order is in force from {result.effective_on:%b %-d, %Y}."

    def get_success_url(self, result: WaterfallOrder) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:ledger_waterfallorder_changelist")
