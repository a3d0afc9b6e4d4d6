"""Two people at one trip, and a person beside a close: each trip ends counted once, for one driver."""

import pytest

from curb.errors import AlreadyNobodys
from curb.models import Trip, TripCorrection, TripCount
from dtr import services as dtr
from tests.books import assert_books_clean
from tests.curb.counting import back, move
from tests.dtr.fleet import NEXT_WEEK, card, close, drive, leased_driver, make_ready
from tests.threads import count_refusals, run_together

pytestmark = pytest.mark.django_db(transaction=True)


def standing_counts() -> list[tuple[int, int]]:
    """Of each driver, how often the trips stand counted."""
    sums: dict[int, int] = {}
    for count in TripCount.objects.all():
        sums[count.driver_id] = sums.get(count.driver_id, 0) + count.sign
    return sorted((driver, total) for driver, total in sums.items() if total)


def test_two_move_a_counted_trip_and_one_driver_has_it():
    wrong, first, second = (leased_driver(f"500000{n + 1}", f"9Z9{n}") for n in range(3))
    (trip,) = drive(card())
    close()
    assert standing_counts() == [(wrong.primary_driver_id, 1)]
    run_together(lambda: move(Trip.objects.get(pk=trip.pk), first), lambda: move(Trip.objects.get(pk=trip.pk), second))
    trip.refresh_from_db()
    assert trip.lease_id in (first.pk, second.pk)
    close(NEXT_WEEK)
    assert standing_counts() == [(trip.driver_id, 1)]
    assert_books_clean()


def test_two_count_one_trip_back_once():
    leased_driver()
    (trip,) = drive(card())
    close()
    answers = run_together(*[lambda: back(Trip.objects.get(pk=trip.pk))] * 2)
    assert count_refusals(answers) == {AlreadyNobodys: 1}
    assert TripCorrection.objects.count() == 1
    close(NEXT_WEEK)
    assert standing_counts() == []
    assert_books_clean()


def test_a_trip_moved_while_its_week_closes_is_counted_for_the_right_driver_in_the_end():
    leased_driver("5000001", "9Z90")
    right = leased_driver("5000002", "9Z91")
    (trip,) = drive(card())
    close()
    back(trip)
    make_ready(NEXT_WEEK)
    run_together(
        lambda: move(Trip.objects.get(pk=trip.pk), right),
        lambda: dtr.start_week(week=NEXT_WEEK, today=NEXT_WEEK.next.start),
    )
    dtr.close_week(week=NEXT_WEEK, today=NEXT_WEEK.next.start)
    close(NEXT_WEEK.next)
    assert standing_counts() == [(right.primary_driver_id, 1)]
    assert_books_clean()
