"""Reports as their readers open them, in this process: what `bench.scaling.replica` asks of the product.

It is imported once the variables of the run are set.
"""

import statistics
import time
from decimal import Decimal
from typing import Any

from bench import closing  # its import readies Django

# isort: split
from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import setup_test_environment

from core import replica
from core.reports import list_reports
from leases.models import Driver
from ledger import services as ledger
from ledger.models import InterimPayment

_COPY = b"Read from a copy of the database, as of "


class Reader:
    """An administrator's browser."""

    def __init__(self) -> None:
        setup_test_environment()  # by which an answer tells what its page was made of
        self.user = User.objects.create_superuser("reader")
        self.browser = Client()
        self.browser.force_login(self.user)

    def open(self, address: str) -> Any:
        """Return the answer at an address; every one must be 200."""
        answer = self.browser.get(address, secure=True)
        if answer.status_code != 200:
            raise SystemExit(f"✗ {address} answered {answer.status_code}")
        return answer

    def count_from_copy(self) -> tuple[int, int]:
        """Open every report, each with its file, and a list's file; return how many said to be the copy's, of all."""
        said, opened = 0, 0
        for report in list_reports():
            page = self.open(f"/admin/reports/{report.slug}/")
            if not page.context.get("heads"):
                continue  # it must be asked something first
            file = self.open(f"/admin/reports/{report.slug}/file/csv/")
            b"".join(file.streaming_content)
            opened += 2
            said += (_COPY in page.content) + (replica.AS_OF_HEADER in file.headers)
        listed = self.open("/admin/ledger/ledgerposting/file/csv/")
        return said + (replica.AS_OF_HEADER in listed.headers), opened + 1

    def pay(self) -> None:
        """Take a payment of a dollar."""
        driver, number = Driver.objects.earliest("pk"), InterimPayment.objects.count()
        ledger.apply_interim_payment(
            payment_amount=Decimal(1 + number), allocations={}, driver_id=driver.pk, payment_method="CASH",
            idempotency_key=f"reader-{number}", effective_on=closing.TODAY, actor=self.user,
        )  # fmt: skip

    def count_receipts(self) -> tuple[int, bool]:
        """Return how many receipts the report of them tells of, and whether it is the copy's."""
        day = f"{closing.TODAY:%Y-%m-%d}"
        page = self.open(f"/admin/reports/receipts/?from_on={day}&to_on={day}")
        if not page.context.get("heads"):
            raise SystemExit(f"✗ the report was not read: {page.context['form'].errors}")
        return page.context["count"], _COPY in page.content

    def time(self, rounds: int = 15) -> float:
        """Return the median milliseconds of a short report's page."""
        took = []
        for _ in range(rounds):
            start = time.perf_counter()
            self.count_receipts()
            took.append(1000 * (time.perf_counter() - start))
        return statistics.median(took)
