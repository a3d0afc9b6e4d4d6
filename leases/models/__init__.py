"""The tables of leases: people, cabs, their papers, who drives what when, and for how much a week."""

from leases.models.assignments import LeaseDriver, LeaseVehicle
from leases.models.caps import WeeklyCap
from leases.models.days_away import LeaseDaysAway
from leases.models.deposits import DepositSettlement
from leases.models.drivers import Driver
from leases.models.fields import MEDALLION, TLC_LICENSE, VIN, CapitalField
from leases.models.files import KeptFile
from leases.models.leases import Lease, LeaseInstallment, LeaseQuerySet, LeaseRate
from leases.models.locks import DriverLock
from leases.models.notes import MAX_NOTE, Note
from leases.models.papers import Paper, PaperQuerySet
from leases.models.tokens import DriverToken
from leases.models.vehicles import Vehicle, VehiclePlate, VehicleTag

__all__ = [
    "MAX_NOTE",
    "MEDALLION",
    "TLC_LICENSE",
    "VIN",
    "CapitalField",
    "DepositSettlement",
    "Driver",
    "DriverLock",
    "DriverToken",
    "KeptFile",
    "Lease",
    "LeaseDaysAway",
    "LeaseDriver",
    "LeaseInstallment",
    "LeaseQuerySet",
    "LeaseRate",
    "LeaseVehicle",
    "Note",
    "Paper",
    "PaperQuerySet",
    "Vehicle",
    "VehiclePlate",
    "VehicleTag",
    "WeeklyCap",
]
