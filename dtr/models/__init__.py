"""Trips as CURB reports them, the week's close, and the statements it seals. Only ``dtr.services`` writes them."""

from dtr.models.closes import CloseBatch, Step, WeekClose
from dtr.models.curb import CardTransaction, Reconciliation
from dtr.models.openings import OpeningImport, OpeningRow
from dtr.models.statements import Dtr, DtrLine
from dtr.models.trips import Trip, TripFile, WaitsFor

__all__ = [
    "CardTransaction",
    "CloseBatch",
    "Dtr",
    "DtrLine",
    "OpeningImport",
    "OpeningRow",
    "Reconciliation",
    "Step",
    "Trip",
    "TripFile",
    "WaitsFor",
    "WeekClose",
]
