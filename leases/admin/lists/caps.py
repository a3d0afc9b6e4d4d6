"""The legal caps on a week, as a person copied them from the rules."""

from django.contrib import admin

from core.admin.history import HistoryAdmin
from leases.models import WeeklyCap


@admin.register(WeeklyCap)
class WeeklyCapAdmin(HistoryAdmin):
    list_display = ["__str__", "lease_type", "shift", "from_on", "amount", "source"]
    list_filter = ["lease_type", "shift"]
