"""What is owed, as the pages of a driver and a lease tell it: much of a kind is one line, and leads to what it says."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from core.dossier import Subject, dossier_url
from core.words import say_days
from leases.models import Lease
from ledger import services as ledger
from ledger.models import LedgerBalance
from tests.factories import LeaseFactory, UserFactory
from tests.ledger.admin_pages import browse
from tests.ledger.proofs import charge

pytestmark = pytest.mark.django_db

ROW = re.compile(r"<tr><td>(\d+ more for .*?)</td>(.*?)</tr>", re.DOTALL)


@pytest.fixture
def lease() -> Lease:
    return LeaseFactory.create()


def find_folded(client: Client, of: Subject, record_id: int) -> list[tuple[str, str, str]]:
    """Return the words, the open dollars and the link of each line that is of several."""
    page = client.get(dossier_url(of, record_id), {"tab": "account"}).content.decode()
    folded = []
    for words, figures in ROW.findall(page):
        assert "href" not in figures
        (link,) = re.findall(r'href="([^"]+)"', words)
        told = " ".join(re.sub(r"<[^>]+>", " ", words).split())
        folded.append((told, re.findall(r">([\d.]+)<", figures)[-1], unescape(link)))
    return folded


@pytest.mark.parametrize("of", [Subject.DRIVER, Subject.LEASE])
def test_the_rest_of_a_kind_leads_to_all_of_it(of: Subject, lease: Lease) -> None:
    """Late tolls of 1.00, 2.00, 4.00 and 8.00, and coming ones of 16.00, 32.00, 64.00, 128.00 and 256.00.

    Two of each are told apart: of the late 4.00 and 8.00 are left, 12.00 of 15.00 in all; of those to come 64.00,
    128.00 and 256.00, 448.00 of 496.00.
    """
    today = timezone.localdate()
    late, coming = [today - timedelta(days=ago) for ago in (12, 9, 6, 3)], [today + timedelta(days=3)] * 5
    driver = lease.primary_driver
    for place, due_on in enumerate([*late, *coming]):
        facts = {"due_on": due_on, "effective_on": min(due_on, today), "lease_id": lease.pk}
        charge(driver, f"EZPASS-{place}", f"{2**place}.00", **facts)
    charge(driver, "MISC-1", "7.00", due_on=coming[0], effective_on=today, lease_id=lease.pk)
    ledger.credit_driver(
        driver_id=driver.pk,
        category="EZPASS",
        amount=Decimal("3.00"),
        reference_id="MEMO-1",
        reason="Twice",
        effective_on=today,
        lease_id=lease.pk,
        actor=UserFactory.create(),
    )
    client = browse("Supervisor")

    folded = find_folded(client, of, lease.primary_driver_id if of == Subject.DRIVER else lease.pk)

    days = say_days(late[2], late[3], told_on=today)
    assert [(words, dollars) for words, dollars, _ in folded] == [
        (f"2 more for tolls, due {days} All 4", "12.00"),
        ("3 more for tolls All 5", "448.00"),
    ]
    for (_, _, url), all_of_it in zip(folded, ("15.00", "496.00"), strict=True):
        listed: list[LedgerBalance] = list(client.get(url).context["cl"].result_list)
        assert sum(balance.remaining for balance in listed) == Decimal(all_of_it)
