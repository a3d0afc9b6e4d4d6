"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_application = get_wsgi_application()

from config import startup  # noqa: E402  (it reads the apps, which are there only now)
from config.bodies import bound_wsgi  # noqa: E402
from config.requests import WsgiRequest  # noqa: E402

_application.request_class = WsgiRequest
startup.begin()
application = bound_wsgi(_application)
