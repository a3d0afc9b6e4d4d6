"""Facts of leases; triggers of their tables tell them (``leases/sql``)."""

from core.events import register_kinds

register_kinds(
    {
        "days_away_changed": "Days of a lease without a cab were changed",
        "days_away_recorded": "Days of a lease without a cab were recorded",
        "days_away_taken_back": "Days of a lease without a cab were taken back",
        "deposit_settled": "A lease's deposit was settled",
        "driver_added": "A driver was added",
        "driver_changed": "A driver's data were changed",
        "driver_locked": "A driver was locked",
        "driver_unlocked": "A driver's lock was lifted",
        "lease_changed": "A lease's amount or dates were changed",
        "lease_driver_added": "A further driver was put on a lease",
        "lease_driver_ended": "A further driver's days on a lease were changed",
        "lease_held": "A lease was put on hold",
        "lease_resumed": "A lease that was on hold goes on",
        "lease_started": "A lease was started",
        "lease_terminated": "A lease was ended early",
        "lease_vehicle_swapped": "A lease goes on with another cab",
        "vehicle_added": "A vehicle was added",
        "vehicle_changed": "A vehicle's medallion or state was changed",
    }
)
