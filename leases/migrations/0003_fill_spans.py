"""Give every lease that was started before its spans, its rate and its hours, and every vehicle its plate."""

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations

NEW_YORK = ZoneInfo("America/New_York")
#: What was usual; leases did not say.
HOURS = {"DAY": (time(5), time(17)), "NIGHT": (time(17), time(5))}


def fill(apps: Any, schema_editor: Any) -> None:
    """Written in this migration's own words: rules may change, and what these leases were does not."""
    model = {name: apps.get_model("leases", name) for name in ("Lease", "LeaseVehicle", "LeaseDriver", "LeaseRate")}
    leases = list(model["Lease"].objects.order_by("pk"))
    full_time = {(lease.vehicle_id, lease.start_on) for lease in leases if lease.shift == "FULL"}
    for lease in leases:
        if lease.shift in HOURS:
            lease.shift_from, lease.shift_until = HOURS[lease.shift]
            lease.save(update_fields=["shift_from", "shift_until"])
        model["LeaseVehicle"].objects.create(
            lease=lease,
            vehicle_id=lease.vehicle_id,
            shift=lease.shift,
            from_at=_at(lease.start_on, lease.shift_from if lease.shift == "NIGHT" else time.min),
            until_at=_until(lease, full_time),
        )
        model["LeaseDriver"].objects.create(
            lease=lease,
            driver_id=lease.primary_driver_id,
            is_primary=True,
            start_on=lease.start_on,
            end_on=lease.end_on,
        )
        model["LeaseRate"].objects.create(lease=lease, from_on=lease.start_on, weekly_amount=lease.weekly_amount)
    _fill_plates(apps)


def _until(lease: Any, full_time: set[tuple[int, Any]]) -> datetime:
    """The end of its last day, or the morning after its last night, unless somebody had the cab from midnight on."""
    day_after = lease.end_on + timedelta(days=1)
    ends_in_the_morning = lease.shift == "NIGHT" and (lease.vehicle_id, day_after) not in full_time
    return _at(day_after, lease.shift_until if ends_in_the_morning else time.min)


def _at(day: Any, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=NEW_YORK)


def _fill_plates(apps: Any) -> None:
    """A plate that two vehicles claim is nobody's: a person finds out whose it was when."""
    vehicles = list(apps.get_model("leases", "Vehicle").objects.exclude(plate="").order_by("pk"))
    claims = Counter(vehicle.plate for vehicle in vehicles)
    plate_model = apps.get_model("leases", "VehiclePlate")
    for vehicle in vehicles:
        if claims[vehicle.plate] == 1:
            plate_model.objects.create(vehicle=vehicle, plate=vehicle.plate, state="NY")


class Migration(migrations.Migration):
    dependencies = [
        ("leases", "0002_spans"),
    ]

    operations = [
        # Backwards the spans go with their tables.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
