"""Vehicles: registered, with plates and tags by time, retired and returned; and found by the plate or tag they had."""

from datetime import date, datetime
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.errors import DomainError
from leases import selectors, services
from leases.models import Vehicle, VehiclePlate, VehicleTag
from tests.factories import UserFactory, VehicleFactory, VehiclePlateFactory, VehicleTagFactory
from tests.leases.office import at, refused, start_lease
from tests.threads import list_winners, run_together

JANUARY, FEBRUARY, MARCH = at(date(2026, 1, 1)), at(date(2026, 2, 1)), at(date(2026, 3, 1))


def register(**changed: Any) -> Vehicle:
    facts: dict[str, Any] = {
        "vin": "2ftdx000000000001",
        "medallion": "9z90",
        "plate": "9z90a",
        "tag": "22001234567",
        "from_at": JANUARY,
        "actor": None,
        **changed,
    }
    return services.register_vehicle(**facts)


def give_plate(vehicle: Vehicle, plate: str, from_at: datetime = FEBRUARY, **changed: Any) -> VehiclePlate:
    return services.give_plate(vehicle_id=vehicle.pk, plate=plate, from_at=from_at, **{"actor": None, **changed})


def give_tag(vehicle: Vehicle, tag: str, from_at: datetime = FEBRUARY) -> VehicleTag:
    return services.give_tag(vehicle_id=vehicle.pk, tag=tag, from_at=from_at, actor=None)


@pytest.mark.django_db
class TestRegisterVehicle:
    def test_registering_makes_a_vehicle_with_plate_and_tag(self) -> None:
        office = UserFactory.create()
        cab = register(actor=office, make_and_model="Toyota Sienna")
        assert (cab.vin, cab.medallion, cab.plate, cab.status) == ("2FTDX000000000001", "9Z90", "9Z90A", "IN_SERVICE")
        assert list(cab.plates.values_list("plate", "state", "from_at", "until_at")) == [("9Z90A", "NY", JANUARY, None)]
        assert list(cab.tags.values_list("tag", "from_at", "until_at")) == [("22001234567", JANUARY, None)]
        assert {row.history_user for row in cab.history.all()} == {office}
        assert cab.plates.get().history.get().history_user == office

    @pytest.mark.parametrize(
        ("changed", "error", "field"),
        [
            ({"vin": "SHORT"}, services.VehicleInvalid, "vin"),
            ({"medallion": "NOPE9"}, services.VehicleInvalid, "medallion"),
            ({"plate": "NO PLATE"}, services.VehicleInvalid, "plate"),
            ({"state": "N"}, services.VehicleInvalid, "state"),
            ({"tag": "12"}, services.VehicleInvalid, "tag"),
            ({"tag": "00000000"}, services.VehicleInvalid, "tag"),
            ({"from_at": datetime(2026, 1, 1)}, services.MomentWithoutZone, "from_at"),  # noqa: DTZ001
        ],
    )
    def test_refuses_a_vehicle_by_name_and_writes_nothing(
        self, changed: dict[str, Any], error: type[DomainError], field: str
    ) -> None:
        with pytest.raises(error) as refusal:
            register(**changed)
        assert (refusal.value.at_field, Vehicle.objects.count(), VehiclePlate.objects.count()) == (field, 0, 0)

    @pytest.mark.parametrize(
        ("changed", "error", "field"),
        [
            ({}, services.VehicleInvalid, "vin"),
            ({"vin": "2FTDX000000000002"}, services.VehicleInvalid, "medallion"),
            ({"vin": "2FTDX000000000002", "medallion": "9Z91"}, services.PlateOrTagTaken, "plate"),
            ({"vin": "2FTDX000000000002", "medallion": "9Z91", "plate": ""}, services.PlateOrTagTaken, "tag"),
        ],
    )
    def test_refuses_to_register_what_another_vehicle_has(
        self, changed: dict[str, str], error: type[DomainError], field: str
    ) -> None:
        register()
        with refused(error, field=field):
            register(**changed)
        assert Vehicle.objects.count() == 1


@pytest.mark.django_db
class TestGivePlate:
    def test_a_new_plate_ends_the_one_before_it(self) -> None:
        cab = register()
        give_plate(cab, "y100001c")
        cab.refresh_from_db()
        assert cab.plate == "Y100001C"
        assert list(cab.plates.values_list("plate", "from_at", "until_at")) == [
            ("9Z90A", JANUARY, FEBRUARY),
            ("Y100001C", FEBRUARY, None),
        ]

    def test_a_plate_moves_from_one_vehicle_to_another(self) -> None:
        old_cab, new_cab = register(), VehicleFactory.create()
        with pytest.raises(services.PlateOrTagTaken, match="is on vehicle 9Z90"):
            give_plate(new_cab, "9Z90A")
        services.remove_plate(vehicle_id=old_cab.pk, until_at=FEBRUARY, actor=None)
        give_plate(new_cab, "9Z90A")
        old_cab.refresh_from_db()
        assert old_cab.plate == ""

    def test_another_state_has_a_plate_of_the_same_number(self) -> None:
        register()
        give_plate(VehicleFactory.create(), "9Z90A", state="NJ")
        assert VehiclePlate.objects.filter(plate="9Z90A").count() == 2

    def test_refuses_a_plate_before_the_present_one(self) -> None:
        cab = register()
        with refused(services.PlateOrTagTaken, field="from_at"):
            give_plate(cab, "Y100001C", JANUARY)

    def test_the_database_refuses_overlapping_plates_and_tags_to_everybody(self) -> None:
        plate = VehiclePlateFactory.create()
        tag = VehicleTagFactory.create()
        with pytest.raises(IntegrityError, match="leases_vehicleplate_on_one_vehicle"), transaction.atomic():
            VehiclePlateFactory.create(plate=plate.plate, from_at=MARCH)
        with pytest.raises(IntegrityError, match="leases_vehicleplate_one_at_a_time"), transaction.atomic():
            VehiclePlateFactory.create(vehicle=plate.vehicle, from_at=MARCH)
        with pytest.raises(IntegrityError, match="leases_vehicletag_in_one_vehicle"), transaction.atomic():
            VehicleTagFactory.create(tag=tag.tag, from_at=MARCH)
        with pytest.raises(IntegrityError, match="leases_vehicletag_in_one_vehicle"), transaction.atomic():
            VehicleTagFactory.create(tag=f"00{tag.tag}", from_at=MARCH)
        with pytest.raises(IntegrityError, match="leases_vehicletag_one_at_a_time"), transaction.atomic():
            VehicleTagFactory.create(vehicle=tag.vehicle, from_at=MARCH)
        with pytest.raises(IntegrityError, match="leases_vehicleplate_ends_later"), transaction.atomic():
            VehiclePlateFactory.create(from_at=MARCH, until_at=MARCH)


