"""What of the accounts waits for people, as Home tells it."""

from django.db.models import Count, Sum
from django.urls import reverse

from core.desk import Stack, register_stack
from ledger.selectors import list_short_for_saturday

register_stack(
    Stack(
        name="ledger.short",
        title="Drivers short for Saturday",
        permission="ledger.view_ledgerposting",
        rows=lambda today: list_short_for_saturday(today=today),
        amount=Sum("remaining"),
        count=Count("driver_id", distinct=True),
        address=lambda today: reverse("reports:report", args=["current-balances"]),
        say=lambda waiting, today: "Rent comes due, something is past due already, and nothing is held for them.",
    )
)
