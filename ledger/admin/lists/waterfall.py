"""The dated order in which credits pay obligations."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone

from core.admin import Button, Fact, ReadOnlyAdmin
from core.admin.search import number_in
from ledger.admin.pages.waterfall import SetOrderPage
from ledger.categories import Category
from ledger.models import WaterfallOrder
from ledger.selectors import get_waterfall_order


@admin.register(WaterfallOrder)
class WaterfallOrderAdmin(ReadOnlyAdmin):
    list_display = ["effective_on", "order", "created_at"]
    ordering = ["-effective_on", "-id"]
    change_list_template = "ledger/orders.html"

    def get_urls(self) -> list[URLPattern]:
        return [self.page("set/", SetOrderPage, "ledger_waterfallorder_set"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        in_force = [Category(name).label for name in get_waterfall_order(timezone.localdate())]
        return super().changelist_view(request, {"in_force": in_force, **(extra_context or {})})

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm("ledger.add_waterfallorder"):
            return []
        return [Button("Set the order", reverse("admin:ledger_waterfallorder_set"), is_main=True)]

    @admin.display(description="Order")
    def order(self, setting: WaterfallOrder) -> str:
        return " → ".join(setting.categories)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> WaterfallOrder | None:
        return None if number_in(object_id) is None else WaterfallOrder.objects.filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: WaterfallOrder) -> dict[str, Any]:
        author = LogEntry.objects.filter(
            content_type__app_label="ledger", content_type__model="waterfallorder", object_id=str(record.pk)
        ).select_related("user")
        entry = author.first()
        buttons = []
        if request.user.has_perm("ledger.add_waterfallorder"):
            buttons.append(Button("Set the order", reverse("admin:ledger_waterfallorder_set")))
        return {
            "facts": [
                Fact("In force from", record.effective_on),
                Fact("Order", " → ".join(str(Category(name).label) for name in record.categories)),
                Fact("Set", record.created_at),
                Fact("by", entry.user if entry else "the system"),
            ],
            "buttons": buttons,
        }
