"""What of CURB's trips waits for people, as Home tells it."""

from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse

from core.desk import Stack, register_stack
from core.words import say_day
from curb.models import Trip, UnreadRecord
from curb.rules import PaymentType

register_stack(
    Stack(
        name="curb.waiting",
        title="Trips without a driver",
        permission="curb.match_trip",
        rows=lambda today: Trip.objects.waiting(),
        amount=Sum("total", filter=Q(payment_type=PaymentType.CARD.value)),
        since=TruncDate(Min("start_at")),
        address=lambda today: reverse("admin:curb_trip_waiting"),
        say=lambda waiting, today: (
            f"Card fares nobody has been credited with, the oldest of {say_day(waiting.since or today, told_on=today)}."
        ),
    )
)
register_stack(
    Stack(
        name="curb.undecided",
        title="Card trips in doubt",
        permission="curb.correct_trip",
        rows=lambda today: Trip.objects.undecided(),
        amount=Sum("total"),
        since=TruncDate(Min("start_at")),
        address=lambda today: reverse("admin:curb_card_money"),
        say=lambda waiting, today: "Declined or listed twice at CURB: somebody must say how they were paid.",
    )
)
register_stack(
    Stack(
        name="curb.unread",
        title="CURB files with records that could not be read",
        permission="curb.see_unread",
        rows=lambda today: UnreadRecord.objects.filter(seen_at=None),
        count=Count("file_id", distinct=True),
        address=lambda today: reverse("admin:curb_tripfile_changelist"),
        say=lambda waiting, today: "The week does not close before somebody has looked at them.",
    )
)
