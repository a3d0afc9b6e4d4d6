"""What of the tickets waits for people, as Home tells it."""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import F, Min, Q, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse

from core.clock import at
from core.desk import Stack, Waiting, register_stack
from core.words import say_day
from tickets import selectors
from tickets.models import TicketImport

#: The stack of the review queue, whose reasons Home tells.
REVIEW = "tickets.review"
#: A file that was refused as a whole is told for so many days: by then another has come, or nobody misses it.
REFUSED_TOLD_DAYS = 7


def _say_answer(waiting: Waiting, today: date) -> str:
    assert waiting.since is not None
    first = waiting.since + timedelta(days=settings.ANSWER_WITHIN_DAYS)
    return f"The first by {say_day(first, told_on=today)}. Nobody has decided them yet."


register_stack(
    Stack(
        name=REVIEW,
        title="Tolls and tickets to assign",
        permission="tickets.assign_ticket",
        rows=lambda today: selectors.list_waiting(),
        amount=Sum("amount"),
        since=TruncDate(Min("at")),
        address=lambda today: reverse("admin:tickets_ticket_queue"),
        say=lambda waiting, today: (
            f"Oldest from {say_day(waiting.since or today, told_on=today)}. They miss Sunday's DTRs if they stay."
        ),
    )
)
register_stack(
    Stack(
        name="tickets.changes",
        title="Summonses changed since they were charged",
        permission="tickets.correct_ticket",
        rows=lambda today: selectors.list_changes(),
        amount=Sum(F("now_total") - F("now_paid") - F("before_total") + F("before_paid")),
        since=TruncDate(Min("found_at")),
        address=lambda today: reverse("admin:tickets_ticket_changes"),
        say=lambda waiting, today: "Told otherwise by the city since; the amount is by how much.",
    )
)
register_stack(
    Stack(
        name="tickets.due",
        title="Summonses to answer within 7 days",
        permission="tickets.assign_ticket",
        rows=lambda today: selectors.list_due(today=today),
        amount=Sum("amount"),
        since=TruncDate(Min("at")),
        address=lambda today: reverse("admin:tickets_ticket_due"),
        say=_say_answer,
    )
)
register_stack(
    Stack(
        name="tickets.files",
        title="Files not imported",
        permission="tickets.add_ticketimport",
        rows=lambda today: TicketImport.objects.filter(
            Q(state=TicketImport.State.STAGED)
            | Q(state=TicketImport.State.REFUSED, staged_at__gte=at(today - timedelta(days=REFUSED_TOLD_DAYS)))
        ),
        since=TruncDate(Min("staged_at")),
        address=lambda today: reverse("admin:tickets_ticketimport_changelist"),
        say=lambda waiting, today: "Read and not confirmed, or refused within a week.",
    )
)
