"""Two imports that bring the same records at the same time: each record is there once, and the later is compared."""

import threading

import pytest
from django.db import connections

from core.errors import Busy
from curb import services as curb
from curb.errors import UnreadableTripFile
from curb.models import Trip, TripFile
from curb.services import trips as importing
from tests.curb import trip_file
from tests.dtr.fleet import card
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meanwhile(monkeypatch):
    """Have another import come in and be done between our look at what is known and our insert, these many times."""

    def arrange(contents):
        insert, left = importing.insert_trips, list(contents)

        def insert_late(*args, **kwargs):
            if left and threading.current_thread() is threading.main_thread():
                run_together(lambda: curb.import_trips(file_name="other.xml", content=left.pop(0)))
            return insert(*args, **kwargs)

        monkeypatch.setattr(importing, "insert_trips", insert_late)

    yield arrange
    connections.close_all()


def test_what_another_import_brings_meanwhile_is_known(meanwhile):
    meanwhile([trip_file([card("17.30", ID="1")])])
    file = curb.import_trips(file_name="ours.xml", content=trip_file([card("17.30", ID=n) for n in "12"])).file
    assert (file.row_count, file.imported_count, file.known_count, file.amended_count) == (2, 1, 1, 0)
    assert sorted(Trip.objects.values_list("record_id", "is_current")) == [("1", True), ("2", True)]


def test_with_other_figures_it_is_amended(meanwhile):
    meanwhile([trip_file([card("17.30", ID="1")])])
    file = curb.import_trips(file_name="ours.xml", content=trip_file([card("18.30", ID="1")])).file
    assert (file.imported_count, file.amended_count, str(file.amended_by)) == (1, 1, "1.00")
    assert [(str(one.total), one.supersedes_id is None) for one in Trip.objects.order_by("pk")] == [
        ("17.30", True),
        ("18.30", False),
    ]


def test_time_and_again_is_busy_and_nothing_is_written(meanwhile):
    meanwhile([trip_file([card(ID=n)]) for n in "123"])
    with pytest.raises(Busy):
        curb.import_trips(file_name="ours.xml", content=trip_file([card(ID=n) for n in "1234"]))
    assert sorted(Trip.objects.values_list("record_id", flat=True)) == ["1", "2", "3"]
    assert not TripFile.objects.filter(file_name="ours.xml").exists()


def test_two_in_opposite_order_both_come_to_an_end():
    records = [card(ID=str(n)) for n in range(1, 400)]
    done = run_together(
        lambda: curb.import_trips(file_name="a.xml", content=trip_file(records)),
        lambda: curb.import_trips(file_name="b.xml", content=trip_file(reversed(records))),
    )
    assert sum(one.file.imported_count for one in done) == Trip.objects.count() == 399


def test_a_file_that_breaks_off_later_leaves_no_thread_and_no_row(monkeypatch):
    monkeypatch.setattr(importing, "ROWS_IN_A_LOT", 2)
    before = threading.active_count()
    content = trip_file([card(ID=str(n)) for n in range(1, 10)]).replace(b"</trips>", b"<x/></trips>")
    with pytest.raises(UnreadableTripFile):
        curb.import_trips(file_name="a.xml", content=content)
    assert (Trip.objects.count(), threading.active_count()) == (0, before)
