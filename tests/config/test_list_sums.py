"""What a list of many rows comes to: added up once its page is seen, or when somebody asks, and never for long."""

import pytest
from django.db import connection

from core.admin import change_lists
from core.admin.pages import list_sum
from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse, url_of
from tests.ledger.proofs import pay

pytestmark = pytest.mark.django_db

PAYMENTS = "ledger_interimpayment"


def test_a_long_list_asks_for_its_sum_by_itself_up_to_a_million_rows(monkeypatch):
    driver = DriverFactory.create()
    for amount in ("10.00", "30.00", "20.00"):
        pay(driver, amount)
    client, url, unasked = browse("Auditor"), url_of(f"{PAYMENTS}_changelist"), {"X-Unasked": "1", "HX-Request": "true"}
    assert 'hx-trigger="intersect once"' not in client.get(url).content.decode(), "a short list was added up at once"
    monkeypatch.setattr(change_lists, "COUNT_UP_TO", 2)
    page = client.get(url, {"method__exact": "CASH"})
    assert 'hx-trigger="intersect once"' in page.content.decode()
    sum_url = page.context["cl"].sum_url
    told = client.get(sum_url, headers=unasked).content.decode()
    assert "<strong>$60.00</strong>  in 3 payments" in told
    assert "Add up" not in told

    monkeypatch.setattr(change_lists, "ADD_UP_UNASKED", 2)
    told = " ".join(client.get(sum_url, headers=unasked).content.decode().split())
    assert "More than 2 rows." in told
    assert f'hx-get="{sum_url}"' in told
    assert "$60.00" in client.get(sum_url, headers={"HX-Request": "true"}).content.decode()
    # Of a list that is not narrowed PostgreSQL's statistics tell beforehand: nothing is asked.
    monkeypatch.setattr(change_lists, "_estimate_rows", lambda _: 3)
    longer = client.get(url).content.decode()
    assert "intersect" not in longer
    assert "More than 10,000 rows." in longer

    monkeypatch.setattr(list_sum, "MOST_SECONDS_UNASKED", 1)
    monkeypatch.setattr(list_sum, "sum_list", lambda *_: connection.cursor().execute("SELECT pg_sleep(5)"))
    told = client.get(sum_url, headers=unasked).content.decode()
    assert "Not added up within 1 seconds." in told
    assert "Add up" in told


def test_adding_up_a_long_list_ends(monkeypatch):
    monkeypatch.setattr(list_sum, "MOST_SECONDS", 1)
    monkeypatch.setattr(list_sum, "sum_list", lambda *_: connection.cursor().execute("SELECT pg_sleep(5)"))
    page = browse("Auditor").get(url_of(f"{PAYMENTS}_sum"), headers={"HX-Request": "true"})
    assert "Not added up within 1 seconds. Narrow the list" in page.content.decode()
    assert browse("Auditor").get(url_of(f"{PAYMENTS}_changelist")).status_code == 200
