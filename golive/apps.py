from django.apps import AppConfig

from core.groups import AUDITOR, SUPERVISOR


class GoliveConfig(AppConfig):
    name = "golive"
    verbose_name = "Go-live"

    GRANTS = {
        SUPERVISOR: ["view_openingimport", "import_opening"],
        AUDITOR: ["view_openingimport"],
    }

    def ready(self) -> None:
        from core.sources import register_source
        from golive.sources import find_opening_page

        register_source("OPEN", find_opening_page)
