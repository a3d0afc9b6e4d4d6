"""What is measured: a name, the function that measures it, and what that costs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module

from bench.databases import EMPTY, FLEET
from bench.errors import UnknownMeasurement
from bench.measure import Row


@dataclass(frozen=True)
class Asked:
    """What a measurement is asked: the short bench or the full one, with a fleet of so many drivers.

    ``drivers_given``: the number was asked for, and stands in place of the sizes that a measurement chooses itself.
    """

    is_full: bool
    drivers: int
    drivers_given: bool = False
    database: str = ""
    #: The lease of each driver of the fleet it begins with.
    lease_of: dict[int, int] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Measurement:
    """One part of the bench. ``begins_with`` is the database that it works in a copy of.

    ``short`` and ``full`` are about how many seconds it takes on two quiet cores; ``full_only``: the short bench leaves
    it out unless it is asked for by name.
    """

    name: str
    measures: str
    function: str
    short: int
    full: int
    begins_with: str = FLEET
    full_only: bool = False

    @cached_property
    def run(self) -> Callable[[Asked], Iterable[Row]]:
        """The function itself, whose module is imported only now."""
        module, _, name = self.function.partition(":")
        found: Callable[[Asked], Iterable[Row]] = getattr(import_module(f"bench.{module}"), name or "run")
        return found


MEASUREMENTS: Sequence[Measurement] = (
    Measurement("posting", "charges by the array path", "posting", 45, 45),
    Measurement("applying", "a week's earnings over what is owed", "applying", 40, 40),
    Measurement("singles", "one charge, one payment, one void by their services", "singles", 25, 40),
    Measurement("closing", "a week's close at two sizes, and by two workers", "closing", 30, 500, EMPTY),
    Measurement("amid", "a cashier's payments while two workers close", "amid", 20, 20, EMPTY, full_only=True),
    Measurement("standing", "readiness and current balances of the fleet", "standing", 10, 150, EMPTY),
    Measurement("pages", "lists, search, reports and files at two sizes or three", "pages", 45, 1800, EMPTY),
    Measurement("find", "every kind of what Find anything is asked", "finding", 15, 90, EMPTY, full_only=True),
    Measurement("dtrs", "PDFs on one core", "statements", 20, 20),
    Measurement("http", "64 clients that pay at one process", "paying", 30, 60),
    Measurement("seals", "sealing and verifying postings", "sealing", 10, 40),
    Measurement("tolls", "a statement of tolls, previewed and imported", "files:run_tolls", 10, 330),
    Measurement("trips", "a file of CURB trips", "files:run_trips", 10, 30),
    Measurement("starts", "the servers, until they answer; in full the demo too", "starting", 30, 90, EMPTY),
    Measurement("newyork", "a city's week, file to DTR", "newyork", 1600, 1600, EMPTY, full_only=True),
)


def choose(names: str, *, is_full: bool) -> list[Measurement]:
    """Return what is measured: what ``names`` lists, between commas, or everything that the bench of that size has.

    :raises UnknownMeasurement: there is none of a name
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    known = {measurement.name: measurement for measurement in MEASUREMENTS}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise UnknownMeasurement(f"Nothing measured is called {', '.join(unknown)}. There are: {', '.join(known)}.")
    if wanted:
        return [measurement for measurement in MEASUREMENTS if measurement.name in wanted]
    return [measurement for measurement in MEASUREMENTS if is_full or not measurement.full_only]
