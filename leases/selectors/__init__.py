"""What other apps and pages ask about drivers, vehicles and leases."""

from leases.selectors.assignments import (
    DriverDays,
    VehicleAssignment,
    find_driver_at,
    list_leases_of_vehicle_at,
    list_vehicle_assignments,
)
from leases.selectors.caps import WeekAboveCap, find_cap, list_weeks_above_cap
from leases.selectors.days_away import find_away, list_days_away
from leases.selectors.deposits import DepositState, get_deposit_state, list_deposits_held, sum_missing_deposits
from leases.selectors.leases import (
    find_conflicting_assignment,
    find_driver_by_license,
    find_lease_in_force,
    hours_of,
    list_drivers_of_lease,
    list_leases_in_force,
    list_leases_of_driver,
    list_vehicles_of_lease,
    was_driver_on,
)
from leases.selectors.payers import describe_payer
from leases.selectors.schedules import LeaseTotals, ScheduledRent, list_schedule, sum_schedule
from leases.selectors.vehicles import find_vehicle_by_medallion, find_vehicle_by_plate, find_vehicle_by_tag

__all__ = [
    "DepositState",
    "DriverDays",
    "LeaseTotals",
    "ScheduledRent",
    "VehicleAssignment",
    "WeekAboveCap",
    "describe_payer",
    "find_away",
    "find_cap",
    "find_conflicting_assignment",
    "find_driver_at",
    "find_driver_by_license",
    "find_lease_in_force",
    "find_vehicle_by_medallion",
    "find_vehicle_by_plate",
    "find_vehicle_by_tag",
    "get_deposit_state",
    "hours_of",
    "list_days_away",
    "list_deposits_held",
    "list_drivers_of_lease",
    "list_leases_in_force",
    "list_leases_of_driver",
    "list_leases_of_vehicle_at",
    "list_schedule",
    "list_vehicle_assignments",
    "list_vehicles_of_lease",
    "list_weeks_above_cap",
    "sum_missing_deposits",
    "sum_schedule",
    "was_driver_on",
]
