"""The highest interest a loan may bear, and since when."""

from django.contrib import admin

from core.admin.history import HistoryAdmin
from loans.models import RateLimit


@admin.register(RateLimit)
class RateLimitAdmin(HistoryAdmin):
    list_display = ["effective_on", "highest_percent", "citation"]
