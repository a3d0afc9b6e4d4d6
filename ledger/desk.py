"""What of the accounts waits for people, as Home tells it."""

from django.db.models import Min, Sum
from django.urls import reverse

from core.desk import Stack, register_stack
from core.words import say_day
from ledger.selectors import list_returned_open, select_short_for_saturday

register_stack(
    Stack(
        name="ledger.short",
        title="Drivers short for Saturday",
        permission="ledger.view_ledgerposting",
        select=lambda today: select_short_for_saturday(today=today),
        address=lambda today: f"{reverse('reports:report', args=['current-balances'])}?show=short",
        say=lambda waiting, today: (
            "More comes due by then, something is past due already, and nothing is held for them."
        ),
    )
)
register_stack(
    Stack(
        name="ledger.returned",
        title="Checks that came back and are still owed",
        permission="ledger.view_ledgerposting",
        rows=lambda today: list_returned_open(),
        amount=Sum("remaining"),
        since=Min("effective_on"),
        address=lambda today: (
            f"{reverse('admin:ledger_ledgerbalance_changelist')}"
            "?status__exact=OPEN&category__exact=RECOVERY&q=RETURNED-PAY-"
        ),
        say=lambda waiting, today: (
            f"The first came back {say_day(waiting.since or today, told_on=today)}. Their drivers owe the money again."
        ),
    )
)
