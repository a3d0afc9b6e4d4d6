"""Whom maintenance falls on under a type of lease, and since when."""

from django.contrib import admin

from core.admin.history import HistoryAdmin
from repairs.models import MaintenanceRule


@admin.register(MaintenanceRule)
class MaintenanceRuleAdmin(HistoryAdmin):
    list_display = ["lease_type", "effective_on", "is_owners", "citation"]
    list_filter = ["lease_type"]
