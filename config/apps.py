from django.apps import AppConfig
from django.conf import settings

from config.surroundings import refuse_weak_token


class ConfigConfig(AppConfig):
    """The top of the house: it knows every app, and none of them knows it. Its commands load the demo."""

    name = "config"

    def ready(self) -> None:
        # Makes our Celery app the current one, so that `shared_task` in any app binds to it and not to a default.
        from config import (
            celery,  # noqa: F401
            data_folder,  # noqa: F401  (registers its check)
        )
        from config.finders import find_pages
        from core.finders import register_finder

        register_finder(170, "", find_pages)
        refuse_weak_token(settings.METRICS_TOKEN)
