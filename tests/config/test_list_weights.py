"""How heavy the page of each list of money is when it is full: what a phone beside a cab waits for."""

import gzip
import random
import re
from decimal import Decimal

import pytest
from django.utils import timezone

from curb.models import CardTransaction, TripFile
from ledger import services as ledger
from tests.config.test_lists import money_lists
from tests.config.test_reports import fleet as fleet
from tests.factories import LeaseFactory
from tests.ledger.admin_pages import browse, url_of
from tests.loans.office import lend
from tests.repairs.office import enter
from tests.tickets.files import HOW
from tickets import services as tickets
from tickets.models import ChargeType

pytestmark = pytest.mark.django_db

#: Bytes of a page as it is read, and as it is sent.
MOST, MOST_SENT = 150_000, 25_000
ROWS = 50
AMOUNTS = ("fare", "tips", "extras", "tolls", "mta_tax", "improvement", "congestion", "airport", "cbd", "ehail")


@pytest.fixture
def one_of_each(fleet):
    """A row of every list of money, with long words where people write them."""
    lease, today = LeaseFactory.create(), timezone.localdate()
    enter(lease)
    lend(lease.primary_driver)
    tickets.create_misc_charge(
        charge_type_id=ChargeType.objects.create(name="Lost spare key", is_active=True).pk,
        driver_id=lease.primary_driver_id,
        amount=Decimal("45.00"),
        note="Left in the cab at the airport, found by nobody. " * 3,
        **HOW,
    )
    ledger.record_transfer(
        kind="BORNE", debit="6040", credit="1030", amount=Decimal("9.11"), reference_id="EZPASS-1",
        effective_on=today, today=today, actor=None,
    )  # fmt: skip
    file = TripFile.objects.create(file_name="cards.xml", sha256="0" * 64, row_count=1, imported_count=1)
    CardTransaction.objects.create(
        row_id="1234567890", state="AP", file=file, raw="", received={}, license="5000001", cab="9Z90",
        start_at=timezone.now(), amount=Decimal("10.00"), **dict.fromkeys(AMOUNTS, Decimal("1.00")),
    )  # fmt: skip


def fill(page: str) -> str:
    """The page with fifty rows, each as the longest that it has, and each with other digits, which pack badly."""
    before, rest = page.split("<tbody", 1)
    body, after = rest.rsplit("</tbody>", 1)
    longest, chance = max(re.findall(r"(?s)<tr\b.*?</tr>", body), key=len), random.Random(ROWS)
    full = [re.sub(r"\d", lambda _: str(chance.randrange(10)), longest) for _ in range(ROWS)]
    return f"{before}<tbody>{''.join(full)}</tbody>{after}"


def test_a_full_page_of_every_list_of_money_is_light(one_of_each):
    client, weighs = browse(), {}
    for name in money_lists():
        page = client.get(url_of(f"{name}_changelist"))
        assert page.context["cl"].result_list, name
        full = fill(page.content.decode()).encode()
        weighs[name] = len(full), len(gzip.compress(full, 6))
    assert {name: both for name, both in weighs.items() if both[0] > MOST or both[1] > MOST_SENT} == {}
    assert all(whole > MOST / 2 for whole, _ in weighs.values()), weighs
