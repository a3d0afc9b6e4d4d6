"""What miscellaneous charges may be for, and the fees that may be added to tickets."""

from django.contrib import admin

from core.admin.history import HistoryAdmin
from tickets.models import ChargeType


@admin.register(ChargeType)
class ChargeTypeAdmin(HistoryAdmin):
    list_display = ["name", "default_amount", "added_to", "is_active", "citation"]
    list_filter = ["is_active", "added_to"]
    search_fields = ["name__istartswith"]
