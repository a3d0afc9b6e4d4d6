"""What a cashier has taken, on the page that they begin with; and the day at the counter, with cash that went out."""

import re
from datetime import date
from html import unescape

import pytest
from django.utils import timezone

from leases.models import Lease
from ledger import services as ledger
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.admin_pages import browse, hold, url_of
from tests.ledger.proofs import pay, pay_out

pytestmark = pytest.mark.django_db

#: Who looks and what they may see (six statements); what they took, whom from, and the cash that they paid out.
MOST_QUERIES = 10


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def counter(today):
    """A cashier took 853.48 in cash, a check of 300.00 and 57.50, voided, and paid 5.00 out; another took 40.00."""
    client, other = browse("Cashier"), browse("Cashier")
    cashier, colleague = (c.get(url_of("ledger_take_payment")).context["user"] for c in (client, other))
    driver = LeaseFactory.create(start_on=date(2026, 1, 4), end_on=date(2099, 1, 3)).primary_driver
    facts = {"effective_on": today, "actor": cashier}
    for amount in ("640.00", "213.48"):
        pay(driver, amount, **facts)
    pay(driver, "300.00", payment_method="CHECK", instrument_number="1611", **facts)
    voided = pay(driver, "57.50", **facts)
    ledger.void_payment(payment_id=voided.pk, reason="Keyed twice", actor=None, effective_on=today)
    pay(DriverFactory.create(), "40.00", effective_on=today, actor=colleague)
    hold(driver, amount="5.00")
    pay_out(driver, "5.00", effective_on=today, actor=cashier)
    return client, driver


def test_the_cashier_begins_with_their_day(counter, django_assert_max_num_queries):
    client, driver = counter
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(url_of("ledger_take_payment"))
    drawer = page.context["drawer"]
    assert [(taken.method, taken.count, str(taken.amount)) for taken in drawer.by_method] == [
        ("CASH", 2, "853.48"),
        ("CHECK", 1, "300.00"),
        ("ACH", 0, "0.00"),
    ]
    assert (drawer.count, str(drawer.amount)) == (3, "1153.48")
    assert (drawer.voided_count, str(drawer.voided_amount)) == (1, "57.50")
    assert (str(drawer.cash_paid_out), str(drawer.cash_due)) == ("5.00", "848.48")
    last = [(payment.reference_id, person.medallion, status) for payment, person, status in page.context["last"]]
    assert [status for *_, status in last] == ["VOIDED", "OPEN", "OPEN", "OPEN"]
    assert {medallion for _, medallion, _ in last} == {Lease.objects.get(primary_driver=driver).vehicle.medallion}
    for words in ("Your last payments", "Voided, not counted above", "−5.00", "848.48", "Check 1611"):
        assert words in page.content.decode(), words
    asked = client.get(url_of("ledger_take_payment"), {"q": "nobody"}, headers={"HX-Request": "true"})
    assert "drawer" not in asked.context


def test_each_figure_of_the_day_leads_to_its_rows(counter):
    client, _ = counter
    shown = client.get(url_of("ledger_take_payment")).content.decode()
    leads = re.findall(r'<a class="figure-link" href="([^"]+)">([^<]+)</a>', shown)
    rows = {
        told: [str(row.amount) for row in client.get(unescape(url)).context["cl"].result_list] for url, told in leads
    }
    assert rows == {
        "853.48": ["213.48", "640.00"],
        "300.00": ["300.00"],
        "1,153.48": ["300.00", "213.48", "640.00"],
        "57.50": ["57.50"],
        "−5.00": ["5.00"],
    }


def test_who_took_nothing_is_told_so():
    page = browse("Cashier").get(url_of("ledger_take_payment"))
    assert "You have taken nothing today." in page.content.decode()


def test_the_day_tells_the_cash_that_went_out_and_is_a_file(counter, today):
    client, _ = counter
    page = client.get(url_of("ledger_payments_of_day"))
    # 853.48 and the colleague's 40.00, less 5.00.
    assert (str(page.context["cash_out"]), str(page.context["cash_due"])) == ("5.00", "888.48")
    address = f"{url_of('ledger_payments_of_day_csv')}?on={today}"
    assert address in page.content.decode()
    rows = client.get(address).content.decode("utf-8-sig").splitlines()
    assert rows[0] == "Receipt,Received,Cashier,Driver,Paid with,Number,Status,Amount,Voided,Paid out"
    # Five payments, and the cash that went out.
    assert len(rows) == 7
    assert sum(row.endswith(",57.50,57.50,") for row in rows) == 1
    assert rows[-1].startswith("OUT-000001,")
    assert rows[-1].endswith(",Cash,,Paid out,,,5.00")
    assert "OUT-000001" in page.content.decode()
    refused = client.get(url_of("ledger_payments_of_day_csv"), {"on": "yesterday"})
    assert refused["Location"] == f"{url_of('ledger_payments_of_day')}?on=yesterday"
