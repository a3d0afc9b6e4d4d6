"""The payment page, its receipt, and the day's takings."""

import re
from decimal import Decimal

import pytest
from django.utils import timezone

from core.weeks import week_of
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory, UserFactory
from tests.ledger.admin_pages import (
    TOKEN,
    browse,
    confirm,
    errors_on,
    look,
    messages_on,
    owe,
    url_of,
)
from tests.ledger.proofs import balances_of, lines, pay, writes
from tests.ledger.rawsql import ledger_state

pytestmark = pytest.mark.django_db

CASH = {"method": "CASH", "token": TOKEN}


def page_of(driver) -> str:
    return url_of("ledger_driver_payment", driver.pk)


def rent_of_this_week(lease):
    """An installment that is not charged yet, and will be on Saturday or later."""
    today = timezone.localdate()
    sunday = week_of(today).next.start
    return LeaseInstallmentFactory.create(lease=lease, number=1, week_start=sunday, due_on=week_of(sunday).end)


class TestPaymentPage:
    def test_takes_what_was_typed_and_leads_to_the_receipt(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        owe(driver, "EZPASS-1", "120.00")
        owe(driver, "MISC-1", "80.00")
        typed = {**CASH, "amount": "$1,200.50", "pay:EZPASS-1": "100", "pay:MISC-1": "80.00"}
        with writes(postings=3, balances=1, payments=1):
            answer = confirm(client, page_of(driver), **typed)
        payment = InterimPayment.objects.get()
        assert answer["Location"] == url_of("ledger_interimpayment_receipt", payment.pk)
        assert (payment.amount, payment.method, payment.idempotency_key) == (Decimal("1200.50"), "CASH", TOKEN)
        assert payment.received_by == client.get(answer["Location"]).context["user"]
        assert balances_of(driver) == {
            "EZPASS-1": ("20.00", "OPEN"),
            "MISC-1": ("0.00", "SETTLED"),
            "PAY-000001": ("1020.50", "OPEN"),
        }
        assert_books_clean()

    def test_shows_what_is_owed_in_waterfall_order_then_the_coming_rent_and_fills_in_nothing(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        owe(driver, "MISC-1")
        owe(driver, "TAXES-1")
        rent = rent_of_this_week(lease)
        page = browse("Cashier").get(page_of(driver))
        form = page.context["form"]
        assert [line.reference_id for line, _ in form.rows()] == ["TAXES-1", "MISC-1", rent.reference_id]
        assert [field.value() for _, field in form.rows()] == [None, None, None]
        assert form["amount"].value() is None
        assert "Not charged yet, can be paid now" in page.content.decode()

    def test_the_preview_says_what_it_would_do_and_writes_nothing(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        owe(driver, "MISC-1", "80.00")
        before = ledger_state()
        page = look(client, page_of(driver), **CASH, amount="100", **{"pay:MISC-1": "80"})
        assert ledger_state() == before
        preview = page.context["preview"]
        assert preview.steps == ["$100.00 is received as this payment.", "$80.00 of this payment pays MISC-1."]
        assert [(c.reference_id, str(c.before), str(c.after)) for c in preview.changes] == [
            ("MISC-1", "80.00", "0.00"),
            ("this payment", "0.00", "20.00"),
        ]
        assert str(preview.net_position_change) == "-100.00"
        assert str(page.context["on_account"]) == "20.00"
        text = " ".join(re.sub("<[^>]+>", "", page.content.decode()).split())
        assert f"Take $100.00 in cash from {driver.first_name} {driver.last_name}." in text
        assert f"$80.00 of it pays charges; $20.00 is left on account. {driver.first_name} will owe nothing." in text

    def test_nothing_is_taken_without_its_preview_being_seen(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        with writes():
            page = client.post(page_of(driver), {**CASH, "amount": "100", "_confirm": "1"})
        assert page.status_code == 200
        assert "Not done yet" in page.content.decode()

    def test_what_changed_since_the_preview_is_shown_first(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        owe(driver, "MISC-1", "80.00")
        typed = {**CASH, "amount": "100", "pay:MISC-1": "50"}
        seen = look(client, page_of(driver), **typed).context["seen"]
        pay(driver, "10.00", {"MISC-1": "10.00"})
        with writes():
            page = client.post(page_of(driver), {**typed, "_confirm": "1", "_seen": seen})
        assert "Not done yet" in page.content.decode()
        with writes(postings=2, balances=1, payments=1):
            client.post(page_of(driver), {**typed, "_confirm": "1", "_seen": page.context["seen"]})

    def test_another_receipt_in_between_changes_nothing(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        typed = {**CASH, "amount": "100"}
        seen = look(client, page_of(driver), **typed).context["seen"]
        pay(DriverFactory.create(), "10.00")
        with writes(postings=1, balances=1, accounts=1, payments=1):
            answer = client.post(page_of(driver), {**typed, "_confirm": "1", "_seen": seen})
        assert answer.status_code == 302

    def test_sent_twice_it_is_taken_once(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        typed = {**CASH, "amount": "100"}
        seen = look(client, page_of(driver), **typed).context["seen"]
        with writes(postings=1, balances=1, accounts=1, payments=1):
            first = client.post(page_of(driver), {**typed, "_confirm": "1", "_seen": seen})
            second = client.post(page_of(driver), {**typed, "_confirm": "1", "_seen": seen})
        assert first["Location"] == second["Location"]

    def test_the_same_page_with_other_figures_says_that_it_was_used(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        confirm(client, page_of(driver), **CASH, amount="100")
        with writes():
            page = look(client, page_of(driver), **CASH, amount="200")
        assert errors_on(page) == {
            "__all__": ["PAY-000001 was already made from this page. Open the page anew to make another."]
        }

    def test_rent_paid_ahead_is_posted_and_paid(self):
        lease = LeaseFactory.create()
        rent = rent_of_this_week(lease)
        typed = {**CASH, "amount": "500", "lease": str(lease.pk), f"pay:{rent.reference_id}": "500"}
        with writes(postings=3, balances=2, accounts=1, payments=1):
            confirm(browse("Cashier"), page_of(lease.primary_driver), **typed)
        assert balances_of(lease.primary_driver)[rent.reference_id] == ("0.00", "SETTLED")

    def test_a_deposit_goes_to_its_lease(self):
        lease = LeaseFactory.create()
        rent_of_this_week(lease)
        typed = {**CASH, "amount": "700", "deposit": "500", "lease": str(lease.pk)}
        with writes(postings=2, balances=2, accounts=1, payments=1):
            confirm(browse("Cashier"), page_of(lease.primary_driver), **typed)
        assert balances_of(lease.primary_driver) == {
            "PAY-000001": ("200.00", "OPEN"),
            "DEPOSIT-000001": ("500.00", "OPEN"),
        }

    def test_the_only_lease_is_chosen_already(self):
        lease = LeaseFactory.create()
        rent_of_this_week(lease)
        page = browse("Cashier").get(page_of(lease.primary_driver))
        assert page.context["form"]["lease"].value() == lease.pk

    def test_allocating_by_priority_fills_in_what_is_due_and_writes_nothing(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        owe(driver, "MISC-1", "80.00")
        owe(driver, "TAXES-1", "30.00")
        owe(driver, "LEASE-1", "500.00", due_in=3)
        with writes():
            page = client.post(page_of(driver), {**CASH, "amount": "100", "pay:LEASE-1": "9", "_suggest": "1"})
        typed = {line.reference_id: field.value() for line, field in page.context["form"].rows()}
        assert typed == {"TAXES-1": "30.00", "LEASE-1": "", "MISC-1": "70.00"}

    def test_everything_due_fills_in_the_amount_too_and_clearing_keeps_it(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        owe(driver, "MISC-1", "80.00")
        owe(driver, "LEASE-1", "500.00", due_in=3)
        page = client.post(page_of(driver), {**CASH, "pay:LEASE-1": "9", "_everything": "1"})
        form = page.context["form"]
        typed = {name: form[name].value() for name in ("amount", "pay:MISC-1", "pay:LEASE-1")}
        assert typed == {"amount": "80.00", "pay:MISC-1": "80.00", "pay:LEASE-1": ""}
        assert errors_on(page) == {}
        page = client.post(page_of(driver), {**CASH, **typed, "_clear": "1"})
        assert {name: page.context["form"][name].value() for name in typed} == {
            "amount": "80.00",
            "pay:MISC-1": "",
            "pay:LEASE-1": "",
        }

    def test_the_page_of_a_payment_that_was_taken_leads_to_its_receipt(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        receipt = confirm(client, page_of(driver), **CASH, amount="100")["Location"]
        assert client.get(page_of(driver), {"token": TOKEN})["Location"] == receipt
        for other in (page_of(DriverFactory.create()), page_of(driver)):
            assert client.get(other, {"token": TOKEN[::-1]}).status_code == 200
        assert client.get(page_of(DriverFactory.create()), {"token": TOKEN}).status_code == 200

    def test_allocating_by_priority_without_an_amount_asks_for_it(self):
        driver = DriverFactory.create()
        owe(driver)
        page = browse("Cashier").post(page_of(driver), {**CASH, "_suggest": "1"})
        assert page.context["filled"] == "Type the amount first."
        assert errors_on(page) == {}
        page = browse("Cashier").post(page_of(driver), {**CASH, "amount": "12,50", "_suggest": "1"})
        assert errors_on(page)["amount"] == ["'12,50' is not an amount in dollars. Write 12.50."]

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"amount": ""}, "amount"),
            ({"amount": "0"}, "amount"),
            ({"amount": "-5"}, "amount"),
            ({"amount": "0.001"}, "amount"),
            ({"amount": "NaN"}, "amount"),
            ({"amount": "1e3"}, "amount"),
            ({"amount": "12,50"}, "amount"),
            ({"amount": "99999999999"}, "amount"),
            ({"amount": "ten"}, "amount"),
            ({"amount": "10", "pay:MISC-1": "11"}, "amount"),
            ({"amount": "200", "pay:MISC-1": "100.01"}, "pay:MISC-1"),
            ({"amount": "200", "pay:MISC-1": "x"}, "pay:MISC-1"),
            ({"amount": "200", "pay:MISC-9": "10"}, "pay:MISC-9"),
            ({"amount": "200", "method": "CHECK"}, "instrument_number"),
            ({"amount": "200", "method": "SHELLS"}, "method"),
            ({"amount": "200", "deposit": "50"}, "lease"),
            ({"amount": "200", "lease": "7777777"}, "lease"),
            ({"amount": "200", "token": ""}, "token"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_input_and_nothing_is_written(self, typed, field):
        driver, client = DriverFactory.create(), browse("Cashier")
        owe(driver, "MISC-1", "100.00")
        before = ledger_state()
        sent = {**CASH, **typed}
        for button in ("_preview", "_confirm"):
            page = client.post(page_of(driver), {**sent, button: "1"})
            assert page.status_code == 200
            assert list(errors_on(page)) == [field]
            assert messages_on(page) == []
        assert ledger_state() == before
        kept = page.context["form"]
        assert {name: kept[name].value() for name in sent} == sent

    def test_a_lease_that_is_another_drivers_is_refused_by_name(self):
        driver, others = DriverFactory.create(), LeaseFactory.create()
        with writes():
            page = look(browse("Cashier"), page_of(driver), **CASH, amount="400", deposit="400", lease=str(others.pk))
        assert errors_on(page) == {"lease": [f"The driver is not on lease {others.pk}."]}

    def test_a_line_somebody_else_paid_meanwhile_is_kept_in_sight(self):
        driver, client = DriverFactory.create(), browse("Cashier")
        owe(driver, "MISC-1", "80.00")
        pay(driver, "80.00", {"MISC-1": "80.00"})
        with writes():
            page = look(client, page_of(driver), **CASH, amount="80", **{"pay:MISC-1": "80"})
        assert errors_on(page) == {"pay:MISC-1": ["MISC-1 is settled."]}
        assert "no longer open" in page.content.decode()

    def test_another_drivers_charge_is_refused(self):
        driver, other = DriverFactory.create(), DriverFactory.create()
        owe(other, "MISC-1", "80.00")
        with writes(accounts=0):
            page = look(browse("Cashier"), page_of(driver), **CASH, amount="80", **{"pay:MISC-1": "80"})
        assert errors_on(page) == {"pay:MISC-1": ["MISC-1 is another driver's."]}

    def test_names_with_markup_are_shown_as_text(self):
        driver = DriverFactory.create(last_name="<script>alert(1)</script>")
        page = browse("Cashier").get(page_of(driver)).content.decode()
        assert "<script>alert(1)" not in page

    def test_no_such_driver_is_not_found(self):
        assert browse("Cashier").get(url_of("ledger_driver_payment", 999_999_999)).status_code == 404


class TestReceipt:
    def test_tells_what_was_agreed_at_the_counter(self):
        driver = DriverFactory.create()
        owe(driver, "MISC-1", "80.00")
        cashier = UserFactory.create(username="maria")
        payment = pay(
            driver, "100.00", {"MISC-1": "60.00"}, payment_method="CHECK", instrument_number="1042", actor=cashier
        )
        page = browse("Cashier").get(url_of("ledger_interimpayment_receipt", payment.pk))
        content = page.content.decode()
        for words in (
            "PAY-000001",
            "$100.00",
            "MISC-1",
            "60.00",
            "Left on your account",
            "40.00",
            "maria",
            "Check 1042",
        ):
            assert words in content, words
        assert f"{driver.first_name} {driver.last_name}" in content
        received = timezone.localtime(InterimPayment.objects.get().received_at)
        assert f"{received:%b} {received.day}, {received.year}, {received.hour % 12 or 12}:{received:%M %p}" in content

    def test_what_the_waterfall_did_later_stands_apart(self):
        driver = DriverFactory.create()
        payment = pay(driver, "100.00")
        owe(driver, "MISC-1", "80.00")
        ledger.apply_weekly_earnings(as_of=timezone.localdate())
        receipt = browse("Cashier").get(url_of("ledger_interimpayment_receipt", payment.pk)).context["receipt"]
        assert list(receipt.lines) == []
        assert [line.amount for line in receipt.later] == [Decimal("80.00")]
        assert (receipt.on_account, receipt.on_account_now) == (Decimal("100.00"), Decimal("20.00"))

    def test_a_voided_one_says_so(self):
        payment = pay(DriverFactory.create(), "100.00")
        ledger.void_payment(payment_id=payment.pk, reason="Keyed twice", actor=None, effective_on=timezone.localdate())
        content = browse("Cashier").get(url_of("ledger_interimpayment_receipt", payment.pk)).content.decode()
        assert '<p class="receipt-void">VOIDED ' in content

    def test_there_is_none_without_a_payment(self):
        assert browse("Cashier").get(url_of("ledger_interimpayment_receipt", 999_999_999)).status_code == 404


class TestDay:
    def test_totals_by_cashier_and_method_with_voided_ones_apart(self):
        ana, ben = UserFactory.create(username="ana"), UserFactory.create(username="ben")
        driver, today = DriverFactory.create(), timezone.localdate()
        for amount, method, number, cashier in (
            ("100.00", "CASH", "", ana),
            ("50.00", "CASH", "", ana),
            ("70.00", "CHECK", "1042", ana),
            ("30.00", "ACH", "", ben),
        ):
            pay(driver, amount, payment_method=method, instrument_number=number, actor=cashier, effective_on=today)
        voided = InterimPayment.objects.get(amount=Decimal("50.00"))
        ledger.void_payment(payment_id=voided.pk, reason="Keyed twice", actor=None, effective_on=timezone.localdate())
        pay(driver, "999.00", effective_on=today.replace(year=2020, day=1))

        page = browse("Cashier").get(url_of("ledger_payments_of_day"))
        assert [
            (cashier.name, row.method, row.count, str(row.amount), str(row.voided_amount), str(row.standing_amount))
            for cashier in page.context["cashiers"]
            for row in cashier.methods
        ] == [
            ("ana", "CASH", 2, "150.00", "50.00", "100.00"),
            ("ana", "CHECK", 1, "70.00", "0.00", "70.00"),
            ("ben", "ACH", 1, "30.00", "0.00", "30.00"),
        ]
        day = page.context["day"]
        assert (day.count, str(day.amount), str(day.voided_amount), str(day.standing_amount)) == (
            4, "250.00", "50.00", "200.00"
        )  # fmt: skip
        assert len(page.context["payments"]) == 4

    def test_another_day_is_asked_for(self):
        today = timezone.localdate()
        pay(DriverFactory.create(), "10.00", effective_on=today.replace(year=2020, day=1))
        page = browse("Auditor").get(url_of("ledger_payments_of_day"), {"on": f"2020-{today:%m}-01"})
        assert str(page.context["day"].amount) == "10.00"

    def test_a_senseless_day_is_said_and_shows_none(self):
        pay(DriverFactory.create(), "10.00", effective_on=timezone.localdate())
        page = browse("Auditor").get(url_of("ledger_payments_of_day"), {"on": "yesterday"})
        assert list(errors_on(page)) == ["on"]
        assert page.context["payments"] == []

    def test_a_quiet_day_says_so(self):
        page = browse("Auditor").get(url_of("ledger_payments_of_day"))
        assert "No payments on this day." in page.content.decode()


class TestPaymentDetail:
    def test_shows_its_lines_and_what_undid_them(self):
        driver = DriverFactory.create()
        owe(driver, "MISC-1", "80.00")
        payment = pay(driver, "100.00", {"MISC-1": "60.00"})
        allocation = payment.postings.get(kind="ALLOCATION")
        void = ledger.void_posting(
            posting_id=allocation.pk, reason="Meant for rent", actor=None, effective_on=timezone.localdate()
        )[0]
        page = browse("Cashier").get(url_of("ledger_interimpayment_change", payment.pk))
        assert [(line.posting_id, line.voided_by_id) for line in page.context["lines"]] == [(allocation.pk, void.pk)]
        assert page.context["breakdown"].status == "OPEN"

    def test_offers_returning_a_check_but_not_cash(self):
        check = pay(DriverFactory.create(), "100.00", payment_method="CHECK", instrument_number="1042")
        cash = pay(DriverFactory.create(), "100.00")
        client = browse("Supervisor")
        pages = {p: client.get(url_of("ledger_interimpayment_change", p.pk)).content.decode() for p in (check, cash)}
        assert "Returned check" in pages[check]
        assert "Returned check" not in pages[cash]


def test_what_the_waterfall_did_with_the_rest_is_among_the_lines():
    driver = DriverFactory.create()
    payment = pay(driver, "100.00")
    owe(driver, "MISC-1", "80.00")
    ledger.apply_weekly_earnings(as_of=timezone.localdate())
    page = browse("Cashier").get(url_of("ledger_interimpayment_change", payment.pk))
    used = LedgerPosting.objects.filter(kind="APPLICATION", funding__reference_id=payment.reference_id)
    assert [line.posting_id for line in page.context["lines"]] == [posting.pk for posting in used]
    assert lines(used) == [("APPLICATION", "MISC-1", "80.00")]
