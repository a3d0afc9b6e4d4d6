"""What of a week has arrived from CURB: its answers, the card trips of each day, and what must still be looked at."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from core.clock import NEW_YORK, at, week_ends_at
from core.weeks import Week
from curb.models import CardTripsExpected, CurbAnswer, Trip
from curb.rules import EARNING_TYPES, PaymentType, Question
from ledger.money import ZERO

#: Among so many trips one was paid by card, or none comes in any more.
NEWEST_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class MissingAnswers:
    """The questions about a New York day that CURB has not answered since the day was over."""

    day: date
    questions: tuple[Question, ...]

    @property
    def reaches_nothing(self) -> bool:
        return len(self.questions) == len(Question)


@dataclass(frozen=True, slots=True)
class WaitingSum:
    """Trips that wait for a driver, a cab or a lease, and the card money among them in dollars."""

    trips: int
    card_total: Decimal


@dataclass(frozen=True, slots=True)
class TripArrivals:
    """When trips came in last, by file or from CURB's service, and when the newest card trip began; None: never, or
    none among the newest trips."""

    imported_at: datetime | None
    reaches_to: datetime | None


def is_curb_configured() -> bool:
    """Whether CURB's service is asked at all: its address and credentials are in the settings."""
    return all((settings.CURB_URL, settings.CURB_USER_ID, settings.CURB_PASSWORD, settings.CURB_MERCHANT))


def find_card_trips_expected() -> CardTripsExpected | None:
    """What was said last of since when card trips are expected; None where nobody has said anything."""
    return CardTripsExpected.objects.select_related("set_by").order_by("-pk").first()


def list_missing_answers(week: Week) -> list[MissingAnswers]:
    """The days of a week of which CURB's answers are missing, or do not reach the end of the day."""
    asked: dict[tuple[date, str], datetime] = {
        (answer.day, answer.question): answer.asked_at
        for answer in CurbAnswer.objects.filter(day__range=(week.start, week.end))
    }
    missing = []
    for day in week.days:
        ends_at = at(day + timedelta(days=1))
        unanswered = tuple(
            question
            for question in Question
            if (asked_at := asked.get((day, question.value))) is None or asked_at < ends_at
        )
        if unanswered:
            missing.append(MissingAnswers(day, unanswered))
    return missing


def count_card_trips_by_day(*, from_on: date, to_on: date) -> dict[date, int]:
    """How many card trips began on each New York day, whosever they are; days without one are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (start_at AT TIME ZONE %s)::date, count(*) FROM curb_trips
            WHERE start_at >= %s AND start_at < %s AND payment_type = ANY(%s) AND is_current GROUP BY 1
            """,
            [
                NEW_YORK.key,
                at(from_on),
                at(to_on + timedelta(days=1)),
                [kind.value for kind in EARNING_TYPES],
            ],
        )
        return dict(cursor.fetchall())


def find_arrivals(*, until: datetime) -> TripArrivals:
    """Return what came in of trips by a moment, by one statement.

    Trips are read from the newest on, along an index, and no more of them than ``NEWEST_LOOKED_AT``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT imported_at FROM curb_trip_files ORDER BY id DESC LIMIT 1), (
                SELECT start_at FROM (
                    SELECT start_at, payment_type, is_current FROM curb_trips
                    WHERE start_at <= %s ORDER BY start_at DESC, id DESC LIMIT %s
                ) AS newest
                WHERE payment_type = ANY(%s) AND is_current ORDER BY start_at DESC LIMIT 1
            )
            """,
            [until, NEWEST_LOOKED_AT, [kind.value for kind in EARNING_TYPES]],
        )
        return TripArrivals(*cursor.fetchone())


def sum_waiting_trips(week: Week) -> WaitingSum:
    """The waiting trips that began before the week's end: no close counts them before they are assigned."""
    sums = (
        Trip.objects.waiting()
        .filter(start_at__lt=week_ends_at(week))
        .aggregate(
            trips=Count("pk"),
            card_total=Coalesce(Sum("total", filter=Q(payment_type=PaymentType.CARD.value)), ZERO),
        )
    )
    return WaitingSum(sums["trips"], sums["card_total"])
