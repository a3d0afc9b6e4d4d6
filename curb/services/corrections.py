"""A person moves a trip to its right driver, counts it back, or says how it was paid; the next close counts it so."""

from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.utils import timezone

from core.checks import check_reason
from core.errors import ValueInvalid
from core.transactions import bounded_transaction
from curb.errors import (
    AlreadyDecided,
    AlreadyNobodys,
    AlreadyTheirs,
    LeaseDoesNotFit,
    NotInDoubt,
    TripFileNotFound,
    TripNotFound,
    TripSuperseded,
    TripWaits,
)
from curb.models import CountsAs, Trip, TripCorrection, TripFile, WaitsFor
from curb.selectors import TripMatcher
from curb.services.bindings import get_driver, get_vehicle
from leases.models import Driver, Vehicle
from leases.selectors import list_leases_in_force

#: How a person may say that a trip in doubt was paid.
DECISIONS = (CountsAs.CARD, CountsAs.CASH, CountsAs.NO_CHARGE)
ROWS_AT_ONCE = 1000


@bounded_transaction
def move_trip(
    *,
    trip_id: int,
    driver_id: int,
    vehicle_id: int,
    lease_id: int | None = None,
    reason: str,
    actor: User | None,
) -> Trip:
    """Give a trip to its right driver, and return it.

    Where a close counted it for somebody, the next close counts it back there and counts it for the new driver. Without
    ``lease_id`` the lease is found by driver, cab and day, as always; where it stays unclear, it must be named.

    :raises ReasonRequired: no reason given
    :raises DriverNotFound, VehicleNotFound, TripNotFound: there is no such driver, cab or trip
    :raises TripWaits, TripSuperseded: it waits to be assigned to a driver, or an amended record took its place
    :raises LeaseDoesNotFit: the lease is not one of that cab on that day, or not the driver's; or which it was is
        unclear and not named
    :raises AlreadyTheirs: it is that driver's already, with that cab and lease
    :raises Busy: somebody is at this trip just now
    """
    reason = check_reason(reason)
    driver, vehicle = get_driver(driver_id), get_vehicle(vehicle_id)
    trip = _lock_trip(trip_id)
    lease = _find_lease(trip, driver, vehicle, lease_id)
    whose = (driver_id, vehicle_id, lease)
    if whose == (trip.driver_id, trip.vehicle_id, trip.lease_id) and trip.counts_as != CountsAs.NOTHING:
        raise AlreadyTheirs("The trip is this driver's already.", trip_id=trip_id)
    note = _note(TripCorrection.Act.MOVED, trip, reason, actor)
    note.to_driver_id, note.to_lease_id = driver_id, lease
    trip.driver_id, trip.vehicle_id, trip.lease_id = whose
    trip.bound_by, trip.bound_at = actor, Now()
    if trip.counts_as == CountsAs.NOTHING:
        trip.counts_as = CountsAs.AS_PAID
    _save(trip, note)
    return trip


@bounded_transaction
def count_trip_back(*, trip_id: int, reason: str, actor: User | None) -> Trip:
    """Say that a trip is nobody's, and return it: counted before, the next close counts it back, and no close counts
    it again unless it is moved to somebody.

    :raises ReasonRequired: no reason given
    :raises TripNotFound: there is no such trip
    :raises TripSuperseded: an amended record took its place
    :raises AlreadyNobodys: it counts for nobody already
    :raises Busy: somebody is at this trip just now
    """
    reason = check_reason(reason)
    trip = _lock_trip(trip_id, may_wait=True)
    if trip.counts_as == CountsAs.NOTHING:
        raise AlreadyNobodys("The trip counts for nobody already.", trip_id=trip_id)
    note = _note(TripCorrection.Act.COUNTED_BACK, trip, reason, actor)
    note.counts_as = trip.counts_as = CountsAs.NOTHING
    _save(trip, note)
    return trip


