"""The books in the admin: what is recorded, looked at first; what is reversed; and the pages to read."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from core.reports import Asked
from core.weeks import week_of
from core.words import say_week
from ledger import services as ledger
from ledger.admin.recordings import RECORDINGS
from ledger.models import ChartAccount, SlipCheck, Transfer
from ledger.reports.books import TRIAL_BALANCE
from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse, confirm, errors_on, look, messages_on, url_of
from tests.ledger.proofs import pay
from tests.ledger.rawsql import ledger_state

pytestmark = pytest.mark.django_db


def record_url(what):
    return url_of("ledger_transfer_record", what)


def typed(**facts):
    return {"effective_on": str(timezone.localdate()), "reference_id": "PAPER-1", **facts}


def entries():
    rows = Transfer.objects.order_by("pk")
    return [(row.kind, row.debit_id, row.credit_id, str(row.amount)) for row in rows]


CASES = [
    (
        "curb",
        {"gross": "2,100.00", "fee": "63"},
        [("CURB_REMITTANCE", "1030", "1040", "2037.00"), ("CARD_FEES", "6020", "1040", "63.00")],
    ),
    ("curb", {"gross": "2100.00", "fee": ""}, [("CURB_REMITTANCE", "1030", "1040", "2100.00")]),
    ("float", {"amount": "200.00"}, [("FLOAT", "1010", "1030", "200.00")]),
    (
        "paid-over",
        {"amount": "350.70", "payable": "2110", "way": "out"},
        [("PAID_OVER", "2110", "1030", "350.70")],
    ),
    ("paid-over", {"amount": "115.00", "payable": "2130", "way": "back"}, [("PAID_OVER", "1030", "2130", "115.00")]),
    ("borne", {"amount": "5.94", "source": "1030"}, [("BORNE", "6040", "1030", "5.94")]),
    ("borne", {"amount": "115.00", "source": "2130"}, [("BORNE", "6040", "2130", "115.00")]),
    (
        "over-short",
        {"amount": "1.00", "found": "short", "reason": "Counted twice"},
        [("OVER_SHORT", "6050", "1010", "1.00")],
    ),
    (
        "over-short",
        {"amount": "1.00", "found": "over", "reason": "Counted twice"},
        [("OVER_SHORT", "1010", "6050", "1.00")],
    ),
    ("bank-fee", {"amount": "12.00"}, [("BANK_FEE", "6030", "1030", "12.00")]),
    (
        "correction",
        {"amount": "9.00", "debit": "6030", "credit": "6020", "reason": "A fee of the bank's"},
        [("CORRECTION", "6030", "6020", "9.00")],
    ),
]


class TestRecord:
    @pytest.mark.parametrize(("what", "given", "expected"), CASES)
    def test_shows_first_then_writes(self, what, given, expected):
        client = browse("Supervisor")
        before = ledger_state()
        page = look(client, record_url(what), **typed(**given))
        assert len(page.context["preview"]) == len(expected)
        assert ledger_state() == before
        answer = confirm(client, record_url(what), **typed(**given))
        assert answer.status_code == 302
        assert entries() == expected
        assert Transfer.objects.latest("pk").posted_by is not None
        assert_books_clean()

    def test_every_recording_is_tried_here(self):
        assert {what for what, _, _ in CASES} | {"deposit"} == set(RECORDINGS)

    def test_a_slip_offers_the_checks_that_wait(self):
        client = browse("Office")
        check = pay(DriverFactory.create(), "600.00", payment_method="CHECK", instrument_number="555")
        page = client.get(record_url("deposit"))
        assert "Check 555, $600.00" in page.content.decode()
        confirm(client, record_url("deposit"), **typed(cash="250.00", checks=[check.pk], other_checks=""))
        assert entries() == [("BANK_DEPOSIT", "1030", "1010", "250.00"), ("BANK_DEPOSIT", "1030", "1020", "600.00")]
        assert SlipCheck.objects.get().payment == check
        assert "Check 555" not in client.get(record_url("deposit")).content.decode()
        detail = client.get(url_of("ledger_transfer_change", Transfer.objects.latest("pk").pk))
        assert "555" in detail.content.decode()
        assert_books_clean()

    def test_refusals_stand_at_their_inputs(self):
        client = browse("Supervisor")
        before = ledger_state()
        ahead = timezone.localdate().replace(year=2099)
        page = look(client, record_url("float"), **{**typed(amount="5"), "effective_on": str(ahead)})
        sentence = f"Nothing can be booked on {ahead:%b} {ahead.day}, 2099: that day has not come."
        assert errors_on(page) == {"effective_on": [sentence]}
        page = look(client, record_url("float"), **{**typed(amount="5"), "reference_id": "two words"})
        assert "reference_id" in errors_on(page)
        page = look(client, record_url("curb"), **typed(gross="5", fee="5"))
        assert errors_on(page) == {"fee": ["The fee is less than the card money it is kept from."]}
        page = look(client, record_url("deposit"), **typed())
        assert errors_on(page) == {"cash": ["Nothing is on the slip."]}
        assert ledger_state() == before

    def test_the_same_paper_with_other_facts_is_refused(self):
        client = browse("Supervisor")
        confirm(client, record_url("float"), **typed(amount="200.00"))
        page = look(client, record_url("float"), **typed(amount="300.00"))
        assert "already recorded" in str(errors_on(page))
        confirm(client, record_url("float"), **typed(amount="200.00"))
        assert Transfer.objects.count() == 1

    @pytest.mark.parametrize(
        ("role", "menu", "correction"),
        [("Cashier", 403, 403), ("Auditor", 403, 403), ("Office", 200, 403), ("Supervisor", 200, 200)],
    )
    def test_who_may(self, role, menu, correction):
        client = browse(role)
        assert client.get(url_of("ledger_transfer_record_menu")).status_code == menu
        assert client.get(record_url("float")).status_code == menu
        assert client.get(record_url("correction")).status_code == correction
        assert client.get(record_url("nothing")).status_code in (403, 404)


class TestReverse:
    def record(self):
        return ledger.record_transfer(
            kind="FLOAT",
            debit="1010",
            credit="1030",
            amount=Decimal("200.00"),
            reference_id="DRAWER-1",
            effective_on=timezone.localdate(),
            actor=None,
        )

    def test_shows_the_swap_then_writes_it(self):
        client, transfer = browse("Supervisor"), self.record()
        url = url_of("ledger_transfer_reverse", transfer.pk)
        given = {"reason": "Wrong drawer", "effective_on": str(timezone.localdate())}
        page = look(client, url, **given)
        assert page.context["preview"][0].debit == "1030 Bank"
        answer = confirm(client, url, **given)
        assert Transfer.objects.get(reverses=transfer).reason == "Wrong drawer"
        detail = client.get(answer.url)
        assert "Wrong drawer" in detail.content.decode()
        assert detail.context["buttons"] == []
        assert "is reversed" in messages_on(detail)[0]
        assert_books_clean()

    def test_who_may(self):
        transfer = self.record()
        assert browse("Office").get(url_of("ledger_transfer_reverse", transfer.pk)).status_code == 403
        assert browse("Office").get(url_of("ledger_transfer_change", transfer.pk)).context["buttons"] == []
        shown = browse("Supervisor").get(url_of("ledger_transfer_change", transfer.pk)).context["buttons"]
        assert [button.label for button in shown] == ["Reverse"]


class TestReading:
    @pytest.fixture
    def driver(self):
        driver = DriverFactory.create()
        pay(driver, "100.00", effective_on=timezone.localdate())
        return driver

    def test_the_chart_leads_to_the_trial_balance(self, driver):
        client = browse("Office")
        (button,) = client.get(url_of("ledger_chartaccount_changelist")).context["buttons"]
        page = client.get(button.url)
        assert page.context["totals"][-1].text == "0.00"
        assert "Drivers&#x27; credit" in page.content.decode()

    def test_the_trial_balance_names_weeks_that_are_not_closed_yet(self):
        """What their closes will book is not in it, so it is not final."""

        def told(weeks: int) -> list[str]:
            on = last.end + timedelta(weeks=weeks)
            assert TRIAL_BALANCE.tell is not None
            return list(TRIAL_BALANCE.tell(Asked(timezone.localdate(), {"as_of": on})))

        last = week_of(timezone.localdate()).previous
        ledger.close_books_with_week(week=last, actor=None)
        running = say_week(last.next, told_on=timezone.localdate())
        assert told(0) == []
        (sentence,) = told(1)
        assert sentence.startswith("Not final")
        assert sentence.endswith(f": {running}.")
        assert told(6)[0].endswith(" and 2 more.")

    def test_no_cashier_reads_the_books(self):
        for name in ("ledger_transfer_changelist", "ledger_chartaccount_changelist"):
            assert browse("Cashier").get(url_of(name)).status_code == 403

    def test_the_lists_are_there(self, driver):
        client = browse("Auditor")
        assert client.get(url_of("ledger_transfer_changelist"), {"q": "DRAWER-1"}).status_code == 200
        assert "Cash over and short" in client.get(url_of("ledger_chartaccount_changelist")).content.decode()

    def test_of_the_chart_the_office_sets_the_code_outside(self):
        cash = ChartAccount.objects.get(code="1010")
        client = browse("Office")
        client.post(
            reverse("admin:ledger_chartaccount_change", args=[cash.pk]), {"outside_code": "10100", "name": "Till"}
        )
        cash.refresh_from_db()
        assert (cash.outside_code, cash.name) == ("10100", "Cash")
        assert cash.history.first().history_user is not None
        auditor = browse("Auditor")
        auditor.post(reverse("admin:ledger_chartaccount_change", args=[cash.pk]), {"outside_code": "x"})
        cash.refresh_from_db()
        assert cash.outside_code == "10100"
