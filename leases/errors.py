"""Every refusal of leases. A driver, vehicle or lease that does not exist is the ledger's to name."""

from core.errors import DomainError


class LeaseError(DomainError):
    """The base: the act was refused, and nothing was written."""

    code = "lease_refused"


class LeaseDatesReversed(LeaseError):
    code = "lease_dates_reversed"
    field = "end_on"
    http_status = 400


class LeaseTooLong(LeaseError):
    """More than ten years."""

    code = "lease_too_long"
    field = "end_on"
    http_status = 400


class LeaseTypeInvalid(LeaseError):
    code = "unknown_lease_type"
    field = "lease_type"
    http_status = 400


class ShiftInvalid(LeaseError):
    code = "unknown_shift"
    field = "shift"
    http_status = 400


class HoursInvalid(LeaseError):
    """Hours that are no shift's: of a full-time lease, or only one of the two, or both the same."""

    code = "hours_of_full_time"
    field = "shift_from"
    http_status = 400


class MomentWithoutZone(LeaseError):
    code = "moment_without_zone"
    http_status = 400


class VehicleInvalid(LeaseError):
    """A VIN, medallion, plate, state or tag that can't be one, or is another vehicle's."""

    code = "invalid_vehicle"
    http_status = 400


class DriverInvalid(LeaseError):
    """A name, license, status or address that can't be one, or a license that is another driver's."""

    code = "invalid_driver"
    http_status = 400


class DriverNotActive(LeaseError):
    code = "driver_inactive"
    field = "driver"


class VehicleRetired(LeaseError):
    code = "vehicle_retired"
    field = "vehicle"


class VehicleTaken(LeaseError):
    """Another lease holds the vehicle in these days and shift; ``facts["lease"]`` is its number."""

    code = "vehicle_taken"
    field = "vehicle"


class VehicleLeased(LeaseError):
    """A lease holds the vehicle after the moment in question; ``facts["lease"]`` is its number."""

    code = "vehicle_leased"
    field = "vehicle"


class SameVehicle(LeaseError):
    """The lease has this vehicle already."""

    code = "same_vehicle"
    field = "vehicle"
    http_status = 400


class AlreadyRetired(LeaseError):
    code = "already_retired"


class NotRetired(LeaseError):
    code = "not_retired"


class PlateOrTagTaken(LeaseError):
    """It is on another vehicle in this time, or this vehicle has another; ``facts["vehicle"]`` is its number."""

    code = "plate_or_tag_taken"


class NoPlateOrTag(LeaseError):
    """The vehicle has no plate or tag that could be taken off at this moment."""

    code = "nothing_borne"


class LeaseEnded(LeaseError):
    """The lease was ended early before."""

    code = "lease_ended"


class AlreadyLocked(LeaseError):
    """The driver is locked already."""

    code = "already_locked"


class DriverNotLocked(LeaseError):
    code = "driver_not_locked"


class FileInvalid(LeaseError):
    """Not a file that is kept: of another kind, or too long."""

    code = "invalid_file"
    field = "file"
    http_status = 400


class FileAddedBefore(LeaseError):
    code = "file_added_before"
    field = "file"


class PaperNotFound(LeaseError):
    code = "paper_not_found"
    http_status = 404


class PaperInvalid(LeaseError):
    """A kind of paper that its owner can't have, or not of one owner."""

    code = "invalid_paper"
    field = "kind"
    http_status = 400


class PaperRecordedBefore(LeaseError):
    """The very paper is recorded already: the kind, the number and the day on which it ends."""

    code = "paper_recorded_before"
    field = "good_to"


class AlreadyHeld(LeaseError):
    """The lease is on hold already."""

    code = "lease_held"


class LeaseNotHeld(LeaseError):
    """Neither the lease nor any of its rent is on hold."""

    code = "lease_not_held"


class DaysAwayTaken(LeaseError):
    """One of the days is recorded as without a cab already."""

    code = "days_away_taken"
    field = "start_on"


class NoDaysAway(LeaseError):
    """The lease has its cab on all of these days: there is nothing to take back."""

    code = "no_days_away"


class RentChargedElsewhere(LeaseError):
    """Another system charged the rent of that week, before the lease was carried over."""

    code = "rent_charged_elsewhere"


class LeaseMismatch(LeaseError):
    """The driver is not on this lease at that time, or the lease never had that cab."""

    code = "lease_mismatch"
    field = "lease_id"


class OutsideLease(LeaseError):
    """A day or moment that is not in the lease, or not in the part of it that can still change."""

    code = "outside_lease"


class RentAlreadyPosted(LeaseError):
    """The rent of that week is charged already; ``facts["first_possible"]`` is the first day that is not."""

    code = "rent_already_posted"
    field = "from_on"


class AlreadyOnLease(LeaseError):
    """The driver is on the lease in these days."""

    code = "already_on_lease"
    field = "driver"


class PrimaryDriverStays(LeaseError):
    """The primary driver is on the lease for all of its days."""

    code = "primary_driver_stays"


class NoDepositHeld(LeaseError):
    code = "no_deposit_held"


class DepositStillHeld(LeaseError):
    """The lease is not over, or has not been for 30 days; ``facts["from"]`` is the first day of settlement."""

    code = "deposit_still_held"
