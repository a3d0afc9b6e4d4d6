"""A receipt adds up to what was received, at the counter and whatever is undone or used later."""

import re
from decimal import Decimal
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone

from core.errors import DomainError
from core.templatetags.report_figures import unbroken
from leases.models import Lease
from ledger import selectors
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from ledger.money import ZERO
from ledger.selectors import PaymentStatus, Receipt
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.admin_pages import browse, days_ago, owe, url_of
from tests.ledger.proofs import THURSDAY, UNKNOWN, apply, charge, count_statements, pay, pay_out

pytestmark = pytest.mark.django_db

RENT = "Rent Nov 15–21"


def void(posting: LedgerPosting) -> None:
    ledger.void_posting(
        posting_id=posting.pk, reason="Meant for another", actor=None, cascade=True, effective_on=THURSDAY
    )


def assert_adds_up(receipt: Receipt) -> None:
    """Against balances and postings, which the receipt does not sum itself."""
    payment = receipt.payment
    assert payment.amount == receipt.paid + receipt.deposit + receipt.on_account + receipt.taken_back
    uses = LedgerPosting.objects.filter(
        funding__posting__payment=payment, funding__category="PAYMENT", reversals=None
    ).exclude(kind="VOID")
    paid_out = LedgerPosting.objects.filter(
        kind="PAYOUT", balance__posting__payment=payment, balance__category="PAYMENT", reversals=None
    )
    named = [use for use in uses if use.kind == "ALLOCATION"]
    assert receipt.paid == sum((use.amount for use in named), start=ZERO)
    later = sum((use.amount for use in [*uses, *paid_out] if use.kind != "ALLOCATION"), start=ZERO)
    left = sum(
        (balance.remaining for balance in LedgerBalance.objects.filter(posting__payment=payment, category="PAYMENT")),
        start=ZERO,
    )
    assert receipt.on_account_now == left
    assert receipt.on_account == later + left


