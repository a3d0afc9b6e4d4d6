"""How a driver is found: each way of writing who is meant, and the words by which the database knows a driver."""

from datetime import date

import pytest
from django.utils import timezone

from leases import selectors, services
from leases.models import Driver, DriverToken, Lease, LeaseVehicle, Vehicle
from tests.factories import DriverFactory, LeaseFactory, VehicleFactory, VehiclePlateFactory, VehicleTagFactory
from tests.guards import refusal_of
from tests.leases.office import at
from tests.ledger.hostile import findings_of, tamper

pytestmark = pytest.mark.django_db

THURSDAY = date(2026, 3, 5)


def find(typed: str, on: date = THURSDAY) -> list[str]:
    found = selectors.list_found_drivers(selectors.split_words(typed), at=at(on))
    names = Driver.objects.in_bulk(found)
    return [f"{names[pk].first_name} {names[pk].last_name}" for pk in found]


def test_a_word_typed_twice_is_looked_for_once() -> None:
    assert selectors.split_words("Ali, ALI (718) ali 718") == ["ali", "718"]


@pytest.fixture
def lease() -> Lease:
    """The lease of Nadia Castillo-Núñez, among others who are like her in one thing each."""
    DriverFactory.create(first_name="Nadia", last_name="Kaba", tlc_license="5999001", phone="(917) 555-2000")
    DriverFactory.create(first_name="Tomás", last_name="Castillo", tlc_license="5999002", email="tomas@fleet.example")
    LeaseFactory.create()
    nadia = DriverFactory.create(
        first_name="Nadia",
        last_name="Castillo-Núñez",
        tlc_license="05401838",
        phone="(718) 555-1013",
        email="N.Castillo@mail.example",
    )
    cab = VehicleFactory.create(medallion="8H59", plate="T642312C", vin="4T1BF1FK5HU904321")
    VehiclePlateFactory.create(vehicle=cab, plate="T642312C")
    VehicleTagFactory.create(vehicle=cab, tag="00412345678")
    return LeaseFactory.create(primary_driver=nadia, vehicle=cab)


WAYS = {
    "first and last name": "nadia castillo",
    "last name first": "CASTILLO nadia",
    "as lists print it": "Castillo-Núñez, Nadia (05401838)",
    "one part of a double name": "nadia nunez",
    "a double name as one word": "castillonunez",
    "without its accents": "Nunez nadia",
    "beginnings": "nad cas",
    "the inside of a name": "still nadi",
    "license": "5401838",
    "license as CURB writes it": "05401838",
    "the last digits of a license": "1838",
    "phone": "7185551013",
    "phone as it is printed": "(718) 555-1013",
    "phone with the country's number": "+1 718-555-1013",
    "the last digits of a phone": "1013",
    "e-mail": "n.castillo@mail.example",
    "e-mail before its sign": "n.castillo",
    "medallion": "8h59",
    "cab and a name": "cab 8H59 cast",
    "plate": "T642312C",
    "plate as it is printed": "NY t-642312c",
    "tag": "00412345678",
    "tag without its zeros": "412345678",
    "the last digits of a tag": "345678",
    "the last digits of a VIN": "904321",
}


@pytest.mark.parametrize("way", WAYS)
def test_one_driver_is_found(lease: Lease, way: str) -> None:
    assert find(WAYS[way]) == ["Nadia Castillo-Núñez"]


@pytest.mark.parametrize("written", ["Lease {}", "LEASE-{}", "LEASE-{}-2026W10", "lease #{}"])
def test_a_driver_is_found_by_their_lease_also_after_its_end(lease: Lease, written: str) -> None:
    assert find(written.format(lease.pk), on=date(2028, 1, 1)) == ["Nadia Castillo-Núñez"]


@pytest.mark.parametrize(
    "typed", ["", "n", " , ", "castillo zzz", "8h59 kaba", "il", "%%%", "__", "\\", "☃☃", "' OR 1"]
)
def test_others_are_not(lease: Lease, typed: str) -> None:
    assert find(typed) == []


def test_whole_words_come_before_beginnings_and_these_before_other_parts() -> None:
    for last_name in ("Salim", "Limon", "Lim", "Li"):
        DriverFactory.create(first_name="Ed", last_name=last_name)
    assert find("lim") == ["Ed Lim", "Ed Limon", "Ed Salim"]
    # Of two letters beginnings alone are looked for.
    assert find("li") == ["Ed Li", "Ed Lim", "Ed Limon"]


