"""A NUL in an address is no error: every list, picker and page takes what is left of it."""

import pytest
from django.urls import reverse

from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "leases_driver_changelist",
        "leases_lease_changelist",
        "ledger_interimpayment_changelist",
        "tickets_ticket_changelist",
        "dtr_dtr_changelist",
        "curb_trip_changelist",
        "ledger_take_payment",
    ],
)
def test_lists_and_pages_take_it(address: str) -> None:
    client = browse()
    for asked in ({"q": "a\0b"}, {"q": "\0"}, {"status__exact": "\0"}, {"o": "\0", "\0": "x"}):
        assert client.get(reverse(f"admin:{address}"), asked, follow=True).status_code == 200


def test_pickers_take_it() -> None:
    driver = DriverFactory.create(last_name="Okafor")
    query = {"app_label": "leases", "model_name": "lease", "field_name": "primary_driver", "term": "oka\0for"}
    found = browse("Office").get(reverse("admin:autocomplete"), query).json()["results"]
    assert [row["id"] for row in found] == [str(driver.pk)]
