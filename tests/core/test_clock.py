"""New York's clock: weeks as moments, and what its clocks showed."""

from datetime import UTC, date, datetime

import pytest

from core.clock import in_new_york, week_ends_at, week_starts_at
from core.weeks import week_of


class TestWeekMoments:
    @pytest.mark.parametrize(
        ("week_end", "starts", "ends", "hours"),
        [
            (date(2026, 11, 21), "2026-11-15T05:00", "2026-11-22T05:00", 168),
            (date(2026, 3, 14), "2026-03-08T05:00", "2026-03-15T04:00", 167),  # its Sunday loses an hour
            (date(2026, 11, 7), "2026-11-01T04:00", "2026-11-08T05:00", 169),  # and this one's has it twice
            (date(2027, 1, 2), "2026-12-27T05:00", "2027-01-03T05:00", 168),
        ],
    )
    def test_run_from_sunday_to_sunday_in_new_york(self, week_end, starts, ends, hours):
        start, end = week_starts_at(week_of(week_end)), week_ends_at(week_of(week_end))
        assert start.astimezone(UTC).isoformat() == f"{starts}:00+00:00"
        assert end.astimezone(UTC).isoformat() == f"{ends}:00+00:00"
        assert (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() == hours * 3600


class TestInNewYork:
    @pytest.mark.parametrize(
        ("wall_clock", "utc"),
        [
            ("2026-01-15T12:00", "2026-01-15T17:00"),
            ("2026-07-15T12:00", "2026-07-15T16:00"),
            ("2026-11-01T00:59", "2026-11-01T04:59"),
            ("2026-11-01T01:30", "2026-11-01T05:30"),  # shown twice: the first time is meant
            ("2026-11-01T02:00", "2026-11-01T07:00"),
            ("2026-03-08T01:59", "2026-03-08T06:59"),
            ("2026-03-08T02:30", "2026-03-08T07:30"),  # shown by a clock not yet put forward: the moment 03:30
            ("2026-03-08T03:00", "2026-03-08T07:00"),
        ],
    )
    def test_reads_a_wall_clock(self, wall_clock, utc):
        moment = in_new_york(datetime.fromisoformat(wall_clock))
        assert moment.astimezone(UTC).replace(tzinfo=None) == datetime.fromisoformat(utc)
        assert moment.tzname() in ("EST", "EDT")

    @pytest.mark.parametrize(
        ("start", "end", "minutes"),
        [
            ("2026-11-01T01:50", "2026-11-01T01:10", 20),  # over the hour that is shown twice
            ("2026-11-01T00:50", "2026-11-01T01:10", 20),
            ("2026-11-01T01:10", "2026-11-01T01:30", 20),
            ("2026-11-01T01:50", "2026-11-01T02:10", 80),  # the second 02:10 only: nothing tells a shorter trip
            ("2026-03-08T01:50", "2026-03-08T03:10", 20),
        ],
    )
    def test_ends_a_trip_after_its_start(self, start, end, minutes):
        started = in_new_york(datetime.fromisoformat(start))
        ended = in_new_york(datetime.fromisoformat(end), not_before=started)
        assert (ended.astimezone(UTC) - started.astimezone(UTC)).total_seconds() == minutes * 60
