"""The admin as a person uses it: sign in with a role, fill in a page, look at the preview, confirm."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Driver
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.factories import UserFactory

#: A mark of one showing of a page, as the page itself makes it.
TOKEN = "0b5c1f7e-3b0a-4f0e-9d5a-1a2b3c4d5e6f"


def browse(role: str = "") -> Client:
    """A browser signed in as a member of staff with this role, or as a superuser without one."""
    client = Client()
    user = UserFactory.create(groups=[role]) if role else UserFactory.create(is_superuser=True)
    client.force_login(user)
    return client


def url_of(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def look(client: Client, url: str, **typed: Any) -> Any:
    """Fill in the page and ask for its preview."""
    return client.post(url, {**typed, "_preview": "1"})


def confirm(client: Client, url: str, **typed: Any) -> Any:
    """Fill in the page, look at its preview, and press the button under it."""
    page = look(client, url, **typed)
    assert page.status_code == 200
    assert page.context["seen"], page.context["form"].errors
    return client.post(url, {**typed, **hidden_on(page), "_confirm": "1"})


def hidden_on(page: Any) -> dict[str, Any]:
    """What a browser sends back of a preview: its digest, and the doubts that it asked about, each ticked."""
    asked = [doubt.code for doubt in getattr(page.context["preview"], "doubts", ())]
    return {"_seen": page.context["seen"], "_asked": asked, "_confirmed": asked}


def errors_on(page: Any) -> dict[str, list[str]]:
    """The errors a page shows, by input; ``__all__`` are those above the form."""
    errors: dict[str, list[str]] = page.context["form"].errors
    return {field: list(messages) for field, messages in errors.items()}


def messages_on(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def owe(driver: Driver, reference: str = "MISC-1", amount: str = "100.00", *, due_in: int = -3) -> LedgerPosting:
    """Charge the driver under the category that the reference names, due so many days from today."""
    due_on = days_ago(-due_in)
    return ledger.create_obligation(
        category=reference.split("-")[0],
        amount=Decimal(amount),
        reference_id=reference,
        driver_id=driver.pk,
        due_on=due_on,
        effective_on=min(due_on, timezone.localdate()),
    )


def hold(driver: Driver, reference: str = "CURB-1", amount: str = "100.00") -> LedgerPosting:
    """Credit the driver with card fares of some days ago."""
    return ledger.post_earnings(
        amount=Decimal(amount), reference_id=reference, driver_id=driver.pk, effective_on=days_ago(3)
    )
