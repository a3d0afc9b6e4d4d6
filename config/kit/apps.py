from django.apps import AppConfig


class KitConfig(AppConfig):
    """Domain-free building blocks; its few tables (API tokens, stored answers) know nothing of taxis or money."""

    name = "config.kit"
    label = "kit"

    def ready(self) -> None:
        # Makes our Celery app the current one, so that `shared_task` in any app binds to it and not to a default.
        from config import celery  # noqa: F401
        from config.kit import groups

        groups.connect()
