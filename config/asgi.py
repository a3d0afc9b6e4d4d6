"""The ASGI application."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_application = get_asgi_application()

from config import startup  # noqa: E402  (it reads the apps, which are there only now)
from config.bodies import bound_asgi  # noqa: E402

startup.begin()
application = bound_asgi(_application)
