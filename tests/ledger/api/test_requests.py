"""The ledger's API, used rightly: what is answered, and what is in the ledger then."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import StoredAnswer
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.ledger.api.client import (
    BALANCES,
    EVERYTHING,
    POSTINGS,
    client_of,
    client_with,
    count_written,
    pay,
    problem_of,
    user_with,
    void,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 9)


def charge(driver_id: int, reference_id: str, amount: str, category: str = "MISC") -> LedgerPosting:
    return ledger.create_obligation(
        category=category,
        amount=Decimal(amount),
        reference_id=reference_id,
        driver_id=driver_id,
        due_on=MONDAY,
        effective_on=MONDAY,
    )


class TestInterimPayment:
    def test_pays_what_is_named_and_keeps_the_rest_on_account(self):
        driver = DriverFactory.create()
        toll = charge(driver.pk, "EZPASS-1", "120.00", "EZPASS")
        charge(driver.pk, "REPAIR-5-2", "80.00", "REPAIR")
        cashier = user_with(EVERYTHING)

        response = pay(
            client_of(cashier),
            {
                "driver_id": driver.pk,
                "payment_amount": "150.00",
                "payment_method": "CASH",
                "allocations": [
                    {"reference_id": "EZPASS-1", "amount": "100"},
                    {"reference_id": "REPAIR-5-2", "amount": 20},
                ],
            },
        )

        payment = InterimPayment.objects.get()
        credit, on_toll, on_repair = LedgerPosting.objects.filter(payment=payment).order_by("id")
        assert response.status_code == 201
        assert response["Content-Type"] == "application/json"
        answered = response.json()
        assert {
            name: answered[name] for name in answered if name not in {"postings", "received_on", "received_at"}
        } == {
            "message": "Interim payment successfully applied.",
            "id": payment.pk,
            "receipt": payment.reference_id,
            "driver_id": driver.pk,
            "lease_id": None,
            "payment_amount": "150.00",
            "payment_method": "CASH",
            "instrument_number": "",
            "deposit": "0.00",
            "on_account": "30.00",
            "received_by_id": cashier.pk,
            "warnings": [],
        }
        assert [(line["id"], line["kind"], line["amount"], line["balance_id"]) for line in answered["postings"]] == [
            (credit.pk, "PAYMENT", "150.00", None),
            (on_toll.pk, "ALLOCATION", "100.00", toll.pk),
            (on_repair.pk, "ALLOCATION", "20.00", on_repair.balance_id),
        ]
        assert (payment.received_by, payment.idempotency_key) == (cashier, f"api:{cashier.pk}:key-1")
        assert set(LedgerBalance.objects.values_list("reference_id", "remaining")) == {
            ("EZPASS-1", Decimal("20.00")),
            ("REPAIR-5-2", Decimal("60.00")),
            (payment.reference_id, Decimal("30.00")),
        }

    def test_without_allocations_all_of_it_is_on_account(self):
        driver = DriverFactory.create()

        response = pay(
            client_with("add_interimpayment"),
            {"driver_id": str(driver.pk), "payment_amount": 75, "payment_method": "ACH", "instrument_number": "007"},
        )

        assert response.status_code == 201
        assert (response.json()["on_account"], response.json()["instrument_number"]) == ("75.00", "007")

    def test_a_deposit_on_a_lease(self):
        lease = LeaseFactory.create()

        response = pay(
            client_with("add_interimpayment"),
            {
                "driver_id": lease.primary_driver_id,
                "lease_id": lease.pk,
                "payment_amount": "600.00",
                "deposit": "500.00",
                "payment_method": "CHECK",
                "instrument_number": "1041",
            },
        )

        assert response.status_code == 201
        assert response.json()["on_account"] == "100.00"
        assert [line["kind"] for line in response.json()["postings"]] == ["PAYMENT", "DEPOSIT"]

    def test_pays_the_coming_rent(self):
        rent = LeaseInstallmentFactory.create(
            due_on=timezone.localdate(), amount=Decimal("500.00"), reference_id="LEASE-1-R"
        )
        driver_id = rent.lease.primary_driver_id

        response = pay(
            client_with("add_interimpayment"),
            {
                "driver_id": driver_id,
                "payment_amount": "500.00",
                "payment_method": "CASH",
                "allocations": [{"reference_id": "LEASE-1-R", "amount": "500.00"}],
            },
        )

        assert response.status_code == 201
        assert LedgerBalance.objects.get(reference_id="LEASE-1-R").status == "SETTLED"

    def test_takes_a_known_number_of_queries_however_many_lines(self):
        driver = DriverFactory.create()
        references = [f"MISC-{number}" for number in range(40)]
        for reference_id in references:
            charge(driver.pk, reference_id, "1.00")
        client = client_with("add_interimpayment")

        def count_queries(lines: list[str], key: str) -> int:
            body = {
                "driver_id": driver.pk,
                "payment_amount": "40.00",
                "payment_method": "CASH",
                "allocations": [{"reference_id": reference_id, "amount": "1.00"} for reference_id in lines],
            }
            with CaptureQueriesContext(connection) as queries:
                assert pay(client, body, key=key).status_code == 201
            return len(queries)

        count_queries([], "warm-up")
        assert count_queries(references[:2], "two") == count_queries(references[2:], "the-others")

    def test_the_same_request_after_midnight_is_answered_with_the_first_payment(self, monkeypatch):
        """Stored answers are kept for days; the payment keeps its key for good."""
        body = {"driver_id": DriverFactory.create().pk, "payment_amount": "40.00", "payment_method": "CASH"}
        client = client_of(user_with(EVERYTHING))
        first = pay(client, body, key="till-3-0042").json()
        StoredAnswer.objects.all().delete()
        tomorrow = timezone.localdate() + timedelta(days=1)
        monkeypatch.setattr("core.api.acts.timezone", SimpleNamespace(localdate=lambda: tomorrow))

        again = pay(client, body, key="till-3-0042").json()

        assert (again["id"], again["received_on"]) == (first["id"], first["received_on"])
        assert InterimPayment.objects.count() == 1


class TestVoid:
    def test_releases_what_was_paid(self):
        driver = DriverFactory.create()
        charge(driver.pk, "MISC-1", "60.00")
        payment = ledger.apply_interim_payment(
            payment_amount=Decimal("100.00"),
            allocations={"MISC-1": Decimal("60.00")},
            driver_id=driver.pk,
            payment_method="CASH",
            effective_on=timezone.localdate(),
        )
        allocation = LedgerPosting.objects.get(kind="ALLOCATION")
        supervisor = user_with(["void_ledgerposting"])

        response = void(client_of(supervisor), allocation.pk, {"reason": "the wrong charge"})

        reversal = LedgerPosting.objects.get(kind="VOID")
        assert response.status_code == 200
        (line,) = response.json()["postings"]
        assert {name: line[name] for name in ("id", "kind", "entry_type", "amount", "reverses_id", "reason")} == {
            "id": reversal.pk,
            "kind": "VOID",
            "entry_type": "DEBIT",
            "amount": "60.00",
            "reverses_id": allocation.pk,
            "reason": "the wrong charge",
        }
        assert line["posted_at"] is not None
        assert line["posted_by_id"] == supervisor.pk
        assert set(LedgerBalance.objects.values_list("reference_id", "remaining")) == {
            ("MISC-1", Decimal("60.00")),
            (payment.reference_id, Decimal("100.00")),
        }

    def test_cascade_is_asked_for_by_name(self):
        driver = DriverFactory.create()
        charge(driver.pk, "MISC-1", "60.00")
        earned = ledger.post_earnings(
            driver_id=driver.pk, amount=Decimal("100.00"), reference_id="CURB-1", effective_on=MONDAY
        )
        ledger.apply_weekly_earnings(as_of=MONDAY)
        client = client_with("void_ledgerposting")
        before = count_written()

        refused = void(client, earned.pk, {"reason": "a duplicate"})

        assert problem_of(refused) == (409, "credit_in_use")
        assert refused.json()["facts"]["uses"]
        assert count_written() == before

        done = void(client, earned.pk, {"reason": "a duplicate", "cascade": True})

        assert done.status_code == 200
        assert [line["amount"] for line in done.json()["postings"]] == ["60.00", "100.00"]

    def test_a_second_void_is_refused(self):
        posting = charge(DriverFactory.create().pk, "MISC-1", "60.00")
        client = client_with("void_ledgerposting")
        assert void(client, posting.pk, {"reason": "an error"}).status_code == 200
        before = count_written()

        assert problem_of(void(client, posting.pk, {"reason": "an error"})) == (409, "already_voided")
        assert count_written() == before

    def test_sent_again_under_its_key_gets_its_first_answer(self):
        posting = charge(DriverFactory.create().pk, "MISC-1", "60.00")
        client = client_with("void_ledgerposting")

        first = void(client, posting.pk, {"reason": "an error"}, key="void-1")
        again = void(client, posting.pk, {"reason": "an error"}, key="void-1")

        assert (first.status_code, again.status_code) == (200, 200)
        assert again.content == first.content
        assert LedgerPosting.objects.filter(kind="VOID").count() == 1

    @pytest.mark.parametrize("unknown", [0, 987654321, 2**63, 10**40])
    def test_an_unknown_posting_is_not_found(self, unknown):
        before = count_written()

        response = void(client_with("void_ledgerposting"), unknown, {"reason": "an error"})

        assert problem_of(response) == (404, "posting_not_found")
        assert count_written() == before


class TestBalances:
    def test_lists_a_drivers_balances_newest_first(self):
        driver, other = DriverFactory.create_batch(2)
        lease = LeaseFactory.create(primary_driver=driver)
        rent = ledger.create_obligation(
            category="LEASE",
            amount=Decimal("500.00"),
            reference_id="LEASE-1",
            driver_id=driver.pk,
            lease_id=lease.pk,
            due_on=MONDAY,
            effective_on=MONDAY,
        )
        toll = charge(driver.pk, "EZPASS-1", "12.50", "EZPASS")
        charge(other.pk, "EZPASS-2", "7.50", "EZPASS")

        response = client_with("view_ledgerbalance").get(BALANCES, {"driver": driver.pk})

        assert response.status_code == 200
        assert response.json()["next"] is None
        assert [row["posting_id"] for row in response.json()["results"]] == [toll.pk, rent.pk]
        assert response.json()["results"][1] == {
            "posting_id": rent.pk,
            "entry_type": "DEBIT",
            "category": "LEASE",
            "reference_id": "LEASE-1",
            "driver_id": driver.pk,
            "lease_id": lease.pk,
            "vehicle_id": None,
            "due_on": "2026-03-09",
            "effective_on": "2026-03-09",
            "original_amount": "500.00",
            "remaining": "500.00",
            "status": "OPEN",
            "description": "Lease",
        }

    def test_balances_are_filtered(self):
        driver = DriverFactory.create()
        charge(driver.pk, "EZPASS-1", "12.50", "EZPASS")
        voided = charge(driver.pk, "MISC-1", "1.00")
        ledger.void_posting(posting_id=voided.pk, reason="an error", actor=None, effective_on=timezone.localdate())
        ledger.post_earnings(driver_id=driver.pk, amount=Decimal("9.00"), reference_id="CURB-1", effective_on=MONDAY)
        client = client_with("view_ledgerbalance")

        def references(**query: str) -> list[str]:
            response = client.get(BALANCES, query)
            assert response.status_code == 200
            return [row["reference_id"] for row in response.json()["results"]]

        assert references() == ["CURB-1", "MISC-1", "EZPASS-1"]
        assert references(category="EZPASS") == ["EZPASS-1"]
        assert references(status="VOIDED") == ["MISC-1"]
        assert references(entry_type="CREDIT") == ["CURB-1"]
        assert references(entry_type="DEBIT", status="OPEN") == ["EZPASS-1"]
        assert references(driver="999999999") == []
        assert references(lease="1") == []

    def test_pages_stay_put_while_rows_are_added(self):
        driver = DriverFactory.create()
        for number in range(5):
            charge(driver.pk, f"MISC-{number}", "1.00")
        client = client_with("view_ledgerbalance")

        first = client.get(BALANCES, {"page_size": 2}).json()
        charge(driver.pk, "MISC-late", "1.00")
        second = client.get(first["next"]).json()
        third = client.get(second["next"]).json()

        pages = [[row["reference_id"] for row in page["results"]] for page in (first, second, third)]
        assert pages == [["MISC-4", "MISC-3"], ["MISC-2", "MISC-1"], ["MISC-0"]]
        assert third["next"] is None
        back = client.get(third["previous"]).json()
        assert [row["reference_id"] for row in back["results"]] == ["MISC-2", "MISC-1"]

    @pytest.mark.parametrize("size", [1, 2, 5, 6])
    def test_each_link_leads_on_and_back(self, size):
        driver = DriverFactory.create()
        for number in range(5):
            charge(driver.pk, f"MISC-{number}", "1.00")
        client = client_with("view_ledgerbalance")

        def walk(address: str, way: str) -> tuple[list[list[str]], str]:
            pages, onward = [], address
            while onward:
                page, address = client.get(onward).json(), onward
                pages.append([row["reference_id"] for row in page["results"]])
                onward = page[way]
            return pages, address

        there, end = walk(f"{BALANCES}?page_size={size}", "next")
        back, beginning = walk(end, "previous")
        again, _ = walk(beginning, "next")

        everything = ["MISC-4", "MISC-3", "MISC-2", "MISC-1", "MISC-0"]
        assert [name for page in there for name in page] == everything
        assert [name for page in reversed(back) for name in page] == everything
        assert [name for page in again for name in page] == everything

    def test_takes_four_queries_however_many_rows(self, django_assert_num_queries):
        driver = DriverFactory.create()
        for number in range(60):
            charge(driver.pk, f"MISC-{number}", "1.00")
        client = client_with("view_ledgerbalance")
        client.get(BALANCES)  # the token's day of use is written

        # The token with its user, their permissions (their own, their groups'), the rows.
        with django_assert_num_queries(4):
            assert len(client.get(BALANCES).json()["results"]) == 50


class TestPostings:
    def test_lists_and_filters(self, django_assert_num_queries):
        driver = DriverFactory.create()
        posting = charge(driver.pk, "MISC-1", "60.00")
        charge(driver.pk, "EZPASS-1", "7.00", "EZPASS")
        (reversal,) = ledger.void_posting(
            posting_id=posting.pk, reason="an error", actor=None, effective_on=timezone.localdate()
        )
        client = client_with("view_ledgerposting")

        def ids(**query: str | int) -> list[int]:
            response = client.get(POSTINGS, query)
            assert response.status_code == 200
            return [row["id"] for row in response.json()["results"]]

        assert ids(driver=driver.pk, reference_id="MISC-1") == [reversal.pk, posting.pk]
        assert ids(kind="VOID") == [reversal.pk]
        assert ids(category="MISC", kind="OBLIGATION") == [posting.pk]
        with django_assert_num_queries(4):
            assert len(ids()) == 3
