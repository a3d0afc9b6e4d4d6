"""Trips in: kept as received, once each, matched to whose they were, and never guessed."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from curb import services as curb
from curb.errors import UnreadableTripFile
from curb.models import Trip, TripFile, WaitsFor
from leases.models import Lease
from tests.curb import trip, trip_file
from tests.dtr.fleet import card, close, drive, leased_driver
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, UserFactory, VehicleFactory

pytestmark = pytest.mark.django_db


class TestImportTrips:
    def test_a_trip_is_kept_as_received(self):
        lease = leased_driver()
        clerk = UserFactory.create()
        received = trip(DIST_SERVCE="2.4", cbdt="")

        done = curb.import_trips(file_name="week10.xml", content=trip_file([received]), actor=clerk)

        kept = Trip.objects.get()
        assert kept.received == received
        assert (kept.driver, kept.vehicle, kept.lease) == (lease.primary_driver, lease.vehicle, lease)
        assert (kept.waits_for, kept.week_end, kept.awaits_count, kept.is_current) == ("", None, True, True)
        assert (kept.service_number, kept.counts.count()) == ("7", 0)
        assert done.is_new
        assert (done.file.file_name, done.file.imported_by) == ("week10.xml", clerk)
        assert (done.file.row_count, done.file.imported_count) == (1, 1)

    def test_every_row_of_a_file_is_accounted_for(self):
        leased_driver()
        drive(card(ID="known"))

        file = curb.import_trips(
            file_name="again.xml",
            content=trip_file([card(ID="known"), card(ID="new"), card(ID="new"), card(ID="bad", T="?")]),
        ).file

        assert (file.row_count, file.imported_count, file.known_count, file.error_count) == (4, 1, 2, 1)
        (unread,) = file.unread_records.all()
        assert (unread.row, unread.attribute, unread.day) == (4, "T", date(2026, 3, 3))
        assert unread.message == "'?' is not a payment type ($, C, P, N, D)."

    def test_a_file_is_imported_once(self):
        leased_driver()
        content = trip_file([trip()])
        first = curb.import_trips(file_name="a.xml", content=content)

        second = curb.import_trips(file_name="b.xml", content=content)

        assert (second.is_new, second.file) == (False, first.file)
        assert (TripFile.objects.count(), Trip.objects.count()) == (1, 1)

    def test_records_are_looked_up_and_the_table_is_never_read_through(self):
        # In one session, on a table that nobody has counted since: as a fleet's first month comes in.
        leased_driver()

        for number in range(3):
            records = [card(ID=f"{number}-{n}") for n in range(400)]
            curb.import_trips(file_name=f"{number}.xml", content=trip_file(records))

        # (While there is next to nothing in it, PostgreSQL may look at all of that.)
        assert _count_rows_read_through() < 100
        assert Trip.objects.count() == 1200

    def test_an_amended_record_supersedes_the_first_which_stays_as_received(self):
        leased_driver()
        (first,) = drive(card("17.30", ID="7"))

        file = curb.import_trips(file_name="b.xml", content=trip_file([card("99.99", ID="7")])).file

        first.refresh_from_db()
        amended = Trip.objects.current().get()
        assert (str(first.total), first.is_current, first.awaits_count) == ("17.30", False, False)
        assert (str(amended.total), amended.supersedes, amended.awaits_count) == ("99.99", first, True)
        assert (file.imported_count, file.amended_count, file.error_count) == (1, 1, 0)

    def test_two_records_with_one_number_in_one_file_are_an_error(self):
        leased_driver()
        file = curb.import_trips(
            file_name="a.xml", content=trip_file([card("1.00", ID="7"), card("2.00", ID="7")])
        ).file

        assert str(Trip.objects.get().total) == "1.00"
        assert (file.imported_count, file.known_count, file.error_count) == (1, 0, 1)

    def test_the_same_number_in_another_period_is_another_trip(self):
        leased_driver()
        drive(card(ID="7"), card(ID="7", PERIOD="202602"))
        assert Trip.objects.count() == 2

    def test_an_unreadable_file_writes_nothing(self):
        with pytest.raises(UnreadableTripFile):
            curb.import_trips(file_name="a.xml", content=b"<trips>")
        assert (TripFile.objects.count(), Trip.objects.count()) == (0, 0)

    def test_takes_as_many_statements_for_a_thousand_trips_as_for_two(self, django_assert_num_queries):
        leased_driver()
        few = trip_file([trip(ID=str(number)) for number in range(2)])
        many = trip_file([trip(ID=str(number)) for number in range(1000, 2000)])
        statements = 13  # with those that begin and end the transaction
        with django_assert_num_queries(statements):
            curb.import_trips(file_name="few.xml", content=few)
        with django_assert_num_queries(statements):
            curb.import_trips(file_name="many.xml", content=many)


class TestMatching:
    def test_an_unknown_license_waits(self):
        leased_driver()
        (trip_,) = drive(card(DRIVER="9999999"))
        assert (trip_.waits_for, trip_.driver, trip_.lease) == (WaitsFor.DRIVER, None, None)

    def test_an_unknown_cab_waits(self):
        leased_driver()
        (trip_,) = drive(card(CABNUMBER="1A11"))
        assert (trip_.waits_for, trip_.vehicle, trip_.lease) == (WaitsFor.VEHICLE, None, None)

    def test_a_cab_without_a_lease_that_day_leaves_the_trip_to_its_driver(self):
        lease = leased_driver(start_on=date(2026, 3, 4))
        (the_day_before,) = drive(card(START_DATE="03/03/2026 23:59:59"))
        assert (the_day_before.driver, the_day_before.lease, the_day_before.waits_for) == (
            lease.primary_driver,
            None,
            WaitsFor.NOTHING,
        )

    def test_the_day_is_new_yorks(self):
        # 03/03 23:59:59 in New York is 03/04 in UTC.
        lease = leased_driver(end_on=date(2026, 3, 3))
        (late_evening, after_midnight) = drive(
            card(START_DATE="03/03/2026 23:59:59"), card(START_DATE="03/04/2026 00:00:00")
        )
        assert (late_evening.lease, after_midnight.lease) == (lease, None)

    def test_a_further_driver_drives_on_the_cabs_lease(self):
        lease = leased_driver()
        further = DriverFactory.create(tlc_license="5000002")
        LeaseDriverFactory.create(lease=lease, driver=further)
        (trip_,) = drive(card(DRIVER="5000002"))
        assert (trip_.driver, trip_.lease, trip_.waits_for) == (further, lease, WaitsFor.NOTHING)

    def test_of_two_shifts_a_driver_drives_their_own(self):
        day = leased_driver("5000001", shift=Lease.Shift.DAY)
        night = LeaseFactory.create(
            primary_driver=DriverFactory.create(tlc_license="5000002"), vehicle=day.vehicle, shift=Lease.Shift.NIGHT
        )
        by_day, by_night = drive(card(DRIVER="5000001"), card(DRIVER="5000002"))
        assert (by_day.lease, by_night.lease) == (day, night)

    def test_a_stranger_drives_on_neither_of_two_shifts(self):
        day = leased_driver("5000001", shift=Lease.Shift.DAY)
        LeaseFactory.create(vehicle=day.vehicle, shift=Lease.Shift.NIGHT)
        stranger = DriverFactory.create(tlc_license="5000003")
        (trip_,) = drive(card(DRIVER="5000003"))
        assert (trip_.waits_for, trip_.driver, trip_.lease) == (WaitsFor.NOTHING, stranger, None)

    def test_of_two_shifts_a_further_driver_drives_the_one_they_are_on(self):
        day = leased_driver("5000001", shift=Lease.Shift.DAY)
        night = LeaseFactory.create(vehicle=day.vehicle, shift=Lease.Shift.NIGHT)
        further = DriverFactory.create(tlc_license="5000003")
        LeaseDriverFactory.create(lease=night, driver=further, end_on=date(2026, 2, 28))
        in_time, too_late = drive(
            card(DRIVER="5000003", START_DATE="02/28/2026 23:00:00"),
            card(DRIVER="5000003", START_DATE="03/01/2026 23:00:00"),
        )
        assert (in_time.driver, in_time.lease, in_time.waits_for) == (further, night, WaitsFor.NOTHING)
        assert (too_late.lease, too_late.waits_for) == (None, WaitsFor.NOTHING)


class TestMatchWaitingTrips:
    def test_matching_again_finds_the_driver_who_was_entered_since(self):
        lease = leased_driver()
        (waiting,) = drive(card(DRIVER="9999999"))
        newcomer = DriverFactory.create(tlc_license="9999999")
        LeaseDriverFactory.create(lease=lease, driver=newcomer)

        assert curb.match_waiting_trips() == 1
        assert curb.match_waiting_trips() == 0

        waiting.refresh_from_db()
        assert (waiting.driver, waiting.lease, waiting.waits_for) == (newcomer, lease, WaitsFor.NOTHING)

    def test_matching_again_finds_the_lease_that_was_entered_since(self):
        driver = DriverFactory.create(tlc_license="5000001")
        vehicle = VehicleFactory.create(medallion="9Z90")
        (unleased,) = drive(card())
        lease = LeaseFactory.create(primary_driver=driver, vehicle=vehicle)

        assert curb.match_waiting_trips() == 1
        unleased.refresh_from_db()
        assert unleased.lease == lease

    def test_matching_again_leaves_what_a_close_has_counted(self):
        driver = DriverFactory.create(tlc_license="5000001")
        vehicle = VehicleFactory.create(medallion="9Z90")
        (counted,) = drive(card())
        close()
        LeaseFactory.create(primary_driver=driver, vehicle=vehicle)

        assert curb.match_waiting_trips() == 0
        counted.refresh_from_db()
        assert counted.lease is None


class TestTheDatabaseKeepsTrips:
    @pytest.fixture
    def counted(self):
        leased_driver()
        (counted,) = drive(card())
        close()
        return counted

    @pytest.mark.parametrize(
        "change",
        [
            "total = 99",
            "raw = '<RECORD/>'",
            "start_at = start_at + interval '1 day'",
            "payment_type = 'CASH'",
            "service_number = '8'",
            "week_end = NULL",
            "week_end = '2026-03-14'",
            "supersedes_id = id",
        ],
    )
    @pytest.mark.owner
    def test_the_database_refuses_to_change_a_counted_trip(self, counted, change):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE curb_trips SET {change} WHERE id = %s", [counted.pk])

    @pytest.mark.parametrize("change", ["lease_id = NULL", "counts_as = 'NOTHING'", "is_current = false"])
    def test_whose_a_counted_trip_is_changes_only_for_the_next_close_to_look_at(self, counted, change):
        sql = f"UPDATE curb_trips SET {change} WHERE id = %s"
        with pytest.raises(IntegrityError, match="next close"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [counted.pk])
        with connection.cursor() as cursor:
            cursor.execute(sql.replace(" WHERE", ", awaits_count = true WHERE"), [counted.pk])
            assert cursor.rowcount == 1

    def test_a_superseded_record_never_comes_back(self, counted):
        Trip.objects.filter(pk=counted.pk).update(is_current=False, awaits_count=True)
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            Trip.objects.filter(pk=counted.pk).update(is_current=True)

    @pytest.mark.owner
    def test_the_database_refuses_to_change_what_was_received(self):
        leased_driver()
        (fresh,) = drive(card())
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            Trip.objects.filter(pk=fresh.pk).update(total=99)

    @pytest.mark.parametrize("statement", ["DELETE FROM curb_trips", "TRUNCATE curb_trips CASCADE"])
    @pytest.mark.owner
    def test_the_database_refuses_to_lose_trips(self, counted, statement):
        connection.check_constraints()  # nothing deferred may hinder the TRUNCATE before the guard does
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_the_database_refuses_to_count_a_trip_that_waits(self):
        leased_driver()
        (waiting,) = drive(card(DRIVER="9999999"))
        close()
        waiting.refresh_from_db()
        assert waiting.week_end is None
        with pytest.raises(IntegrityError, match="curb_trips_counts_when_known"), transaction.atomic():
            Trip.objects.filter(pk=waiting.pk).update(week_end="2026-03-07")


def _count_rows_read_through() -> int:
    """The trips that this transaction has read without an index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'curb_trips'")
        return int(cursor.fetchone()[0])
