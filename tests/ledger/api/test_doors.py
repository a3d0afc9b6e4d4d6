"""Each act of the ledger by its address: what it answers and leaves in the ledger; a dry run leaves nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from ledger import services as ledger
from ledger.books import Account
from ledger.models import BooksEntry, InterimPayment, LedgerBalance, LedgerPosting, Payout, Transfer
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.api.client import client_of, client_with, pay, problem_of

pytestmark = pytest.mark.django_db

API = "/api/ledger"
TODAY = timezone.localdate
CREDIT = {"category": "LEASE", "amount": "40.00", "reference_id": "CREDIT-1", "reason": "A day in the shop"}
KEY_LOST = {"category": "MISC", "amount": "25.50", "reference_id": "KEYS-1"}


@pytest.fixture
def client() -> APIClient:
    """A program that may do all that the ledger has."""
    user = UserFactory.create()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=["ledger", "core"]))
    return client_of(user)


def charge(driver_id: int, reference_id: str, amount: str, category: str = "MISC") -> LedgerPosting:
    return ledger.create_obligation(
        category=category,
        amount=Decimal(amount),
        reference_id=reference_id,
        driver_id=driver_id,
        effective_on=TODAY(),
    )


def count_rows() -> list[int]:
    models = (LedgerPosting, LedgerBalance, InterimPayment, Payout, Transfer, BooksEntry)
    return [model._default_manager.count() for model in models]


def send(client: APIClient, address: str, body: Any, *, key: str | None = "key-1") -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"{API}/{address}", body, format="json", headers=headers)


def remaining(reference_id: str) -> str:
    return str(LedgerBalance.objects.exclude(status="VOIDED").get(reference_id=reference_id).remaining)


class TestPaymentByNumbers:
    """A call of a program that sends the whole amount as a number, and what it pays as an object."""

    def test_numbers_and_an_object_of_allocations(self, client):
        lease = LeaseFactory.create()
        driver_id = lease.primary_driver_id
        charge(driver_id, "REF-1", "50.00")
        charge(driver_id, "REF-2", "30.00")
        body = (
            f'{{"driver_id": {driver_id}, "lease_id": {lease.pk}, "total_payment_amount": 75.50,'
            ' "payment_method": "CASH", "allocations": {"REF-1": 50.00, "REF-2": 25.50}}'
        )

        response = client.post(
            f"{API}/interim-payment", body, content_type="application/json", headers={"Idempotency-Key": "guide-1"}
        )

        assert response.status_code == 201
        told = response.json()
        assert told["message"] == "Interim payment successfully applied."
        assert (told["receipt"], told["payment_amount"], told["on_account"]) == ("PAY-000001", "75.50", "0.00")
        # 50.00 of 50.00, and 25.50 of 30.00.
        assert (remaining("REF-1"), remaining("REF-2")) == ("0.00", "4.50")

    def test_a_key_that_comes_again_after_a_void_says_so(self, client):
        driver = DriverFactory.create()
        body = {"driver_id": driver.pk, "payment_amount": "40.00", "payment_method": "CASH"}
        first = pay(client, body, key="till-7").json()
        send(client, f"payments/{first['id']}/void", {"reason": "Wrong driver"}, key=None)

        again = pay(client, body, key="till-7")

        assert again["Idempotency-Replayed"] == "true"
        assert again.json() == {**first, "voided": {"status": "VOIDED", "amount": "40.00"}}
        assert InterimPayment.objects.count() == 1


class TestDryRun:
    def test_a_payment_is_tried_and_taken_back(self, client):
        driver = DriverFactory.create()
        charge(driver.pk, "MISC-1", "60.00")
        before = count_rows()
        body = {
            "driver_id": driver.pk,
            "payment_amount": "100.00",
            "payment_method": "CASH",
            "allocations": {"MISC-1": "40.00"},
        }

        response = pay(client, body, query="?dry_run=true")

        assert response.status_code == 200
        told = response.json()
        assert told["on_account"] == "60.00"
        assert [(change["entry_type"], change["before"], change["after"]) for change in told["dry_run"]["changes"]] == [
            ("DEBIT", "60.00", "20.00"),
            ("CREDIT", "0.00", "60.00"),
        ]
        assert told["dry_run"]["net_position_change"] == "-100.00"
        assert len(told["dry_run"]["steps"]) == 2
        assert count_rows() == before

    def test_what_would_be_refused_is_refused(self, client):
        driver = DriverFactory.create()
        body = {"driver_id": driver.pk, "amount": "5.00", "method": "CASH"}

        assert problem_of(send(client, "payouts?dry_run=true", body)) == (409, "exceeds_net_due")

    def test_a_key_is_not_used_up(self, client):
        driver = DriverFactory.create()
        body = {"driver_id": driver.pk, "payment_amount": "40.00", "payment_method": "CASH"}
        pay(client, body, key="till-8", query="?dry_run=true")

        assert pay(client, body, key="till-8").status_code == 201


class TestActs:
    """Each act once: dry, with nothing written, and then done."""

    @pytest.fixture
    def driver_id(self) -> int:
        pk: int = DriverFactory.create().pk
        return pk

    def act(self, client: APIClient, address: str, body: Any, *, key: str | None = "key-1", status: int = 200) -> Any:
        before = count_rows()
        dry = send(client, f"{address}?dry_run=true", body, key=key)
        assert (dry.status_code, "dry_run" in dry.json()) == (200, True), dry.content
        assert count_rows() == before

        done = send(client, address, body, key=key)

        assert done.status_code == status, done.content
        return done.json()

    def test_charge(self, client, driver_id):
        body = {"driver_id": driver_id, "category": "MISC", "amount": 25.5, "reference_id": "KEYS-1"}
        told = self.act(client, "obligations", {**body, "description": "Lost key"}, key=None, status=201)

        assert (told["amount"], told["description"], told["due_on"]) == ("25.50", "Lost key", TODAY().isoformat())
        assert send(client, "obligations", body, key=None).json()["id"] == told["id"]

    @pytest.mark.parametrize("is_opening", [True, False])
    def test_what_was_voided_since_says_so_when_its_key_comes_again(self, client, driver_id, is_opening):
        first = send(client, "obligations", {**KEY_LOST, "driver_id": driver_id}, key="one").json()
        written_off = send(client, f"postings/{first['id']}/write-off", {"reason": "Agreed"}, key="two").json()
        undone = first if is_opening else written_off["postings"][0]
        send(client, f"postings/{undone['id']}/void", {"reason": "By mistake"}, key=None)

        if is_opening:
            again = send(client, "obligations", {**KEY_LOST, "driver_id": driver_id}, key="one").json()
            assert again == {**first, "voided": {"status": "VOIDED", "amount": "25.50"}}
        again = send(client, f"postings/{first['id']}/write-off", {"reason": "Agreed"}, key="two").json()
        assert again == {**written_off, "voided": {"postings": [written_off["postings"][0]["id"]]}}

    def test_charge_many_at_once_or_none(self, client, driver_id):
        charges = [
            {"driver_id": driver_id, "category": "MISC", "amount": "10.00", "reference_id": f"B-{n}"} for n in range(30)
        ]
        assert self.act(client, "obligations/batch", {"obligations": charges}, key=None, status=201) == {
            "posted": 30,
            "already_posted": 0,
        }
        more = [*charges, {**charges[0], "reference_id": "B-30"}, {**charges[0], "amount": "11.00"}]

        refused = send(client, "obligations/batch", {"obligations": more}, key=None)

        assert problem_of(refused)[0] in {400, 409}
        assert LedgerPosting.objects.count() == 30

    def test_credit_and_allocate_and_win_back(self, client, driver_id):
        charge(driver_id, "RENT-1", "100.00", "MISC")
        credit_id = self.act(client, "credits", {**CREDIT, "driver_id": driver_id}, key=None, status=201)["id"]

        self.act(client, f"credits/{credit_id}/allocate", {"allocations": {"RENT-1": "15.00"}, "reason": "Asked for"})
        assert (remaining("RENT-1"), remaining("CREDIT-1")) == ("85.00", "25.00")

        (won_back, *_) = self.act(client, f"credits/{credit_id}/win-back", {"reason": "The wrong driver"}, key=None)[
            "postings"
        ]
        assert (won_back["category"], won_back["amount"]) == ("RECOVERY", "40.00")

    def test_apply(self, client, driver_id):
        charge(driver_id, "RENT-1", "100.00")
        send(client, "credits", {**CREDIT, "driver_id": driver_id}, key=None)

        assert self.act(client, "credits/apply", {"driver_id": driver_id}, key=None) == {
            "applications": 1,
            "amount": "40.00",
        }
        assert remaining("RENT-1") == "60.00"

    def test_correct_write_off_void_and_charge_again(self, client, driver_id):
        posting_id = charge(driver_id, "RENT-1", "100.00").pk
        (corrected,) = self.act(
            client, f"postings/{posting_id}/correct", {"amount": "90.00", "reason": "The lease says 90"}, key=None
        )["postings"]
        self.act(client, f"postings/{corrected['id']}/write-off", {"amount": "5.00", "reason": "Agreed"})
        assert remaining("RENT-1") == "85.00"

        self.act(client, f"postings/{corrected['id']}/void", {"reason": "Not theirs"}, key=None)
        assert not LedgerBalance.objects.filter(reference_id="RENT-1").exclude(status="VOIDED").exists()

        self.act(client, f"postings/{corrected['id']}/charge-again", {"reason": "Theirs after all"}, key=None)
        assert remaining("RENT-1") == "90.00"

    def test_payment_and_payout_and_their_voids(self, client, driver_id):
        body = {"driver_id": driver_id, "amount": "30.00", "method": "CASH"}
        payment = pay(client, {"driver_id": driver_id, "payment_amount": "50.00", "payment_method": "CASH"}).json()
        payout = self.act(client, "payouts", body, key="out-1", status=201)
        assert (payout["number"], payout["amount"]) == ("OUT-000001", "30.00")
        assert problem_of(send(client, "payouts", body, key=None)) == (400, "idempotency_key_required")

        self.act(client, f"payouts/{payout['id']}/void", {"reason": "Never picked up"}, key=None)
        assert send(client, "payouts", body, key="out-1").json() == {
            **payout,
            "voided": {"status": "VOIDED", "amount": "30.00"},
        }

        self.act(client, f"payments/{payment['id']}/void", {"reason": "Counted wrong"}, key=None)
        assert client.get(f"{API}/payments/{payment['id']}").json()["status"] == "VOIDED"

    def test_the_books(self, client, driver_id):
        check = pay(
            client,
            {
                "driver_id": driver_id,
                "payment_amount": "60.00",
                "payment_method": "CHECK",
                "instrument_number": "1041",
            },
        ).json()
        fee = {
            "kind": "BANK_FEE",
            "debit": Account.BANK_FEES.value,
            "credit": Account.BANK.value,
            "amount": "12.00",
            "reference_id": "FEE-3",
        }
        (transfer,) = self.act(client, "transfers", fee, key=None, status=201)["transfers"]
        self.act(client, f"transfers/{transfer['id']}/reverse", {"reason": "Recorded twice"}, key=None)
        slip = {"payment_ids": [check["id"]], "cash": "0", "reference_id": "DEP-1"}
        self.act(client, "bank-deposits", slip, key=None, status=201)
        curb = {"gross": "1000.00", "fee": "35.00", "reference_id": "CURB-1"}
        remitted = self.act(client, "curb-statements", curb, key=None, status=201)["transfers"]
        assert [line["amount"] for line in remitted] == ["965.00", "35.00"]
        correction = {
            "debit": Account.BANK.value,
            "credit": Account.CASH.value,
            "amount": "1.00",
            "reference_id": "COR-1",
            "reason": "Counted again",
        }
        self.act(client, "corrections", correction, key=None, status=201)

        balance = client.get(f"{API}/trial-balance").json()

        # The check 60, the fee and its reversal 12 + 12, the slip 60, CURB's statement 1,000, the correction 1.
        assert (balance["debit"], balance["credit"]) == ("1145.00", "1145.00")
        balances = {account["name"]: account["balance"] for account in balance["accounts"]}
        assert balances["Bank"] == "1026.00"  # 60 + 965 + 1

    def test_close_days(self, client):
        through = TODAY() - timedelta(days=40)
        told = self.act(
            client, "closed-days", {"through": through.isoformat(), "reason": "Reported"}, key=None, status=201
        )

        assert (told["kind"], told["day"]) == ("HAND", through.isoformat())
        assert problem_of(send(client, "closed-days", {"through": TODAY().isoformat(), "reason": "x"}, key=None)) == (
            409,
            "day_not_over",
        )


@pytest.mark.parametrize("act", ["correct", "charge-again"])
def test_what_a_module_charged_is_mended_there(client, act):
    """A toll's charge follows its ticket: corrected here, the two would differ."""
    toll = charge(DriverFactory.create().pk, "EZPASS-90000000001", "12.50", "EZPASS")
    body = {"amount": "10.00", "reason": "The statement says 10"}

    refused = send(client, f"postings/{toll.pk}/{act}", body, key=None)

    assert problem_of(refused) == (409, "charged_elsewhere")
    assert remaining("EZPASS-90000000001") == "12.50"


