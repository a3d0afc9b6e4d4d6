"""Voiding in the admin: a reason, the consequences shown first, and what stands in the way said in words."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from ledger import services as ledger
from ledger.models import LedgerPosting, Transfer
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.admin_pages import browse, confirm, errors_on, hold, look, messages_on, owe, url_of
from tests.ledger.proofs import balances_of, hold_deposit, lines, pay, writes
from tests.ledger.rawsql import ledger_state

pytestmark = pytest.mark.django_db


def void_posting_url(posting: LedgerPosting) -> str:
    return url_of("ledger_ledgerposting_void", posting.pk)


def apply_all() -> None:
    ledger.apply_weekly_earnings(as_of=timezone.localdate())


class TestVoidPosting:
    def test_returns_the_money_and_says_so(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        owe(driver, "MISC-1", "80.00")
        allocation = pay(driver, "100.00", {"MISC-1": "60.00"}).postings.get(kind="ALLOCATION")
        with writes(postings=1):
            answer = confirm(client, void_posting_url(allocation), reason="Meant for rent")
        page = client.get(answer["Location"])
        assert answer["Location"] == url_of("ledger_ledgerposting_change", allocation.pk)
        assert messages_on(page) == ["$60.00 on MISC-1 is voided, by 1 posting."]
        void = LedgerPosting.objects.get(kind="VOID")
        assert (void.reverses, void.reason, void.posted_by) == (allocation, "Meant for rent", page.context["user"])
        assert balances_of(driver) == {"MISC-1": ("80.00", "OPEN"), "PAY-000001": ("100.00", "OPEN")}
        assert_books_clean()

    def test_shows_the_consequences_before_anything_is_typed(self):
        driver = DriverFactory.create()
        owe(driver, "MISC-1", "80.00")
        allocation = pay(driver, "100.00", {"MISC-1": "60.00"}).postings.get(kind="ALLOCATION")
        before = ledger_state()
        page = browse("Supervisor").get(void_posting_url(allocation))
        assert page.context["preview"].steps == ["$60.00 paid on MISC-1 is undone; the money returns to PAY-000001."]
        content = page.content.decode()
        for figure in ("20.00", "80.00", "40.00", "100.00"):
            assert figure in content
        assert ledger_state() == before

    def test_without_a_reason_nothing_is_written(self):
        posting, client = owe(DriverFactory.create()), browse("Supervisor")
        seen = client.get(void_posting_url(posting)).context["seen"]
        for reason in ("", "   ", "x" * 501):
            with writes():
                page = client.post(void_posting_url(posting), {"reason": reason, "_confirm": "1", "_seen": seen})
            assert list(errors_on(page)) == ["reason"]
            assert messages_on(page) == []

    def test_what_a_credit_has_paid_is_listed_and_undone_only_when_asked(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        earnings = hold(driver, "CURB-1", "100.00")
        owe(driver, "MISC-1", "80.00")
        apply_all()
        url = void_posting_url(earnings)
        page = client.get(url)
        assert page.context["preview"] is None
        assert [(use["reference_id"], use["amount"]) for use, _ in page.context["uses"]] == [("MISC-1", "80.00")]
        with writes():
            page = look(client, url, reason="Duplicate week")
        assert errors_on(page) == {"cascade": ["CURB-1 has paid $80.00 on MISC-1; those must be undone with it."]}
        with writes(postings=2):
            confirm(client, url, reason="Duplicate week", cascade="on")
        assert balances_of(driver) == {"CURB-1": ("0.00", "VOIDED"), "MISC-1": ("80.00", "OPEN")}
        assert_books_clean()

    def test_cascade_is_not_offered_where_nothing_was_paid(self):
        page = browse("Supervisor").get(void_posting_url(hold(DriverFactory.create())))
        assert "cascade" not in page.context["form"].fields

    def test_a_second_void_is_refused_by_name(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        charged = owe(driver)
        confirm(client, void_posting_url(charged), reason="Not his")
        void = LedgerPosting.objects.get(kind="VOID")
        for posting, sentence in (
            (charged, f"Posting {charged.pk} was voided before."),
            (
                void,
                f"Posting {void.pk} is a void, and never undone: charge it again instead, on the page of posting "
                f"{charged.pk}.",
            ),
        ):
            page = client.get(void_posting_url(posting))
            assert sentence in page.content.decode()
            assert 'name="_confirm"' not in page.content.decode()
            with writes():
                page = client.post(void_posting_url(posting), {"reason": "Again", "_confirm": "1", "_seen": ""})
            assert errors_on(page) == {"__all__": [sentence]}

    def test_sent_twice_it_is_voided_once(self):
        charged, client = owe(DriverFactory.create()), browse("Supervisor")
        url = void_posting_url(charged)
        seen = client.get(url).context["seen"]
        sent = {"reason": "Not his", "_confirm": "1", "_seen": seen}
        with writes(postings=1):
            client.post(url, sent)
            page = client.post(url, sent)
        assert errors_on(page) == {"__all__": [f"Posting {charged.pk} was voided before."]}

    def test_what_was_paid_out_is_refused(self):
        driver = DriverFactory.create()
        earnings = hold(driver)
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("40.00"), method="CASH", effective_on=timezone.localdate())
        page = browse("Supervisor").get(void_posting_url(earnings))
        assert "has been paid out to the driver" in page.content.decode()
        assert page.context["is_blocked"]

    def test_no_such_posting_is_not_found(self):
        assert browse("Supervisor").get(url_of("ledger_ledgerposting_void", 999_999_999)).status_code == 404

    def test_what_changed_since_it_was_shown_is_shown_again(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        charged = owe(driver, "MISC-1", "80.00")
        seen = client.get(void_posting_url(charged)).context["seen"]
        pay(driver, "30.00", {"MISC-1": "30.00"})
        with writes():
            page = client.post(void_posting_url(charged), {"reason": "Not his", "_confirm": "1", "_seen": seen})
        assert len(page.context["preview"].steps) == 2
        assert "Not done yet" in page.content.decode()


class TestVoidPayment:
    def test_says_how_it_was_paid(self):
        payment = pay(DriverFactory.create(), "100.00", payment_method="ACH", instrument_number="4759")
        page = browse("Supervisor").get(url_of("ledger_interimpayment_void", payment.pk)).content.decode()
        assert "$100.00 received by ACH 4759." in page

    def url(self, payment) -> str:
        return url_of("ledger_interimpayment_void", payment.pk)

    def test_undoes_all_of_it(self):
        lease, client = LeaseFactory.create(), browse("Supervisor")
        driver = lease.primary_driver
        owe(driver, "MISC-1", "80.00")
        payment = pay(driver, "100.00", {"MISC-1": "60.00"}, deposit=Decimal("20.00"), lease_id=lease.pk)
        with writes(postings=3):
            answer = confirm(client, self.url(payment), reason="Keyed twice")
        assert messages_on(client.get(answer["Location"])) == ["PAY-000001 of $100.00 is voided, by 3 postings."]
        assert balances_of(driver) == {
            "MISC-1": ("80.00", "OPEN"),
            "PAY-000001": ("0.00", "VOIDED"),
            "DEPOSIT-000001": ("0.00", "VOIDED"),
        }

    def test_a_returned_check_that_was_paid_out_is_charged_back(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        payment = pay(driver, "100.00", payment_method="CHECK", instrument_number="1042", effective_on=date(2026, 1, 5))
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("70.00"), method="CASH", effective_on=timezone.localdate())
        page = client.get(self.url(payment))
        assert not page.context["is_blocked"]
        with writes():
            page = look(client, self.url(payment), reason="Bounced")
        assert "has been paid out" in errors_on(page)["__all__"][0]
        with writes(postings=2, balances=1):
            confirm(client, self.url(payment), reason="Bounced", returned_item="on", was_at_bank="yes")
        assert balances_of(driver) == {"PAY-000001": ("0.00", "SETTLED"), "RETURNED-PAY-000001": ("70.00", "OPEN")}
        assert Transfer.objects.get().credit_id == "1030"
        assert_books_clean()

    def test_of_a_returned_check_that_no_slip_names_it_asks_for_the_bank(self):
        client = browse("Supervisor")
        payment = pay(DriverFactory.create(), "100.00", payment_method="CHECK", instrument_number="1042")
        with writes():
            page = look(client, self.url(payment), reason="Bounced", returned_item="on")
        assert errors_on(page) == {"was_at_bank": ["Was the check at the bank? No bank deposit names it."]}
        ledger.record_bank_deposit(
            payment_ids=[payment.pk], reference_id="DEP-1", effective_on=timezone.localdate(), actor=None
        )
        assert "was_at_bank" not in client.get(self.url(payment)).context["form"].fields
        confirm(client, self.url(payment), reason="Bounced", returned_item="on")
        assert Transfer.objects.get(kind="RETURNED_ITEM").credit_id == "1030"
        assert_books_clean()

    def test_the_button_of_a_returned_check_ticks_its_box_and_shows_its_consequences(self):
        driver = DriverFactory.create()
        payment = pay(driver, "100.00", payment_method="CHECK", instrument_number="1042", effective_on=date(2026, 1, 5))
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("70.00"), method="CASH", effective_on=timezone.localdate())
        page = browse("Supervisor").get(self.url(payment), {"returned": "1"})
        assert page.context["form"]["returned_item"].value() is True
        assert "RETURNED-PAY-000001: a recovery of $100.00 is charged" in page.context["preview"].steps[-1]

    def test_cash_is_never_a_returned_item(self):
        payment = pay(DriverFactory.create(), "100.00")
        page = browse("Supervisor").get(self.url(payment), {"returned": "1"})
        assert "returned_item" not in page.context["form"].fields

    def test_what_the_waterfall_did_with_it_is_undone_only_when_asked(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        payment = pay(driver, "100.00", effective_on=date(2026, 1, 5))
        owe(driver, "MISC-1", "80.00")
        apply_all()
        with writes():
            page = look(client, self.url(payment), reason="Keyed twice")
        assert list(errors_on(page)) == ["cascade"]
        with writes(postings=2):
            confirm(client, self.url(payment), reason="Keyed twice", cascade="on")
        assert balances_of(driver) == {"PAY-000001": ("0.00", "VOIDED"), "MISC-1": ("80.00", "OPEN")}

    def test_a_second_void_is_refused_by_name(self):
        client, payment = browse("Supervisor"), pay(DriverFactory.create(), "100.00")
        confirm(client, self.url(payment), reason="Keyed twice")
        page = client.get(self.url(payment))
        assert page.context["is_blocked"]
        assert "PAY-000001 was voided before." in page.content.decode()
        content = client.get(url_of("ledger_interimpayment_change", payment.pk)).content.decode()
        assert self.url(payment) not in content

    def test_no_such_payment_is_not_found(self):
        assert browse("Supervisor").get(url_of("ledger_interimpayment_void", 999_999_999)).status_code == 404


class TestVoidPayout:
    def test_returns_the_money_to_its_credits(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        hold(driver, "CURB-1", "30.00")
        hold(driver, "CURB-2", "30.00")
        payout = ledger.pay_out(
            driver_id=driver.pk, amount=Decimal("50.00"), method="CASH", effective_on=timezone.localdate()
        )
        url = url_of("ledger_payout_void", payout.pk)
        assert len(client.get(url).context["preview"].steps) == 2
        with writes(postings=2):
            answer = confirm(client, url, reason="Wrong driver")
        assert messages_on(client.get(answer["Location"])) == ["OUT-000001 of $50.00 is voided, by 2 postings."]
        assert balances_of(driver) == {"CURB-1": ("30.00", "OPEN"), "CURB-2": ("30.00", "OPEN")}
        assert {line[0] for line in lines(LedgerPosting.objects.filter(payout=payout))} == {"PAYOUT", "VOID"}
        page = client.get(url)
        assert page.context["is_blocked"]
        assert "OUT-000001 was voided before." in page.content.decode()

    def test_without_a_reason_nothing_is_written(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        hold(driver)
        payout = ledger.pay_out(
            driver_id=driver.pk, amount=Decimal("50.00"), method="CASH", effective_on=timezone.localdate()
        )
        with writes():
            page = look(client, url_of("ledger_payout_void", payout.pk), reason=" ")
        assert list(errors_on(page)) == ["reason"]


def test_a_deposit_is_voided_with_its_posting():
    lease, client = LeaseFactory.create(), browse("Supervisor")
    deposit = hold_deposit(lease.primary_driver, lease.pk)
    confirm(client, void_posting_url(deposit), reason="Keyed twice")
    assert balances_of(lease.primary_driver) == {"DEPOSIT-000001": ("0.00", "VOIDED")}