class TestGetReceipt:
    def test_tells_what_was_named_and_what_is_left_on_it(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        charge(driver, "LEASE-1", "100.00", description=RENT)
        payment = pay(driver, "250.00", {"LEASE-1": "60.00"}, deposit=Decimal("150.00"), lease_id=lease.pk)
        receipt = selectors.get_receipt(payment.pk)
        (line,) = receipt.lines
        assert (line.words, line.reference_id, line.amount, line.left, line.voided_on) == (
            RENT, "LEASE-1", Decimal("60.00"), Decimal("40.00"), None
        )  # fmt: skip
        assert (receipt.paid, receipt.deposit, receipt.on_account, receipt.taken_back) == (
            Decimal("60.00"), Decimal("150.00"), Decimal("40.00"), ZERO
        )  # fmt: skip
        assert (receipt.later, receipt.undone_on, receipt.has_undone) == ([], None, False)
        assert_adds_up(receipt)

    def test_an_undone_line_is_on_account_again(self):
        driver = DriverFactory.create()
        charge(driver, "LEASE-1", "100.00")
        payment = pay(driver, "100.00", {"LEASE-1": "60.00"})
        void(LedgerPosting.objects.get(kind="ALLOCATION"))
        receipt = selectors.get_receipt(payment.pk)
        assert [(line.amount, line.voided_on) for line in receipt.lines] == [(Decimal("60.00"), THURSDAY)]
        assert (receipt.paid, receipt.on_account) == (ZERO, Decimal("100.00"))
        assert receipt.status == PaymentStatus.OPEN
        assert receipt.has_undone
        assert_adds_up(receipt)

    def test_what_is_used_later_stands_apart(self):
        driver = DriverFactory.create()
        payment = pay(driver, "100.00")
        charge(driver, "MISC-1", "30.00", description="Lost key")
        apply()
        pay_out(driver, "50.00", method="CHECK", instrument_number="1003")
        receipt = selectors.get_receipt(payment.pk)
        assert receipt.lines == []
        assert [(line.kind, line.amount) for line in receipt.later] == [
            ("APPLICATION", Decimal("30.00")),
            ("PAYOUT", Decimal("50.00")),
        ]
        assert receipt.later[0].words == "Lost key"
        assert receipt.later[1].words.startswith("Paid to you, check 1003")
        assert (receipt.on_account, receipt.on_account_now) == (Decimal("100.00"), Decimal("20.00"))
        assert_adds_up(receipt)

    def test_a_voided_deposit_is_taken_back(self):
        lease = LeaseFactory.create()
        payment = pay(lease.primary_driver, "500.00", deposit=Decimal("200.00"), lease_id=lease.pk)
        void(payment.postings.get(kind="DEPOSIT"))
        receipt = selectors.get_receipt(payment.pk)
        assert (receipt.deposit, receipt.on_account, receipt.taken_back) == (ZERO, Decimal("300.00"), Decimal("200.00"))
        assert (receipt.status, receipt.undone_on) == (PaymentStatus.PARTLY_VOIDED, THURSDAY)
        assert_adds_up(receipt)

    def test_a_voided_payment_is_taken_back_as_a_whole(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "80.00")
        payment = pay(driver, "100.00", {"MISC-1": "80.00"})
        ledger.void_payment(payment_id=payment.pk, reason="Keyed twice", actor=None, effective_on=THURSDAY)
        receipt = selectors.get_receipt(payment.pk)
        assert (receipt.paid, receipt.on_account, receipt.taken_back) == (ZERO, ZERO, Decimal("100.00"))
        assert (receipt.is_undone, receipt.undone_on) == (True, THURSDAY)
        assert_adds_up(receipt)

    def test_a_check_that_came_back_after_it_was_paid_out(self):
        driver = DriverFactory.create()
        payment = pay(driver, "100.00", payment_method="CHECK", instrument_number="1001")
        pay_out(driver, "60.00")
        ledger.void_payment(
            payment_id=payment.pk,
            reason="Bounced",
            actor=None,
            returned_item=True,
            was_at_bank=True,
            effective_on=THURSDAY,
        )
        receipt = selectors.get_receipt(payment.pk)
        assert (receipt.status, receipt.undone_on) == (PaymentStatus.RETURNED, THURSDAY)
        assert [(line.kind, line.amount) for line in receipt.later] == [
            ("PAYOUT", Decimal("60.00")),
            ("APPLICATION", Decimal("40.00")),
        ]
        assert_adds_up(receipt)

    def test_asks_as_often_for_many_lines_as_for_few(self):
        def count(lines: int) -> int:
            driver = DriverFactory.create()
            named = {f"MISC-{driver.pk}{number}": "10.00" for number in range(lines)}
            for reference in named:
                charge(driver, reference, "15.00")
            payment = pay(driver, "500.00", named)
            return count_statements(lambda: browse("Cashier").get(url_of("ledger_interimpayment_receipt", payment.pk)))

        assert count(2) == count(20)


class TestRandomHistories:
    @pytest.mark.parametrize("seed", range(8))
    def test_received_is_always_what_the_receipt_sums_to(self, seed):
        """Charges, payments, runs of the priority order, payouts and voids in any order; after each it adds up."""
        dice = Random(seed)
        lease = LeaseFactory.create()
        charge(lease.primary_driver, "LEASE-1", "90.00")
        done = 0
        for step in range(16):
            try:
                # A savepoint of its own: what is refused here is undone, and the history goes on.
                with transaction.atomic():
                    _act(dice, step, lease)
            except DomainError:
                continue
            done += 1
            for payment in InterimPayment.objects.all():
                assert_adds_up(selectors.get_receipt(payment.pk))
        assert done >= 5


def _act(dice: Random, step: int, lease: Lease) -> None:
    driver = lease.primary_driver
    match dice.choice(["charge", "pay", "pay", "pay", "apply", "pay out", "void", "void", "void payment"]):
        case "charge":
            charge(driver, f"MISC-{step}", f"{dice.randint(5, 120)}.00")
        case "pay":
            owed = LedgerBalance.objects.open().obligations()
            named = {debt.reference_id: str(min(debt.remaining, Decimal(dice.randint(1, 40)))) for debt in owed}
            deposit = Decimal(dice.choice([0, 0, 25]))
            rest = Decimal(dice.choice([0, 10, 75]))
            amount = sum((Decimal(part) for part in named.values()), start=deposit + rest)
            paid_with = {"payment_method": "CHECK", "instrument_number": f"{step}"} if dice.random() < 0.5 else {}
            pay(driver, str(amount or 1), named, deposit=deposit, lease_id=lease.pk, **paid_with)
        case "apply":
            apply()
        case "pay out":
            pay_out(driver, f"{dice.randint(5, 50)}.00")
        case "void":
            live = list(LedgerPosting.objects.filter(reversals=None).exclude(kind="VOID").order_by("pk"))
            void(dice.choice(live or [LedgerPosting(pk=UNKNOWN)]))
        case _:
            returned = dice.random() < 0.5
            ledger.void_payment(
                payment_id=dice.choice([UNKNOWN, *InterimPayment.objects.order_by("pk").values_list("pk", flat=True)]),
                reason="Keyed twice",
                actor=None,
                cascade=dice.random() < 0.7,
                returned_item=returned,
                was_at_bank=True if returned else None,
                effective_on=THURSDAY,
            )


class TestPage:
    def test_says_who_paid_what_is_owed_and_what_is_held(self, settings):
        settings.FLEET_NAME, settings.FLEET_ADDRESS = "Sample Fleet LLC", "100 Sample Street, Long Island City"
        settings.FLEET_PHONE = "(718) 555-0100"
        lease = LeaseFactory.create(start_on=days_ago(30), end_on=days_ago(-300), deposit=Decimal("500.00"))
        driver = lease.primary_driver
        owe(driver, "MISC-1", "80.00")
        owe(driver, "LEASE-1", "70.00", due_in=30)
        payment = pay(
            driver,
            "300.00",
            {"MISC-1": "60.00"},
            deposit=Decimal("200.00"),
            lease_id=lease.pk,
            payment_method="CHECK",
            instrument_number="1611",
            actor=UserFactory.create(first_name="Maya", last_name="Ortiz"),
            effective_on=timezone.localdate(),
        )
        content = shown(payment)
        for words in (
            "Sample Fleet LLC", "100 Sample Street, Long Island City", "(718) 555-0100",
            f"Receipt {payment.reference_id}", "Maya Ortiz", driver.tlc_license, f"Lease {lease.pk}",
            f"{lease.vehicle.medallion}, Lease {lease.pk} plate {lease.vehicle.plate}",
            "Check 1611", "MISC-1", "Left on your account",
            "$500.00 asked, $200.00 held now", "used for what is due on Saturday",
            "You still owe $90.00 : $20.00 is due now, $70.00 later.", "We hold $40.00 for you.", "Printed ",
        ):  # fmt: skip
            assert words in content, words
        assert "VOIDED" not in content
        assert "It has changed since" not in content

    def test_what_is_due_later_says_when(self):
        driver = DriverFactory.create()
        for number, days in enumerate((5, 5, 5)):
            owe(driver, f"MISC-{number}", "7.00", due_in=days)
        payment = pay(driver, "1.00", effective_on=timezone.localdate())
        due_on = days_ago(-5)
        assert f"You still owe $21.00 , due {due_on:%A, %b} {due_on.day}, {due_on.year}." in shown(payment)
        owe(driver, "MISC-4", "7.00", due_in=12)
        assert f"You still owe $28.00 , due {due_on:%A, %b} {due_on.day}, {due_on.year} and later." in shown(payment)

    def test_who_pays_cash_signs(self):
        driver = DriverFactory.create()
        cash = pay(driver, "10.00", effective_on=timezone.localdate())
        check = pay(driver, "20.00", payment_method="CHECK", instrument_number="7", effective_on=timezone.localdate())
        assert "Cashier Driver Keep this receipt" in shown(cash)
        assert "Cashier Driver Keep this receipt" not in shown(check)

    def test_stamps_say_when(self):
        lease = LeaseFactory.create()
        part = pay(lease.primary_driver, "50.00", deposit=Decimal("20.00"), lease_id=lease.pk)
        void(part.postings.get(kind="DEPOSIT"))
        whole = pay(lease.primary_driver, "70.00")
        ledger.void_payment(payment_id=whole.pk, reason="Keyed twice", actor=None, effective_on=THURSDAY)
        assert "VOIDED IN PART Nov 19, 2026" in shown(part)
        assert "VOIDED Nov 19, 2026" in shown(whole)

    def test_an_undone_line_is_struck_and_the_paper_says_so(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "30.00")
        payment = pay(driver, "30.00", {"MISC-1": "30.00"})
        void(LedgerPosting.objects.get(kind="ALLOCATION"))
        content = shown(payment)
        assert "Voided Nov 19" in content
        assert "30.00 Received 30.00" in content
        assert "It has changed since the payment was taken" in content

    def test_the_roll_of_80_mm_says_the_same(self):
        payment = pay(DriverFactory.create(), "10.00")
        client, url = browse("Cashier"), url_of("ledger_interimpayment_receipt", payment.pk)
        assert "is-roll" in client.get(url, {"paper": "80mm"}).content.decode()
        assert "is-roll" not in client.get(url).content.decode()

    def test_three_charges_of_a_kind_are_told_together(self):
        driver = DriverFactory.create()
        for number in range(3):
            owe(driver, f"EZPASS-{number}", "7.00")
        payment = pay(driver, "1.00", effective_on=timezone.localdate())
        assert "3 charges for tolls due now 21.00" in shown(payment)


class TestUnbroken:
    @pytest.mark.parametrize(
        ("words", "kept"),
        [
            ("Rent Nov 15–21, 4 of 7 days", ["15–21,"]),
            ("E-ZPass Nov 20 2:35 PM, cab 1A10", []),
            ("LEASE-14-2026W47", ["LEASE-14-2026W47"]),
            ("<b>1-2</b>", ["&lt;b&gt;1-2&lt;/b&gt;"]),
        ],
    )
    def test_keeps_references_and_runs_of_days_together(self, words, kept):
        assert re.findall('<span class="nowrap">(.*?)</span>', unbroken(words)) == kept


def shown(payment: InterimPayment) -> str:
    """The receipt's article as a person reads it: no marks, no runs of blanks."""
    content = browse("Cashier").get(url_of("ledger_interimpayment_receipt", payment.pk)).content.decode()
    article = content[content.index("<article") : content.index("</article>")]
    return " ".join(re.sub("<[^>]*>", " ", article).split())
