"""Two presses of one button at the same moment."""

from functools import partial

import pytest
from django.test import Client

from ledger.models import InterimPayment, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.ledger.admin_pages import TOKEN, browse, look, owe, url_of
from tests.ledger.proofs import balances_of, pay
from tests.threads import run_together

pytestmark = pytest.mark.django_db(transaction=True)

PRESSES = 4


def press_at_once(clients: list[Client], url: str, sent: dict[str, str]) -> list[int]:
    """Send the same form from every browser at the same moment; return the answers' status codes, in order."""
    answers = run_together(*(partial(client.post, url, sent) for client in clients))
    return sorted(answer.status_code for answer in answers)


def test_one_payment_page_sent_four_times_at_once_is_taken_once():
    driver, clients = DriverFactory.create(), [browse("Cashier") for _ in range(PRESSES)]
    owe(driver, "MISC-1", "80.00")
    typed = {"amount": "100", "method": "CASH", "token": TOKEN, "pay:MISC-1": "80"}
    url = url_of("ledger_driver_payment", driver.pk)
    seen = look(clients[0], url, **typed).context["seen"]
    codes = press_at_once(clients, url, {**typed, "_confirm": "1", "_seen": seen})
    # Who came late is led to the first one's receipt.
    assert codes == [302] * PRESSES
    assert InterimPayment.objects.count() == 1
    assert balances_of(driver) == {"MISC-1": ("0.00", "SETTLED"), "PAY-000001": ("20.00", "OPEN")}
    assert_books_clean()


def test_one_allocation_voided_from_four_browsers_at_once_is_voided_once():
    driver, clients = DriverFactory.create(), [browse("Supervisor") for _ in range(PRESSES)]
    owe(driver, "MISC-1", "80.00")
    allocation = pay(driver, "100.00", {"MISC-1": "60.00"}).postings.get(kind="ALLOCATION")
    url = url_of("ledger_ledgerposting_void", allocation.pk)
    seen = clients[0].get(url).context["seen"]
    codes = press_at_once(clients, url, {"reason": "Meant for rent", "_confirm": "1", "_seen": seen})
    assert codes == [200, 200, 200, 302]
    assert LedgerPosting.objects.filter(kind="VOID").count() == 1
    assert balances_of(driver) == {"MISC-1": ("80.00", "OPEN"), "PAY-000001": ("100.00", "OPEN")}
    assert_books_clean()
