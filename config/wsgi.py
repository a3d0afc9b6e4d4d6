"""The WSGI application."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.surroundings import refuse_weak_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_application = get_wsgi_application()
refuse_weak_key(settings.SECRET_KEY)

from config.bodies import bound_wsgi  # noqa: E402  (it reads the apps, which are there only now)

application = bound_wsgi(_application)
