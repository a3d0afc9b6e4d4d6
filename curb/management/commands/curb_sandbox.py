"""A CURB of our own on this machine: ``manage.py curb_sandbox --port 8100 --trips yellow.csv --drop-every 3``."""

import asyncio
from argparse import ArgumentParser
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from curb.sandbox import Behavior, CsvTrips, GeneratedTrips, Sandbox, TripSource, serve
from leases.selectors import list_leases_in_force

PORT = 8100
#: Who drives where the fleet has no lease yet.
STRANGERS = [(f"{5_000_001 + number}", f"9Z{90 + number}") for number in range(10)]


class Command(BaseCommand):
    help = (
        "Serve CURB's protocol on 127.0.0.1, from made-up trips of the fleet's drivers or from a file of the city's "
        "yellow-taxi trip records. GET /control shows how it behaves, POST /control (JSON) changes it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=PORT, help=f"where to listen (default {PORT}; 0: any free)")
        parser.add_argument("--trips", type=Path, metavar="CSV", help="trip records, dealt out to the fleet's drivers")
        parser.add_argument(
            "--driver",
            action="append",
            dest="drivers",
            metavar="LICENSE:MEDALLION",
            help="who drives what; may be repeated (default: the leases in force)",
        )
        parser.add_argument("--seed", default="fleet", help="another seed makes up other trips")
        for field in fields(Behavior):
            convert = float if field.name == "delay" else int
            name = f"--{field.name.replace('_', '-')}"
            parser.add_argument(name, type=convert, default=0, metavar="N", help="0: never")

    def handle(
        self, *args: Any, port: int, trips: Path | None, drivers: list[str] | None, seed: str, **options: Any
    ) -> None:
        try:
            behavior = Behavior().changed({field.name: options[field.name] for field in fields(Behavior)})
            pairs = [_read_pair(driver) for driver in drivers] if drivers else _list_pairs()
            source: TripSource = GeneratedTrips(pairs, seed=seed) if trips is None else CsvTrips(trips, pairs)
            sandbox = Sandbox(source, behavior=behavior)
            asyncio.run(self.serve_until_interrupted(sandbox, port))
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except OSError as failure:
            raise CommandError(f"{failure.filename}: {failure.strerror}.") from failure
        except (ValueError, DomainError) as refusal:
            raise CommandError(str(refusal)) from refusal

    async def serve_until_interrupted(self, sandbox: Sandbox, port: int) -> None:
        await serve(sandbox, port=port, started=self.say_how_to_use, stop=asyncio.Event())

    def say_how_to_use(self, url: str) -> None:
        self.stdout.write(
            f"CURB sandbox at {url} until Ctrl-C. To use it:\n"
            f"CURB_URL={url} CURB_USER_ID=sandbox CURB_PASSWORD=sandbox CURB_MERCHANT=sandbox"
        )
        self.stdout.flush()


def _read_pair(text: str) -> tuple[str, str]:
    license_, _, medallion = text.partition(":")
    if not license_ or not medallion:
        raise ValueError(f"{text!r} is not a license and a medallion with a colon in between.")
    return license_, medallion


def _list_pairs() -> list[tuple[str, str]]:
    leases = list_leases_in_force(start_on=timezone.localdate())
    return sorted((lease.primary_driver.tlc_license, lease.vehicle.medallion) for lease in leases) or STRANGERS
