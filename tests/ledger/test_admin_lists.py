"""The ledger's lists: what they show, how they search, and that their queries do not grow with their rows."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.admin import change_lists
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse, hold, owe, url_of
from tests.ledger.proofs import pay

pytestmark = pytest.mark.django_db

#: The session, the user, two of permissions, one of roles; then the estimate, the count, and the rows.
LIST_QUERIES = 8
#: Of a list of money besides: what its rows come to, its saved views, and what the reader has not finished in it; and
#: who may have posted, received or paid it.
MONEY, STAFF = 3, 1
MORE_QUERIES = {
    "ledgerposting": MONEY + STAFF,
    "ledgerbalance": MONEY,
    "interimpayment": MONEY + STAFF,
    "payout": MONEY + STAFF,
}


def app_of(model: str) -> str:
    return "core" if model == "auditrun" else "ledger"


MODELS = ["ledgerposting", "ledgerbalance", "interimpayment", "payout", "auditrun"]


def rows_of(page: Any) -> list[Any]:
    return list(page.context["cl"].result_list)


def count_queries(client: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def write_rows(number: int) -> None:
    """As many drivers, each with a charge, earnings, a payment and a payout; and as many runs of the audits."""
    from core.models import AuditRun

    for _ in range(number):
        driver = DriverFactory.create()
        owe(driver, f"MISC-{driver.pk}", "10.00")
        hold(driver, f"CURB-{driver.pk}", "50.00")
        pay(driver, "20.00", {f"MISC-{driver.pk}": "5.00"})
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("1.00"), method="CASH", effective_on=timezone.localdate())
        AuditRun.objects.create()


class TestLists:
    @pytest.mark.parametrize("model", MODELS)
    def test_queries_do_not_grow_with_the_rows(self, model):
        client, url = browse("Supervisor"), url_of(f"{app_of(model)}_{model}_changelist")
        write_rows(2)
        assert count_queries(client, url) == LIST_QUERIES + MORE_QUERIES.get(model, 0)
        write_rows(30)
        assert count_queries(client, url) == LIST_QUERIES + MORE_QUERIES.get(model, 0)

    def test_a_filtered_list_asks_no_estimate(self):
        client = browse("Supervisor")
        write_rows(2)
        assert count_queries(client, url_of("ledger_ledgerposting_changelist") + "?kind__exact=PAYMENT") == 11

    def test_fifty_rows_a_page_newest_first(self):
        write_rows(11)
        page = browse("Auditor").get(url_of("ledger_ledgerposting_changelist"))
        newest = LedgerPosting.objects.order_by("-id").values_list("pk", flat=True)[:50]
        assert [posting.pk for posting in rows_of(page)] == list(newest)
        assert LedgerPosting.objects.count() == 55

    def test_debits_and_credits_stand_in_columns_of_their_own(self):
        driver = DriverFactory.create()
        owe(driver, "MISC-1", "1234.50")
        page = browse("Auditor").get(url_of("ledger_ledgerposting_changelist"))
        admin, row = page.context["cl"].model_admin, rows_of(page)[0]
        assert (admin.debit(row), admin.credit(row)) == ("1,234.50", "")

    def test_an_empty_list_says_so(self):
        for model in MODELS:
            url = url_of(f"{app_of(model)}_{model}_changelist")
            page = browse("Supervisor").get(url)
            plural = page.context["cl"].opts.verbose_name_plural
            assert f"No {plural} yet." in page.content.decode()
            assert "The export holds" not in page.content.decode()
            assert "keys-told" not in page.content.decode()
            found = browse("Supervisor").get(url, {"q": "nothing-like-it"}).content.decode()
            assert f'No {plural} match. <a class="cell-link" href="?">Clear the filters</a>' in found

    def test_cannot_be_shown_all_at_once(self):
        write_rows(11)
        page = browse("Auditor").get(url_of("ledger_ledgerposting_changelist") + "?all=")
        assert len(rows_of(page)) == 50

    @pytest.mark.parametrize("query", ["?kind__exact=VOID", "?category__exact=MISC", "?entry_type__exact=DEBIT"])
    def test_postings_are_filtered_by_their_words(self, query):
        driver = DriverFactory.create()
        charged = owe(driver, "MISC-1")
        hold(driver)
        void = ledger.void_posting(
            posting_id=charged.pk, reason="Not his", actor=None, effective_on=timezone.localdate()
        )[0]
        found = {
            "?kind__exact=VOID": [void.pk],
            "?category__exact=MISC": [void.pk, charged.pk],
            "?entry_type__exact=DEBIT": [charged.pk],
        }
        page = browse("Auditor").get(url_of("ledger_ledgerposting_changelist") + query)
        assert [posting.pk for posting in rows_of(page)] == found[query]

    def test_postings_are_filtered_by_effective_dates(self):
        driver = DriverFactory.create()
        older, newer = owe(driver, "MISC-1", due_in=-9), owe(driver, "MISC-2", due_in=-2)
        url = url_of("ledger_ledgerposting_changelist")
        client = browse("Auditor")
        since = client.get(url, {"effective_on_from": newer.effective_on.isoformat()})
        until = client.get(url, {"effective_on_to": older.effective_on.isoformat()})
        assert [posting.pk for posting in rows_of(since)] == [newer.pk]
        assert [posting.pk for posting in rows_of(until)] == [older.pk]

    def test_balances_are_filtered_by_driver(self):
        wanted, other = DriverFactory.create(), DriverFactory.create()
        owed = owe(wanted, "MISC-1")
        owe(other, "MISC-2")
        page = browse("Auditor").get(url_of("ledger_ledgerbalance_changelist"), {"driver__id__exact": wanted.pk})
        assert [balance.pk for balance in rows_of(page)] == [owed.pk]

    def test_a_senseless_filter_is_no_error(self):
        owe(DriverFactory.create())
        client = browse("Auditor")
        url = url_of("ledger_ledgerposting_changelist")
        for query in ("?kind__exact=NOTHING", "?effective_on_from=yesterday", "?driver__id__exact=x", "?p=999", "?o=9"):
            assert client.get(url + query, follow=True).status_code == 200, query


class TestSearch:
    def search(self, model: str, term: str) -> list[Any]:
        return rows_of(browse("Auditor").get(url_of(f"{app_of(model)}_{model}_changelist"), {"q": term}))

    def test_postings_by_reference_number_or_driver(self):
        okafor, smith = DriverFactory.create(last_name="Okafor"), DriverFactory.create(last_name="Smith")
        wanted, other = owe(okafor, "PVB-4664359196"), owe(smith, "MISC-1")
        assert self.search("ledgerposting", "PVB-4664359196") == [wanted]
        assert self.search("ledgerposting", " pvb-4664359196 ") == [wanted]
        assert self.search("ledgerposting", str(other.pk)) == [other]
        assert self.search("ledgerposting", "oka") == [wanted]
        assert self.search("ledgerposting", "nobody") == []
        assert self.search("ledgerposting", "'; DROP TABLE") == []
        assert self.search("ledgerposting", "9" * 30) == []

    def test_balances_by_reference_voided_ones_too(self):
        driver = DriverFactory.create()
        charged = owe(driver, "MISC-1")
        ledger.void_posting(posting_id=charged.pk, reason="Not his", actor=None, effective_on=timezone.localdate())
        assert [balance.pk for balance in self.search("ledgerbalance", "misc-1")] == [charged.pk]

    def test_a_balance_paid_in_parts_is_found_once(self):
        driver = DriverFactory.create()
        charged = owe(driver, "MISC-1")
        for _ in range(3):
            pay(driver, "10.00", {"MISC-1": "10.00"})
        assert [balance.pk for balance in self.search("ledgerbalance", "MISC-1")] == [charged.pk]

    def test_payments_by_receipt_or_driver(self):
        okafor, smith = DriverFactory.create(last_name="Okafor"), DriverFactory.create(last_name="Smith")
        wanted, other = pay(okafor, "10.00"), pay(smith, "20.00")
        for term in ("PAY-000002", "pay-2", "2", "000002", "smith"):
            assert self.search("interimpayment", term) == [other], term
        assert self.search("interimpayment", okafor.tlc_license) == [wanted]

    def test_payouts_by_number_or_driver(self):
        driver = DriverFactory.create(last_name="Okafor")
        hold(driver)
        payout = ledger.pay_out(
            driver_id=driver.pk, amount=Decimal("5.00"), method="CASH", effective_on=timezone.localdate()
        )
        for term in ("OUT-000001", "1", "oka"):
            assert self.search("payout", term) == [payout], term


class TestQuickPaginator:
    def test_says_more_than_it_counted(self, monkeypatch):
        monkeypatch.setattr(change_lists, "COUNT_UP_TO", 3)
        write_rows(1)
        page = browse("Auditor").get(url_of("ledger_ledgerposting_changelist") + "?effective_on_from=2020-01-01")
        assert (page.context["cl"].result_count, page.context["cl"].paginator.is_capped) == (4, True)
        assert "more than 10,000" in page.content.decode()

    @pytest.mark.owner
    def test_asks_the_statistics_of_a_large_table(self, monkeypatch):
        monkeypatch.setattr(change_lists, "COUNT_UP_TO", 3)
        write_rows(2)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE ledger_postings")
        page = browse("Auditor").get(url_of("ledger_ledgerposting_changelist"))
        assert (page.context["cl"].result_count, page.context["cl"].paginator.is_estimate) == (10, True)
        assert "about 10" in page.content.decode()
