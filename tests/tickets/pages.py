"""Tickets as the office meets them: the pages of the admin, with the cabs and tolls of these very weeks."""

from datetime import timedelta
from io import BytesIO
from typing import Any, cast

from django.contrib.auth import get_user
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from leases.models import Lease
from tests.ledger.admin_pages import url_of
from tests.tickets.files import EZPASS_HEAD, leased_cab, text
from tests.tickets.files import toll as toll_of
from tickets import services
from tickets.models import TicketImport
from tickets.tasks import read_file_task

UPLOAD = "tickets_ticketimport_upload"


def current_lease(plate: str = "T100001C", **facts: Any) -> Lease:
    """A cab leased from ten weeks ago to ten weeks from now."""
    today = timezone.localdate()
    return leased_cab(plate, start_on=today - timedelta(days=70), end_on=today + timedelta(days=70), **facts)


def recent_toll(number: int | str, plate: str = "NY T100001C", **facts: str) -> str:
    """A toll of yesterday."""
    return toll_of(number, plate, on=f"{timezone.localdate() - timedelta(days=1):%m/%d/%Y}", **facts)


def send(client: Client, *rows: str, content: bytes | None = None, **typed: str) -> Any:
    """Send a file by the upload page, which keeps it; return the page that it leads to."""
    file = SimpleUploadedFile("tolls.csv", text(EZPASS_HEAD, rows) if content is None else content)
    return client.post(url_of(UPLOAD), {"file": file, "_confirm": "1", **typed}, follow=True)


def upload(client: Client, *rows: str, kind: str = "ezpass", content: bytes | None = None, **typed: str) -> Any:
    """Send a file and have a worker read it; return its page then."""
    page = send(client, *rows, content=content, kind=kind, **typed)
    file = page.context["original"]
    read_file_task(file.pk)
    return client.get(url_of("tickets_ticketimport_change", file.pk))


def import_tolls(client: Client, *rows: str) -> TicketImport:
    """Bring in a file of tolls as who sits at this browser would by its pages, for less."""
    actor: Any = get_user(cast(HttpRequest, client))  # whose session is all that it asks for
    today = timezone.localdate()
    staged = services.stage_file(
        kind="ezpass", file_name="tolls.csv", file=BytesIO(text(EZPASS_HEAD, rows)), today=today, actor=actor
    )
    return services.confirm_import(import_id=staged.file.pk, today=today, actor=actor)


def import_by_pages(client: Client, *rows: str) -> TicketImport:
    """Upload a file of tolls and confirm it."""
    file: TicketImport = upload(client, *rows).context["original"]
    client.post(url_of("tickets_ticketimport_confirm", file.pk), {"_confirm": "1"})
    file.refresh_from_db()
    return file


def facts_on(page: Any) -> dict[str, Any]:
    """What a record's page says, by label."""
    return {fact.label: fact.value for fact in page.context["facts"]}


def buttons_on(page: Any) -> list[str]:
    return [button.label for button in page.context["buttons"]]
