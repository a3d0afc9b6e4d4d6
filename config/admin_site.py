"""The site of the admin: Unfold's, which works out the list of all apps only for a page that shows it."""

from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import sites
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class FleetSite(UnfoldAdminSite):
    """Each page has the menu of ``config.sidebar`` in its place, which knows what everybody may see."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Return the apps and their models that somebody may see, when they are looked at."""
        return SimpleLazyObject(lambda: super(FleetSite, self).get_app_list(request, app_label))


class UnfoldConfig(AppConfig):
    """Unfold, with this site in place of its own."""

    name = "unfold"

    def ready(self) -> None:
        admin.site = sites.site = FleetSite()
