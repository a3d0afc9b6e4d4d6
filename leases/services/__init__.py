"""Every write of leases, and the errors they raise. Functions are keyword-only and own their transaction.

Drivers and weekly caps are plain records, of which nothing follows: a form saves them, with history. Drivers are
entered here as well, for programs. Whatever something else follows from is here. Amounts are dollars, dates New York's;
moments carry their time zone; ``actor=None`` means the system did it.
"""

from leases.errors import (
    AlreadyHeld,
    AlreadyLocked,
    AlreadyOnLease,
    AlreadyRetired,
    DaysAwayTaken,
    DepositStillHeld,
    DriverInvalid,
    DriverNotActive,
    DriverNotLocked,
    FileAddedBefore,
    FileInvalid,
    HoursInvalid,
    LeaseDatesReversed,
    LeaseEnded,
    LeaseError,
    LeaseMismatch,
    LeaseNotHeld,
    LeaseTooLong,
    LeaseTypeInvalid,
    MomentWithoutZone,
    NoDaysAway,
    NoDepositHeld,
    NoPlateOrTag,
    NotRetired,
    OutsideLease,
    PaperInvalid,
    PaperNotFound,
    PaperRecordedBefore,
    PlateOrTagTaken,
    PrimaryDriverStays,
    RentAlreadyPosted,
    RentChargedElsewhere,
    SameVehicle,
    ShiftInvalid,
    VehicleInvalid,
    VehicleLeased,
    VehicleRetired,
    VehicleTaken,
)
from leases.services.days_away import record_days_away, take_back_days_away
from leases.services.deposits import SettlementPreview, preview_settlement, settle_deposit
from leases.services.drivers import add_driver, end_driver
from leases.services.files import MAX_BYTES as MAX_FILE_BYTES
from leases.services.files import add_file
from leases.services.holds import hold_lease, resume_lease
from leases.services.locks import lock_driver, unlock_driver
from leases.services.notes import write_note
from leases.services.papers import correct_paper, record_paper
from leases.services.people import change_driver, create_driver
from leases.services.previews import LeaseActPreview, RentChange, preview_lease_act
from leases.services.rents import change_weekly_amount
from leases.services.starts import LeasePreview, preview_lease, start_lease
from leases.services.swaps import swap_vehicle
from leases.services.termination import terminate_lease
from leases.services.vehicles import (
    change_vehicle,
    give_plate,
    give_tag,
    register_vehicle,
    remove_plate,
    remove_tag,
    retire_vehicle,
    return_vehicle,
)

__all__ = [
    "MAX_FILE_BYTES",
    "AlreadyHeld",
    "AlreadyLocked",
    "AlreadyOnLease",
    "AlreadyRetired",
    "DaysAwayTaken",
    "DepositStillHeld",
    "DriverInvalid",
    "DriverNotActive",
    "DriverNotLocked",
    "FileAddedBefore",
    "FileInvalid",
    "HoursInvalid",
    "LeaseActPreview",
    "LeaseDatesReversed",
    "LeaseEnded",
    "LeaseError",
    "LeaseMismatch",
    "LeaseNotHeld",
    "LeasePreview",
    "LeaseTooLong",
    "LeaseTypeInvalid",
    "MomentWithoutZone",
    "NoDaysAway",
    "NoDepositHeld",
    "NoPlateOrTag",
    "NotRetired",
    "OutsideLease",
    "PaperInvalid",
    "PaperNotFound",
    "PaperRecordedBefore",
    "PlateOrTagTaken",
    "PrimaryDriverStays",
    "RentAlreadyPosted",
    "RentChange",
    "RentChargedElsewhere",
    "SameVehicle",
    "SettlementPreview",
    "ShiftInvalid",
    "VehicleInvalid",
    "VehicleLeased",
    "VehicleRetired",
    "VehicleTaken",
    "add_driver",
    "add_file",
    "change_driver",
    "change_vehicle",
    "change_weekly_amount",
    "correct_paper",
    "create_driver",
    "end_driver",
    "give_plate",
    "give_tag",
    "hold_lease",
    "lock_driver",
    "preview_lease",
    "preview_lease_act",
    "preview_settlement",
    "record_days_away",
    "record_paper",
    "register_vehicle",
    "remove_plate",
    "remove_tag",
    "resume_lease",
    "retire_vehicle",
    "return_vehicle",
    "settle_deposit",
    "start_lease",
    "swap_vehicle",
    "take_back_days_away",
    "terminate_lease",
    "unlock_driver",
    "write_note",
]
