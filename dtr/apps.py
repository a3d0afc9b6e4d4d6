from django.apps import AppConfig


class DtrConfig(AppConfig):
    name = "dtr"
    verbose_name = "DTR"
