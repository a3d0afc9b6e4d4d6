"""Checks that the week's services share."""

from datetime import date, datetime

from config.kit.weeks import week_of
from dtr.models import WeekClose
from dtr.selectors import find_week
from dtr.services.errors import NotASaturday, WeekAlreadyClosed, WeekNotStarted


def check_week_end(week_end: date) -> date:
    """:raises NotASaturday: a week is named by its last day"""
    if isinstance(week_end, datetime) or week_of(week_end).end != week_end:
        raise NotASaturday(f"A week ends on a Saturday; {week_end} is a {week_end:%A}.", week_end=week_end.isoformat())
    return week_end


def get_open_week(week_end: date) -> WeekClose:
    """Return the week's close.

    :raises NotASaturday: not the last day of a week
    :raises WeekNotStarted, WeekAlreadyClosed: its close is not open
    """
    week = find_week(check_week_end(week_end))
    if week is None:
        raise WeekNotStarted(f"The close of the week ending {week_end} was not begun.", week_end=week_end.isoformat())
    if week.is_closed:
        raise WeekAlreadyClosed(f"The week ending {week_end} is closed.", week_end=week_end.isoformat())
    return week
