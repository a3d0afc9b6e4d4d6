"""Facts of CURB's trips; triggers of their tables tell them (``curb/sql``)."""

from core.events import register_kinds

register_kinds(
    {
        "trip_corrected": "A trip was moved, counted back, or said to be paid otherwise",
        "trips_imported": "Trips or card transactions came in",
    }
)