@pytest.mark.django_db
class TestRetireVehicle:
    def test_retiring_takes_a_vehicle_its_plate_and_its_tag_out_of_service(self) -> None:
        cab = register()
        retired_cab = services.retire_vehicle(vehicle_id=cab.pk, retired_at=MARCH, actor=None)
        assert (retired_cab.status, retired_cab.plate) == ("RETIRED", "")
        assert (cab.plates.get().until_at, cab.tags.get().until_at) == (MARCH, MARCH)
        with pytest.raises(services.AlreadyRetired):
            services.retire_vehicle(vehicle_id=cab.pk, retired_at=MARCH, actor=None)

    def test_retiring_a_leased_vehicle_is_refused(self) -> None:
        lease = start_lease()
        with refused(services.VehicleLeased) as refusal:
            services.retire_vehicle(vehicle_id=lease.vehicle_id, retired_at=at(date(2026, 3, 24)), actor=None)
        assert refusal.value.facts == {"lease": lease.pk}
        services.retire_vehicle(vehicle_id=lease.vehicle_id, retired_at=at(date(2026, 3, 25)), actor=None)

    def test_retiring_a_vehicle_before_its_plate_was_put_on_is_refused(self) -> None:
        cab = register(from_at=MARCH)
        with refused(services.NoPlateOrTag):
            services.retire_vehicle(vehicle_id=cab.pk, retired_at=FEBRUARY, actor=None)

    def test_a_retired_vehicle_gets_no_plate_until_it_is_returned(self) -> None:
        cab = register()
        with pytest.raises(services.NotRetired):
            services.return_vehicle(vehicle_id=cab.pk, actor=None)
        services.retire_vehicle(vehicle_id=cab.pk, retired_at=FEBRUARY, actor=None)
        with pytest.raises(services.VehicleRetired):
            give_plate(cab, "Y100001C", MARCH)
        services.return_vehicle(vehicle_id=cab.pk, actor=None)
        give_plate(cab, "Y100001C", MARCH)
        cab.refresh_from_db()
        assert (cab.status, cab.plate) == ("IN_SERVICE", "Y100001C")


@pytest.mark.django_db
class TestFindVehicle:
    def test_a_plate_finds_the_vehicle_that_had_it_then(self) -> None:
        old_cab, new_cab = register(), VehicleFactory.create()
        services.remove_plate(vehicle_id=old_cab.pk, until_at=FEBRUARY, actor=None)
        give_plate(new_cab, "9Z90A", MARCH)
        found = [
            selectors.find_vehicle_by_plate("9z90a", "ny", moment)
            for moment in (at(date(2025, 12, 31)), JANUARY, at(date(2026, 1, 31), "23:59"), FEBRUARY, MARCH)
        ]
        assert found == [None, old_cab, old_cab, None, new_cab]
        assert selectors.find_vehicle_by_plate("9Z90A", "NJ", JANUARY) is None

    def test_a_tag_finds_the_vehicle_that_had_it_then(self) -> None:
        old_cab, new_cab = register(), VehicleFactory.create()
        services.remove_tag(vehicle_id=old_cab.pk, until_at=FEBRUARY, actor=None)
        give_tag(new_cab, " 22001234567 ")
        assert selectors.find_vehicle_by_tag("22001234567", JANUARY) == old_cab
        assert selectors.find_vehicle_by_tag("22001234567 ", FEBRUARY) == new_cab
        assert selectors.find_vehicle_by_tag("22001234568", FEBRUARY) is None

    def test_zeros_before_a_tag_do_not_make_another(self) -> None:
        cab = register(tag="00412345678")
        assert selectors.find_vehicle_by_tag("412345678", FEBRUARY) == cab
        assert cab.tags.get().tag == "00412345678"
        with refused(services.PlateOrTagTaken, field="tag") as refusal:
            give_tag(VehicleFactory.create(), "412345678")
        assert "is on vehicle 9Z90" in str(refusal.value)

    def test_a_plate_since_ever_is_found_at_any_time(self) -> None:
        plate = VehiclePlateFactory.create()
        assert selectors.find_vehicle_by_plate(plate.plate, "NY", at(date(1970, 1, 1))) == plate.vehicle


@pytest.mark.django_db(transaction=True)
class TestRivals:
    def test_of_two_vehicles_that_want_one_tag_one_gets_it(self) -> None:
        outcomes = run_together(*(partial(give_tag, cab, "22001234567") for cab in VehicleFactory.create_batch(2)))
        (given,) = list_winners(outcomes)
        (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, services.PlateOrTagTaken)]
        assert VehicleTag.objects.get() == given
        assert refusal.facts["vehicle"] == given.vehicle_id
