#!/usr/bin/env python
"""Django's command line."""

import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # While the code is loaded nothing is thrown away: a quarter of the time of a start. Core's app has it look again.
    gc.disable()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
