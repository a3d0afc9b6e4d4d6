"""Django, ready for a process of the bench; imported before anything that needs it."""

import os

import django
from django.apps import apps

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # A pool would hold connections to databases that are copied or dropped; a line a batch is no part of what is
    # measured.
    os.environ.setdefault("DATABASE_POOL", "off")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    django.setup()
