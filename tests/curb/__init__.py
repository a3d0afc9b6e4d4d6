"""Files in CURB's trip shape, for tests."""

import re
from collections.abc import Iterable
from decimal import Decimal
from xml.sax.saxutils import quoteattr

from curb.importers.attributes import TRIP_AMOUNTS

_AMOUNT = re.compile(r"-?\d{1,6}(\.\d\d)?", re.ASCII)


def trip(**attributes: str) -> dict[str, str]:
    """A card trip of 17.30 (fare 10, tip 3, extras 1, MTA 0.50, TIF 0.30, congestion 2.50) on Tuesday 2026-03-03.

    Its parts add up where only its total is given otherwise: the fare is what that leaves.
    """
    record = {
        "ID": "1",
        "PERIOD": "202603",
        "CABNUMBER": "9Z90",
        "DRIVER": "5000001",
        "NUM_SERVICE": "7",
        "START_DATE": "03/03/2026 10:00:00",
        "END_DATE": "03/03/2026 10:20:00",
        "TRIP": "10.00",
        "TIPS": "3.00",
        "EXTRAS": "1.00",
        "TOLLS": "0.00",
        "TAX": "0.50",
        "IMPTAX": "0.30",
        "TOTAL_AMOUNT": "17.30",
        "EHAILFEE": "0.00",
        "HEALTHFEE": "0.00",
        "CONGFEE": "2.50",
        "airportFee": "0.00",
        "cbdt": "0.00",
        "T": "C",
        **attributes,
    }
    if "TOTAL_AMOUNT" in attributes and "TRIP" not in attributes and _AMOUNT.fullmatch(record["TOTAL_AMOUNT"]):
        parts = [record.get(name) or "0" for name in TRIP_AMOUNTS.values() if name != "TRIP"]
        if all(_AMOUNT.fullmatch(part) for part in parts):
            record["TRIP"] = f"{Decimal(record['TOTAL_AMOUNT']) - sum(map(Decimal, parts)):.2f}"
    return record


def amended(record: dict[str, str], **attributes: str) -> dict[str, str]:
    """The record as it comes again with other figures; its fare is what they leave."""
    return trip(**{name: value for name, value in {**record, **attributes}.items() if name != "TRIP"})


def trip_file(records: Iterable[dict[str, str]]) -> bytes:
    """The records as a file of trips."""
    rows = "\n".join(
        "<RECORD {}/>".format(" ".join(f"{name}={quoteattr(value)}" for name, value in record.items()))
        for record in records
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<trips>\n{rows}\n</trips>\n'.encode()
