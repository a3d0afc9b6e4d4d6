"""Cashiers of a run: `python -m bench.scaling.tills make` prints their drivers and a token; `pay PORT SECONDS` pays.

``pay`` reads what ``make`` printed from its input, has a client for each driver pay over HTTP, and prints their times.
"""

import asyncio
import json
import sys
from collections.abc import Callable

import bench.ready  # noqa: F401 - before anything that needs Django
from bench import paying

# isort: split
from django.contrib.auth.models import User
from django.utils import timezone

from core.services import create_api_token
from leases.models import Driver


def make(clients: str = "64") -> None:
    """Make a driver for each client."""
    drivers = [
        Driver.objects.create(first_name="Till", last_name=f"Driver {n}", tlc_license=f"T{n:06d}").pk
        for n in range(int(clients))
    ]
    token = create_api_token(user=User.objects.create_superuser("till"), name="till", scope="ALL", now=timezone.now())
    print(json.dumps({"drivers": drivers, "token": token.secret}))


def pay(port: str, seconds: str) -> None:
    """Pay, as many at a time as there are drivers."""
    told = json.load(sys.stdin)
    took = asyncio.run(paying._pay(int(port), told["token"], told["drivers"], float(seconds)))
    print(json.dumps(sorted(took)))


COMMANDS: dict[str, Callable[..., None]] = {"make": make, "pay": pay}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
