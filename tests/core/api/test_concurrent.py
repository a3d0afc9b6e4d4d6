"""Two hundred payments at once at one process of the server, each sent twice: each is taken once."""

import http.client
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.utils import timezone

from core.services import create_api_token
from ledger.models import InterimPayment, LedgerBalance
from tests.asgi_server import served
from tests.books import assert_books_clean
from tests.factories import DriverFactory, UserFactory

PAYMENTS, DRIVERS = 200, 20


@pytest.mark.django_db(transaction=True)
def test_each_payment_is_taken_once():
    drivers = [DriverFactory.create().pk for _ in range(DRIVERS)]
    user = UserFactory.create(permissions=["ledger.add_interimpayment"])
    token = create_api_token(user=user, name="tills", scope="COUNTER", now=timezone.now()).secret

    def send(number: int) -> str:
        """Pay with the key of that number until it is taken; return the receipt."""
        body = {"driver_id": drivers[number % DRIVERS], "payment_amount": "10.00", "payment_method": "CASH"}
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"till-{number}",
        }
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("POST", "/api/ledger/interim-payment", json.dumps(body), headers)
            answer = connection.getresponse()
            told = json.loads(answer.read())
            connection.close()
            if answer.status == 201:
                return str(told["receipt"])
            # Somebody is at that payment, or no connection to the database was free in time.
            assert answer.status in (409, 503)
            assert answer.headers["Retry-After"], told
            time.sleep(0.5)  # who asks more often keeps the server from those it works for

    with served() as port, ThreadPoolExecutor(2 * PAYMENTS) as clients:
        receipts = Counter(clients.map(send, [*range(PAYMENTS), *range(PAYMENTS)]))

    assert (len(receipts), set(receipts.values())) == (PAYMENTS, {2})
    assert InterimPayment.objects.count() == PAYMENTS
    held = LedgerBalance.objects.filter(driver_id__in=drivers).values_list("remaining", flat=True)
    assert sum(held) == Decimal("2000.00")
    assert_books_clean()
