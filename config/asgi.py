"""The ASGI application."""

import gc
import os

from asgiref.sync import sync_to_async
from django import setup
from django.apps import apps
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class OneThreadHandler(ASGIHandler):
    """Django's own, but a request goes to its thread once, where each middleware would take it there and back."""

    def load_middleware(self, is_async: bool = True) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response)(request)


if not apps.ready:
    gc.disable()  # as in manage.py: until core's app has it look again
setup(set_prefix=False)
_application = OneThreadHandler()

from config import startup  # noqa: E402  (it reads the apps, which are there only now)
from config.bodies import bound_asgi  # noqa: E402

startup.begin()
application = bound_asgi(_application)
