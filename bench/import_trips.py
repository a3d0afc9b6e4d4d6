"""Read and store one file of trips in a process of its own; print its seconds, megabytes at most, and statements.

``python -m bench.import_trips FILE DATABASE``
"""

import json
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be ready first

from bench.import_tolls import peak_megabytes  # noqa: E402
from bench.measure import seconds  # noqa: E402
from curb import services  # noqa: E402


def main(path: str, database: str) -> None:
    """Import the file into that database."""
    connection.settings_dict["NAME"] = database
    statements = 0

    def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        took = seconds(lambda: services.import_trips(file_name="trips.xml", content=Path(path).read_bytes()))
    print(json.dumps([took, peak_megabytes(), statements]))


if __name__ == "__main__":
    main(*sys.argv[1:])