class TestReads:
    def test_fields_leave_out_the_rest(self, client):
        charge(DriverFactory.create().pk, "MISC-1", "60.00")

        rows = client.get(f"{API}/balances?fields=reference_id,remaining").json()["results"]

        assert rows == [{"reference_id": "MISC-1", "remaining": "60.00"}]

    @pytest.mark.parametrize("fields", ["remaning", "", "remaining,", "remaining, status", "driver"])
    def test_a_field_that_is_none(self, client, fields):
        refused = client.get(f"{API}/balances", {"fields": fields})

        assert problem_of(refused) == (400, "invalid_input")
        assert refused.json()["errors"][0]["field"] == "fields"

    def test_aging_by_the_days_asked_for(self, client):
        charge(DriverFactory.create().pk, "MISC-1", "60.00")

        told = client.get(f"{API}/aging", {"as_of": (TODAY() + timedelta(days=10)).isoformat()}).json()

        assert [(row["category"], row["aging"]["days_8_to_30"]) for row in told["categories"]] == [("MISC", "60.00")]
        assert told["total"]["total"] == "60.00"

    def test_the_statements_of_a_list_do_not_grow_with_its_rows(self, client):
        lists = ("balances", "postings", "payments", "payouts", "transfers")
        self.fill(1)
        client.get(f"{API}/balances")  # the token's use of the day is written
        few = {address: self.count_statements(client, address, rows=1) for address in lists}

        self.fill(2)

        assert {address: self.count_statements(client, address, rows=3) for address in lists} == few

    def count_statements(self, client: APIClient, address: str, *, rows: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            told = client.get(f"{API}/{address}").json()
        assert len(told["results"]) >= rows
        return len(asked)

    def fill(self, number: int) -> None:
        for _ in range(number):
            driver = DriverFactory.create()
            charge(driver.pk, f"MISC-{driver.pk}", "60.00")
            payment = ledger.apply_interim_payment(
                payment_amount=Decimal("100.00"),
                allocations={f"MISC-{driver.pk}": Decimal("60.00")},
                driver_id=driver.pk,
                payment_method="CASH",
                effective_on=TODAY(),
            )
            ledger.pay_out(driver_id=driver.pk, amount=Decimal("5.00"), method="CASH", effective_on=TODAY())
            ledger.record_bank_deposit(
                cash=Decimal("1.00"), reference_id=f"DEP-{payment.pk}", effective_on=TODAY(), actor=None
            )

    @pytest.mark.parametrize("address", ["postings/999999", "payments/999999"])
    def test_what_is_not_there(self, client, address):
        assert problem_of(client.get(f"{API}/{address}"))[0] == 404

    def test_a_method_that_an_address_does_not_answer(self, client):
        refused = client.delete(f"{API}/payouts")

        assert problem_of(refused) == (405, "method_not_allowed")
        assert refused["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("address", "may_not"),
    [
        ("obligations", "void_ledgerposting"),
        ("obligations/batch", "view_ledgerposting"),
        ("credits", "use_credit"),
        ("credits/1/allocate", "credit_driver"),
        ("payouts", "view_payout"),
        ("payouts/1/void", "add_payout"),
        ("payments/1/void", "add_interimpayment"),
        ("transfers", "view_transfer"),
        ("corrections", "add_transfer"),
        ("closed-days", "add_journalbatch"),
    ],
)
def test_another_permission_is_not_enough(address, may_not):
    assert problem_of(send(client_with(may_not), address, {})) == (403, "permission_denied")
    assert problem_of(send(client_with(may_not), f"{address}?dry_run=true", {})) == (403, "permission_denied")
