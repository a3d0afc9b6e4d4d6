"""The ASGI application."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from config.surroundings import refuse_weak_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
refuse_weak_key(settings.SECRET_KEY)
