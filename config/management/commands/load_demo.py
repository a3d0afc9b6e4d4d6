"""``manage.py load_demo``: a fleet to look at, unless there is one already."""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo import PeopleHere, load_demo


class Command(BaseCommand):
    help = "Load the demo fleet: 40 drivers and eight past weeks, through the services. Run again, it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        def say(sentence: str) -> None:
            self.stdout.write(sentence)
            self.stdout.flush()

        logging.disable(logging.INFO)  # of eight weeks, each file and each batch would be a line
        try:
            if not load_demo(today=timezone.localdate(), say=say):
                self.stdout.write("The demo is here already; nothing was changed.")
        except PeopleHere as refusal:
            raise CommandError(f"{refusal} Nothing was changed; give the demo a DATA_DIR of its own.") from None
        finally:
            logging.disable(logging.NOTSET)