def test_two_of_one_name_are_told_apart_by_license_cab_and_lease() -> None:
    first, second = (
        LeaseFactory.create(primary_driver=DriverFactory.create(first_name="Anil", last_name="Jeudy", tlc_license=pk))
        for pk in ("5401838", "5404807")
    )
    found = selectors.list_found_drivers(["jeudy", "anil"], at=at(THURSDAY))
    told = selectors.describe_drivers(found, at=at(THURSDAY))
    assert [(told[pk].name, told[pk].tlc_license, told[pk].medallion, told[pk].lease_id) for pk in found] == [
        ("Anil Jeudy", "5401838", first.vehicle.medallion, first.pk),
        ("Anil Jeudy", "5404807", second.vehicle.medallion, second.pk),
    ]


def test_what_a_driver_drives_is_what_they_have_at_that_moment(lease: Lease) -> None:
    other = VehicleFactory.create(medallion="2B34")
    services.swap_vehicle(
        lease_id=lease.pk, vehicle_id=other.pk, swapped_at=at(THURSDAY), effective_on=THURSDAY, actor=None
    )
    assert [find("8h59", date(2026, 3, 1)), find("2b34", date(2026, 3, 1))] == [["Nadia Castillo-Núñez"], []]
    assert [find("8h59", date(2026, 3, 6)), find("2b34", date(2026, 3, 6))] == [[], ["Nadia Castillo-Núñez"]]
    # No cab once the lease is over, by the passing of time alone.
    assert find("2b34", date(2027, 1, 5)) == []
    services.give_plate(vehicle_id=other.pk, plate="T999999C", from_at=at(THURSDAY), actor=None)
    assert find("t999999c", date(2026, 3, 6)) == ["Nadia Castillo-Núñez"]


def test_cabs_are_found_by_what_is_or_was_on_them(lease: Lease) -> None:
    for typed in ("8h5", "ny T642312C", "00412345678", "cab 8H59 t642", lease.vehicle.vin, "904321", "5678"):
        found = Vehicle.objects.filter(pk__in=selectors.list_found_vehicles(selectors.split_words(typed)))
        assert [cab.medallion for cab in found] == ["8H59"], typed


class TestTokens:
    def test_they_follow_the_row_whoever_writes_it(self) -> None:
        driver = DriverFactory.create(first_name="Ana", last_name="Lopez", phone="718-555-1013")
        Driver.objects.filter(pk=driver.pk).update(last_name="Ortiz", phone="")
        assert [find("lopez"), find("1013"), find("ortiz ana")] == [[], [], ["Ana Ortiz"]]
        assert findings_of("leases.tokens") == []
        Driver.objects.filter(pk=driver.pk).delete()
        assert not DriverToken.objects.exists()

    def test_many_rows_are_written_by_one_statement(self) -> None:
        Driver.objects.bulk_create(
            Driver(first_name="A", last_name=f"B{n}", tlc_license=f"{6000000 + n}") for n in range(9)
        )
        Driver.objects.update(first_name="Zoë")
        assert len(find("zoe")) == 9
        assert findings_of("leases.tokens") == []

    @pytest.mark.parametrize(
        "change", ["UPDATE {} SET token = 'x'", "DELETE FROM {}", "INSERT INTO {} VALUES ('x', true, 1)"]
    )
    def test_nobody_else_writes_them(self, change: str) -> None:
        DriverFactory.create()
        assert refusal_of(change.format("leases_driver_tokens")) == "leases_driver_tokens_kept_by_database"

    def test_the_audit_finds_what_is_missing_and_what_is_too_much(self) -> None:
        driver = DriverFactory.create(first_name="Ana", last_name="Ortiz")
        tamper(
            "leases_driver_tokens",
            "UPDATE leases_driver_tokens SET token = 'zzz' WHERE driver_id = %s AND token = 'ana'",
            driver.pk,
        )
        assert findings_of("leases.tokens") == [
            f"Driver {driver.pk} is not found by ana.",
            f"Driver {driver.pk} is found by zzz, which is none of their words.",
        ]


def test_a_search_takes_three_statements_however_many_words(django_assert_num_queries: object) -> None:
    DriverFactory.create(first_name="Ana", last_name="Ortiz")
    now = timezone.now()
    for typed in ("ana", "ana ortiz an or"):
        with django_assert_num_queries(3):  # type: ignore[operator]
            selectors.list_found_drivers(selectors.split_words(typed), at=now)


def test_a_span_that_begins_later_is_not_driven_yet(lease: Lease) -> None:
    LeaseVehicle.objects.filter(lease=lease).update(from_at=at(date(2026, 3, 6)))
    assert find("8h59") == []
