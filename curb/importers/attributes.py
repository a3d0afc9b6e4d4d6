"""The attributes of CURB's records: which are money, which are known to be none, and what nobody knows yet.

CURB adds money attributes without a word (the airport fee and the CBD toll came so). What is not known and reads as an
amount is told, never left out in silence. Names are read without case and separators.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from curb.importers.values import plain, read_amount
from curb.rules import TAX_COLUMNS

#: Our column → the attribute of a trip.
TRIP_AMOUNTS = {
    "fare": "TRIP",
    "tips": "TIPS",
    "extras": "EXTRAS",
    "tolls": "TOLLS",
    "mta_tax": "TAX",
    "improvement": "IMPTAX",
    "congestion": "CONGFEE",
    "airport": "airportFee",
    "cbd": "cbdt",
    "ehail": "EHAILFEE",
    "health": "HEALTHFEE",
}
#: Our column → the element of a card transaction, in each spelling that was seen.
TRANSACTION_AMOUNTS = {
    "fare": ("TRIPFARE", "TRIPTRIPS"),
    "tips": ("TRIPTIPS",),
    "extras": ("TRIPEXTRAS",),
    "tolls": ("TRIPTOLL", "TRIPTOLLS"),
    "mta_tax": ("TAX",),
    "improvement": ("IMPTAX",),
    "congestion": ("CongFee",),
    "airport": ("airportFee",),
    "cbd": ("cbdt",),
    "ehail": ("EHAIL_FEE",),
}
#: What is read of a trip besides its parts, and what is kept and known to be no part of it.
TRIP_FACTS = ("ID", "PERIOD", "CABNUMBER", "DRIVER", "NUM_SERVICE", "START_DATE", "END_DATE", "T", "TOTAL_AMOUNT")
TRIP_NOTES = (
    "CCNUMBER", "AUTHCODE", "AUTHAMT", "PASSENGER_NUM", "DIST_SERVCE", "DIST_SERVICE", "FROM_ADDRESS", "TO_ADDRESS",
    "GPS_START_LA", "GPS_START_LO", "GPS_END_LA", "GPS_END_LO", "RECON_STAT",
)  # fmt: skip
TRANSACTION_FACTS = (
    "ROWID", "CABNUMBER", "TRIPDRIVERID", "DRIVERID", "NUM_SERVICE", "TRIPDATE", "TRIPTIMESTART", "TRIPTIMEEND",
    "AMOUNT",
)  # fmt: skip
TRANSACTION_NOTES = ("DATETIME", "CC_TYPE", "CRNUMBER", "BANK_APPROVAL", "TRIPDIST")


@dataclass(frozen=True, slots=True)
class UnknownAmount:
    """An attribute that nobody knows, spelt as it came, and the dollars that it reads as."""

    name: str
    amount: Decimal

    @property
    def key(self) -> str:
        return plain(self.name)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a record's attributes stand: made once for each set of names, not for each record."""

    #: As spelt: the attributes of :data:`TRIP_FACTS` in their order, blank where one is not there.
    facts: tuple[str, ...]
    #: A name that is there in two spellings; blank where none is.
    twice: str
    #: Column, name in messages, as spelt or None where it is not there.
    amounts: tuple[tuple[str, str, str | None], ...]
    #: As spelt: what is neither money nor known to be none.
    unknown: tuple[str, ...]
    #: Taxes that the record does not name at all.
    missing: tuple[str, ...]


_TRIP_KNOWN = frozenset(plain(name) for name in (*TRIP_FACTS, *TRIP_NOTES, *TRIP_AMOUNTS.values()))


@lru_cache(maxsize=1000)
def lay_out_trip(names: tuple[str, ...]) -> Layout:
    """Return where the attributes of a trip's record stand."""
    spelt: dict[str, str] = {}
    twice = ""
    for name in names:
        if spelt.setdefault(plain(name), name) != name:
            twice = twice or name
    return Layout(
        facts=tuple(spelt.get(plain(name), "") for name in TRIP_FACTS),
        twice=twice,
        amounts=tuple((column, name, spelt.get(plain(name))) for column, name in TRIP_AMOUNTS.items()),
        unknown=tuple(name for name in names if plain(name) not in _TRIP_KNOWN),
        missing=tuple(TRIP_AMOUNTS[column] for column in TAX_COLUMNS if plain(TRIP_AMOUNTS[column]) not in spelt),
    )


_TRANSACTION_KNOWN = frozenset(
    plain(name)
    for name in (
        *TRANSACTION_FACTS,
        *TRANSACTION_NOTES,
        *(name for names in TRANSACTION_AMOUNTS.values() for name in names),
    )
)


def list_unknown_elements(values: dict[str, str], spelt: dict[str, str]) -> tuple[UnknownAmount, ...]:
    """Return the elements of a card transaction that nobody knows and that read as an amount; ``values`` by key."""
    unknown = (key for key in values if key not in _TRANSACTION_KNOWN)
    return list_unknown((spelt[key], values[key]) for key in unknown)


def list_unknown(given: Iterable[tuple[str, str]]) -> tuple[UnknownAmount, ...]:
    """Return what reads as an amount other than nothing."""
    return tuple(UnknownAmount(name, amount) for name, text in given if (amount := find_amount(text)))


@lru_cache(maxsize=10_000)
def find_amount(text: str) -> Decimal | None:
    """Return the dollars that a text reads as; None where it is no amount, or more than a trip can cost."""
    try:
        return read_amount(text)
    except ValueError:
        return None