@bounded_transaction
def count_file_back(*, file_id: int, reason: str, actor: User | None) -> int:
    """Say of every trip of a file that it is nobody's (a week that came twice, under other numbers); return how many.

    Trips that are nobody's already, or that an amended record has superseded, are passed over.

    :raises ReasonRequired: no reason given
    :raises TripFileNotFound: there is no such file
    :raises AlreadyNobodys: none of its trips counts, or is to count
    :raises Busy: somebody is at one of these trips just now
    """
    reason = check_reason(reason)
    if not TripFile.objects.filter(pk=file_id).exists():
        raise TripFileNotFound(f"There is no file {file_id}.", file_id=file_id)
    counting = Trip.objects.current().filter(file=file_id).exclude(counts_as=CountsAs.NOTHING)
    trips = list(counting.order_by("pk").select_for_update(of=("self",)))
    if not trips:
        raise AlreadyNobodys("No trip of this file counts, or is to count.", file_id=file_id)
    notes = [_note(TripCorrection.Act.COUNTED_BACK, trip, reason, actor) for trip in trips]
    for note in notes:
        note.counts_as = CountsAs.NOTHING
    TripCorrection.objects.bulk_create(notes, batch_size=ROWS_AT_ONCE)
    numbers = [trip.pk for trip in trips]
    return Trip.objects.filter(pk__in=numbers).update(counts_as=CountsAs.NOTHING, awaits_count=True)


@bounded_transaction
def decide_payment(*, trip_id: int, counts_as: str, reason: str, actor: User | None) -> Trip:
    """Say how a trip was paid that pairs with a declined or duplicate card transaction, and return it.

    ``counts_as`` is CARD, CASH or NO_CHARGE; it may be said anew. The next close counts the trip so.

    :raises ReasonRequired: no reason given
    :raises ValueInvalid: not one of the three
    :raises TripNotFound: there is no such trip
    :raises TripSuperseded: an amended record took its place
    :raises NotInDoubt: it pairs with no such transaction
    :raises AlreadyDecided: that was said before
    :raises AlreadyNobodys: it counts for nobody
    :raises Busy: somebody is at this trip just now
    """
    reason = check_reason(reason)
    if counts_as not in DECISIONS:
        raise ValueInvalid("A trip is paid by card, in cash, or not at all (no charge).", field="counts_as")
    trip = _lock_trip(trip_id, may_wait=True)
    if trip.paired_with_id is None:
        raise NotInDoubt("No declined or duplicate card transaction is this trip.", trip_id=trip_id)
    if trip.counts_as == CountsAs.NOTHING:
        raise AlreadyNobodys("The trip counts for nobody; move it to its driver first.", trip_id=trip_id)
    if trip.counts_as == counts_as:
        raise AlreadyDecided(f"That was said before: {CountsAs(counts_as).label}.", trip_id=trip_id)
    note = _note(TripCorrection.Act.DECIDED, trip, reason, actor)
    note.to_driver_id, note.to_lease_id = trip.driver_id, trip.lease_id
    note.counts_as = trip.counts_as = counts_as
    _save(trip, note)
    return trip


def _lock_trip(trip_id: int, *, may_wait: bool = False) -> Trip:
    trip = Trip.objects.filter(pk=trip_id).select_for_update(of=("self",)).first()
    if trip is None:
        raise TripNotFound(f"There is no trip {trip_id}.", trip_id=trip_id)
    if not trip.is_current:
        current = Trip.objects.current().get(period=trip.period, record_id=trip.record_id)
        raise TripSuperseded("CURB sent this record anew: correct the one that stands.", trip_id=current.pk)
    if trip.waits_for != WaitsFor.NOTHING and not may_wait:
        raise TripWaits("This trip waits: assign it to a driver.", trip_id=trip_id)
    return trip


def _find_lease(trip: Trip, driver: Driver, vehicle: Vehicle, lease_id: int | None) -> int | None:
    if lease_id is not None:
        held = list_leases_in_force(start_on=timezone.localdate(trip.start_at), vehicle_id=vehicle.pk)
        if not held.filter(pk=lease_id, driver_spans__driver=driver).exists():
            message = "That lease is not one of this driver with this cab on the day of the trip."
            raise LeaseDoesNotFit(message, trip_id=trip.pk)
        return lease_id
    named = (driver.tlc_license, vehicle.medallion, trip.start_at)
    match = TripMatcher([named]).match(*named)
    if match.waits_for:
        raise LeaseDoesNotFit(
            "The driver was on several leases of the cab that day: say which it was.", trip_id=trip.pk
        )
    return match.lease_id


def _note(act: TripCorrection.Act, trip: Trip, reason: str, actor: User | None) -> TripCorrection:
    return TripCorrection(
        trip=trip, act=act, from_driver_id=trip.driver_id, from_lease_id=trip.lease_id, reason=reason, made_by=actor
    )


def _save(trip: Trip, note: TripCorrection) -> None:
    trip.awaits_count = True
    trip.save(update_fields=["driver", "vehicle", "lease", "bound_by", "bound_at", "counts_as", "awaits_count"])
    trip.refresh_from_db()
    note.save()
