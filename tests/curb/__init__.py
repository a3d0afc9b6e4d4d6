"""Files in CURB's trip shape, for tests."""

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr


def trip(**attributes: str) -> dict[str, str]:
    """A card trip of 17.30 (fare 10, tip 3, extras 1, MTA 0.50, TIF 0.30, congestion 2.50) on Tuesday 2026-03-03."""
    return {
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


def trip_file(records: Iterable[dict[str, str]]) -> bytes:
    """The records as a file of trips."""
    rows = "\n".join(
        "<RECORD {}/>".format(" ".join(f"{name}={quoteattr(value)}" for name, value in record.items()))
        for record in records
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<trips>\n{rows}\n</trips>\n'.encode()
