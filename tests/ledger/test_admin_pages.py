"""The pages to look at: a driver's account, a posting in words, a balance with its movements."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.dossier import driver_url
from ledger import services as ledger
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.ledger.admin_pages import browse, days_ago, errors_on, hold, owe, url_of
from tests.ledger.proofs import hold_deposit, pay

pytestmark = pytest.mark.django_db


class TestFindDriver:
    def test_lists_whom_a_few_letters_find(self):
        okafor, okoro = DriverFactory.create(last_name="Okafor"), DriverFactory.create(last_name="Okoro")
        DriverFactory.create(last_name="Smith")
        page = browse("Cashier").get(url_of("ledger_take_payment"), {"q": "ok"})
        assert [(hit.title, url) for hit, url in page.context["found"]] == [
            (f"{driver.first_name} {driver.last_name}", url_of("ledger_driver_payment", driver.pk))
            for driver in (okafor, okoro)
        ]

    def test_the_only_one_found_is_opened_at_once_but_not_while_typing(self):
        okafor = DriverFactory.create(last_name="Okafor")
        client = browse("Cashier")
        url = url_of("ledger_ledgeraccount_changelist")
        assert client.get(url, {"q": "oka"})["Location"] == driver_url(okafor.pk)
        assert client.get(url_of("ledger_take_payment"), {"q": okafor.tlc_license})["Location"] == url_of(
            "ledger_driver_payment", okafor.pk
        )
        assert client.get(url, {"q": "oka"}, headers={"HX-Request": "true"}).status_code == 200

    def test_nobody_found_is_said_and_nothing_asked_finds_nobody(self):
        DriverFactory.create()
        client, url = browse("Cashier"), url_of("ledger_take_payment")
        assert "Nothing found for “zzz”." in client.get(url, {"q": "zzz"}).content.decode()
        assert client.get(url).context["found"] == []

    @pytest.mark.parametrize("page", ["ledger_take_payment", "ledger_ledgeraccount_changelist"])
    def test_is_a_place_of_its_own_below_no_other(self, page):
        assert 'class="trail"' not in browse("Cashier").get(url_of(page)).content.decode()

    def test_says_when_there_are_more(self):
        for _ in range(21):
            DriverFactory.create(last_name="Okafor")
        page = browse("Cashier").get(url_of("ledger_take_payment"), {"q": "oka"})
        assert (len(page.context["found"]), page.context["has_more"]) == (20, True)


class TestAccount:
    def test_tells_where_the_driver_stands_to_the_cent(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        owe(driver, "MISC-1", "80.00")
        owe(driver, "TAXES-1", "61.50")
        owe(driver, "REPAIR-1-1", "250.00", due_in=9)
        hold(driver, "CURB-1", "913.25")
        hold_deposit(driver, lease.pk, "500.00")
        page = browse("Cashier").get(url_of("ledger_driver_account", driver.pk))
        position = page.context["position"]
        assert {
            "due": str(position.obligations_due),
            "not due": str(position.obligations_not_due),
            "held": str(position.held_credits),
            "net": str(position.net_position),
            "net due": str(position.net_due_to_driver),
            "deposits": str(position.deposits),
        } == {
            "due": "141.50",
            "not due": "250.00",
            "held": "913.25",
            "net": "-521.75",
            "net due": "771.75",
            "deposits": "500.00",
        }
        assert [b.reference_id for b, _ in page.context["obligations"]] == ["TAXES-1", "REPAIR-1-1", "MISC-1"]
        assert [b.reference_id for b, _ in page.context["held_credits"]] == ["CURB-1", "DEPOSIT-000001"]
        content = page.content.decode()
        for figure in ("$521.75", "$141.50", "$250.00", "$913.25", "$771.75", "$500.00", "The fleet owes, net"):
            assert figure in content, figure

    def test_of_a_driver_without_money_is_empty(self):
        page = browse("Cashier").get(url_of("ledger_driver_account", DriverFactory.create().pk))
        content = page.content.decode()
        assert "Nothing in these days." in content
        assert "$0.00" in content

    def test_statement_runs_between_the_dates_asked_for(self):
        driver = DriverFactory.create()
        owe(driver, "MISC-1", "80.00", due_in=-40)
        owe(driver, "MISC-2", "20.00", due_in=-2)
        url = url_of("ledger_driver_account", driver.pk)
        client = browse("Auditor")
        asked = {"from_on": days_ago(10).isoformat(), "to_on": timezone.localdate().isoformat()}
        statement = client.get(url, asked).context["statement"]
        assert (str(statement.opening_net_position), str(statement.closing_net_position)) == ("80.00", "100.00")
        assert [(line.reference_id, str(line.net_position)) for line in statement.lines] == [("MISC-2", "100.00")]

    def test_senseless_dates_are_said(self):
        url = url_of("ledger_driver_account", DriverFactory.create().pk)
        client = browse("Auditor")
        for asked in ({"from_on": "x", "to_on": "2026-01-01"}, {"from_on": "2026-01-02", "to_on": "2026-01-01"}):
            page = client.get(url, asked)
            assert page.status_code == 200
            assert page.context["statement"] is None
            form = page.context["statement_form"]
            assert form.errors

    def test_no_such_driver_is_not_found(self):
        assert browse("Auditor").get(url_of("ledger_driver_account", 999_999_999)).status_code == 404

    def test_queries_do_not_grow_with_the_lines(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        url = url_of("ledger_driver_account", driver.pk)

        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                client.get(url)
            return len(captured)

        for number in range(2):
            owe(driver, f"MISC-{number}")
            hold(driver, f"CURB-{number}")
        few = count()
        for number in range(2, 32):
            owe(driver, f"MISC-{number}")
            hold(driver, f"CURB-{number}")
        assert count() == few == 13

    def test_shows_the_coming_rent(self):
        lease = LeaseFactory.create()
        rent = LeaseInstallmentFactory.create(lease=lease, due_on=timezone.localdate())
        page = browse("Cashier").get(url_of("ledger_driver_account", lease.primary_driver_id))
        assert [coming.reference_id for coming in page.context["coming"]] == [rent.reference_id]


class TestPostingDetail:
    def test_says_in_words_what_it_did_and_links_what_it_belongs_to(self):
        driver = DriverFactory.create()
        charged = owe(driver, "MISC-1", "80.00")
        payment = pay(driver, "100.00", {"MISC-1": "60.00"})
        allocation, credit = payment.postings.get(kind="ALLOCATION"), payment.postings.get(kind="PAYMENT")
        void = ledger.void_posting(
            posting_id=allocation.pk, reason="Meant for rent", actor=None, effective_on=timezone.localdate()
        )[0]
        client = browse("Auditor")
        page = client.get(url_of("ledger_ledgerposting_change", allocation.pk))
        assert page.context["sentence"] == "$60.00 of PAY-000001 pays MISC-1, as the driver named it at the counter."
        assert [(fact.label, fact.url) for fact in page.context["connections"]] == [
            ("Moves", url_of("ledger_ledgerbalance_change", charged.pk)),
            ("Paid from", url_of("ledger_ledgerbalance_change", credit.pk)),
            ("Undone by", url_of("ledger_ledgerposting_change", void.pk)),
            ("Payment", url_of("ledger_interimpayment_change", payment.pk)),
        ]
        assert "Meant for rent" in page.content.decode()
        page = client.get(url_of("ledger_ledgerposting_change", void.pk))
        assert page.context["sentence"] == f"Undoes posting {allocation.pk}: $60.00 on MISC-1."

    def test_every_kind_has_its_sentence(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        charged = owe(driver, "MISC-1", "80.00")
        hold(driver, "CURB-1", "100.00")
        hold_deposit(driver, lease.pk, "500.00")
        pay(driver, "10.00", {"MISC-1": "5.00"})
        ledger.credit_driver(
            driver_id=driver.pk,
            category="EZPASS",
            amount=Decimal("7.00"),
            reference_id="MEMO-1",
            reason="Refund",
            effective_on=timezone.localdate(),
        )
        ledger.write_off_obligation(
            posting_id=charged.pk,
            amount=Decimal("5.00"),
            reason="Agreed",
            actor=None,
            effective_on=timezone.localdate(),
        )
        ledger.apply_weekly_earnings(as_of=timezone.localdate())
        paid_out = ledger.pay_out(
            driver_id=driver.pk, amount=Decimal("5.00"), method="CASH", effective_on=timezone.localdate()
        )
        ledger.void_payout(payout_id=paid_out.pk, reason="Keyed twice", actor=None, effective_on=timezone.localdate())
        client, sentences = browse("Auditor"), {}
        for posting in driver.postings.all():
            page = client.get(url_of("ledger_ledgerposting_change", posting.pk))
            sentences[posting.kind] = page.context["sentence"]
        assert len(sentences) == len(set(sentences.values())) == 10

    def test_no_such_posting_is_not_there(self):
        client = browse("Auditor")
        for key in (999_999_999, "x", "1' OR '1"):
            page = client.get(url_of("ledger_ledgerposting_change", key))
            assert page.status_code == 404
            assert "This page does not exist" in page.content.decode()


class TestBalanceDetail:
    def test_of_a_debt_shows_what_paid_it(self):
        driver = DriverFactory.create()
        charged = owe(driver, "MISC-1", "80.00")
        pay(driver, "20.00", {"MISC-1": "20.00"})
        ledger.write_off_obligation(
            posting_id=charged.pk,
            amount=Decimal("5.00"),
            reason="Agreed",
            actor=None,
            effective_on=timezone.localdate(),
        )
        page = browse("Auditor").get(url_of("ledger_ledgerbalance_change", charged.pk))
        assert [(movement.kind, str(movement.amount)) for movement, _ in page.context["movements"]] == [
            ("ALLOCATION", "20.00"),
            ("WRITE_OFF", "5.00"),
        ]
        content = page.content.decode()
        assert "PAY-000001" in content
        assert "forgiven: Agreed" in content

    def test_of_a_credit_shows_what_it_paid(self):
        driver = DriverFactory.create()
        credit = hold(driver, "CURB-1", "100.00")
        owe(driver, "MISC-1", "30.00")
        ledger.apply_weekly_earnings(as_of=timezone.localdate())
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("5.00"), method="CASH", effective_on=timezone.localdate())
        page = browse("Auditor").get(url_of("ledger_ledgerbalance_change", credit.pk))
        assert [(movement.kind, str(movement.amount)) for movement, _ in page.context["movements"]] == [
            ("APPLICATION", "30.00"),
            ("PAYOUT", "5.00"),
        ]
        content = page.content.decode()
        assert url_of("ledger_payout_change", page.context["movements"][1][0].payout_id) in content

    def test_queries_do_not_grow_with_the_movements(self):
        driver, client = DriverFactory.create(), browse("Supervisor")
        charged = owe(driver, "MISC-1", "100.00")
        url = url_of("ledger_ledgerbalance_change", charged.pk)

        def count() -> int:
            with CaptureQueriesContext(connection) as captured:
                client.get(url)
            return len(captured)

        pay(driver, "1.00", {"MISC-1": "1.00"})
        few = count()
        for _ in range(30):
            pay(driver, "1.00", {"MISC-1": "1.00"})
        assert count() == few == 9


def test_a_day_with_a_wrong_date_keeps_what_was_typed():
    page = browse("Cashier").get(url_of("ledger_payments_of_day"), {"on": "13/45"})
    assert page.context["form"]["on"].value() == "13/45"
    assert errors_on(page) == {"on": ["Enter a valid date."]}


def test_taking_a_payment_is_lit_in_the_menu_and_not_the_account():
    page = browse("Supervisor").get(url_of("ledger_driver_payment", DriverFactory.create().pk))
    items = [item for group in page.context["sidebar_navigation"] for item in group["items"]]
    assert [item["title"] for item in items if item["active"]] == ["Take a payment"]
