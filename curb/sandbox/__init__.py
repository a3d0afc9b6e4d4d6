"""A CURB of our own on this machine, for the demo and the tests: the same protocol, made-up or given trips.

It can be made to be slow, to drop connections, to fail, and to report duplicates, declined cards and late trips.
"""

from curb.errors import PortTaken, UnreadableTripRecords
from curb.sandbox.server import run_in_thread, serve
from curb.sandbox.service import Behavior, Sandbox
from curb.sandbox.trips import CsvTrips, GeneratedTrips, GivenTrips, SandboxTrip, TripSource

__all__ = [
    "Behavior",
    "CsvTrips",
    "GeneratedTrips",
    "GivenTrips",
    "PortTaken",
    "Sandbox",
    "SandboxTrip",
    "TripSource",
    "UnreadableTripRecords",
    "run_in_thread",
    "serve",
]
