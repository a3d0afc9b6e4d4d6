"""The other acts: write-off, credit memo, payout, apply now, the waterfall order, and the audits."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from core.dossier import driver_url
from core.models import AuditRun
from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import LedgerPosting, Payout, WaterfallOrder
from tests.books import assert_books_clean
from tests.factories import DriverFactory, UserFactory
from tests.ledger.admin_pages import TOKEN, browse, confirm, days_ago, errors_on, hold, look, messages_on, owe, url_of
from tests.ledger.proofs import balances_of, writes
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return browse("Supervisor")


class TestWriteOff:
    def test_forgives_what_was_typed(self, client):
        driver = DriverFactory.create()
        charged = owe(driver, "REPAIR-1-1", "250.00")
        url = url_of("ledger_ledgerposting_write_off", charged.pk)
        assert look(client, url, amount="100", reason="Agreed").context["preview"].steps == [
            "$100.00 of REPAIR-1-1 is written off."
        ]
        with writes(postings=1):
            answer = confirm(client, url, amount="100", reason="Agreed")
        written_off = LedgerPosting.objects.get(kind="WRITE_OFF")
        page = client.get(answer["Location"])
        assert messages_on(page) == [f"$100.00 of REPAIR-1-1 is written off, by posting {written_off.pk}."]
        assert (written_off.reason, written_off.posted_by) == ("Agreed", page.context["user"])
        assert balances_of(driver) == {"REPAIR-1-1": ("150.00", "OPEN")}
        assert_books_clean()

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"amount": "250.01", "reason": "Agreed"}, "amount"),
            ({"amount": "", "reason": "Agreed"}, "amount"),
            ({"amount": "0", "reason": "Agreed"}, "amount"),
            ({"amount": "10", "reason": ""}, "reason"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_input(self, client, typed, field):
        charged = owe(DriverFactory.create(), "REPAIR-1-1", "250.00")
        with writes():
            page = look(client, url_of("ledger_ledgerposting_write_off", charged.pk), **typed)
        assert list(errors_on(page)) == [field]

    def test_a_credit_can_not_be_written_off(self, client):
        credit = hold(DriverFactory.create())
        assert client.get(url_of("ledger_ledgerposting_write_off", credit.pk)).status_code == 404

    def test_a_settled_one_is_refused_by_name(self, client):
        charged = owe(DriverFactory.create(), "MISC-1")
        ledger.write_off_obligation(
            posting_id=charged.pk, reason="Agreed", actor=None, effective_on=timezone.localdate()
        )
        with writes():
            page = look(client, url_of("ledger_ledgerposting_write_off", charged.pk), amount="1", reason="Agreed")
        assert errors_on(page) == {"__all__": ["MISC-1 is settled."]}


class TestCreditMemo:
    typed = {"category": "EZPASS", "amount": "12.50", "reason": "Toll of another cab", "token": TOKEN}

    def test_credits_the_driver_once_however_often_it_is_sent(self, client):
        driver = DriverFactory.create()
        url = url_of("ledger_driver_credit_memo", driver.pk)
        seen = look(client, url, **self.typed).context["seen"]
        with writes(postings=1, balances=1, accounts=1):
            first = client.post(url, {**self.typed, "_confirm": "1", "_seen": seen})
            second = client.post(url, {**self.typed, "_confirm": "1", "_seen": seen})
        assert first["Location"] == second["Location"] == driver_url(driver.pk)
        memo = LedgerPosting.objects.get()
        assert (memo.kind, memo.category, memo.amount) == ("CREDIT_MEMO", "EZPASS", Decimal("12.50"))
        assert (memo.reference_id, memo.reason) == (f"MEMO-{driver.pk}-{TOKEN[:8].upper()}", "Toll of another cab")

    def test_the_next_page_makes_another(self, client):
        driver = DriverFactory.create()
        url = url_of("ledger_driver_credit_memo", driver.pk)
        tokens = [client.get(url).context["form"]["token"].value() for _ in range(2)]
        for token in tokens:
            confirm(client, url, **{**self.typed, "token": str(token)})
        assert LedgerPosting.objects.filter(kind="CREDIT_MEMO").count() == 2

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"amount": "-1"}, "amount"),
            ({"reason": ""}, "reason"),
            ({"category": ""}, "category"),
            ({"category": "EARNINGS"}, "category"),
            ({"category": "DEPOSIT"}, "category"),
            ({"token": "x"}, "token"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_input(self, client, typed, field):
        with writes():
            page = look(
                client, url_of("ledger_driver_credit_memo", DriverFactory.create().pk), **{**self.typed, **typed}
            )
        assert list(errors_on(page)) == [field]


class TestPayout:
    typed = {"amount": "60.00", "method": "CASH", "token": TOKEN}

    def test_pays_out_once_however_often_it_is_sent(self, client):
        driver = DriverFactory.create()
        hold(driver, "CURB-1", "100.00")
        owe(driver, "MISC-1", "30.00")
        url = url_of("ledger_driver_payout", driver.pk)
        assert "$70.00 is due to the driver" in client.get(url).content.decode()
        seen = look(client, url, **self.typed).context["seen"]
        with writes(postings=1, payouts=1):
            first = client.post(url, {**self.typed, "_confirm": "1", "_seen": seen})
            second = client.post(url, {**self.typed, "_confirm": "1", "_seen": seen})
        payout = Payout.objects.get()
        assert first["Location"] == second["Location"] == url_of("ledger_payout_voucher", payout.pk)
        assert messages_on(client.get(first["Location"]))[0] == "OUT-000001: $60.00 is paid out."
        assert balances_of(driver) == {"CURB-1": ("40.00", "OPEN"), "MISC-1": ("30.00", "OPEN")}
        assert_books_clean()

    def test_more_than_is_due_is_refused_at_the_amount(self, client):
        driver = DriverFactory.create()
        hold(driver, "CURB-1", "100.00")
        owe(driver, "MISC-1", "30.00")
        with writes():
            page = look(client, url_of("ledger_driver_payout", driver.pk), **{**self.typed, "amount": "70.01"})
        assert errors_on(page) == {
            "amount": [
                "$70.01 is too much. $70.00 is due to the driver: $100.00 held over all leases, less $30.00 that they "
                "owe and is due."
            ]
        }

    def test_a_check_needs_its_number(self, client):
        driver = DriverFactory.create()
        hold(driver)
        with writes():
            page = look(client, url_of("ledger_driver_payout", driver.pk), **{**self.typed, "method": "CHECK"})
        assert list(errors_on(page)) == ["instrument_number"]


class TestApplyNow:
    def test_applies_what_is_held_to_what_is_due_and_to_nobody_else(self, client):
        driver, other = DriverFactory.create(), DriverFactory.create()
        for number, of_driver in enumerate((driver, other)):
            hold(of_driver, f"CURB-{number}", "100.00")
            owe(of_driver, f"MISC-{number}", "80.00")
            owe(of_driver, f"LEASE-{number}", "500.00", due_in=2)
        url = url_of("ledger_driver_apply", driver.pk)
        today = timezone.localdate().isoformat()
        assert look(client, url, as_of=today).context["preview"].steps == ["$80.00 of CURB-0 pays MISC-0."]
        with writes(postings=1):
            answer = confirm(client, url, as_of=today)
        assert messages_on(client.get(answer["Location"])) == ["$80.00 applied in 1 part."]
        assert balances_of(driver)["CURB-0"] == ("20.00", "OPEN")
        assert balances_of(other)["CURB-1"] == ("100.00", "OPEN")
        assert_books_clean()

    def test_with_nothing_to_do_there_is_nothing_to_confirm(self, client):
        url = url_of("ledger_driver_apply", DriverFactory.create().pk)
        page = look(client, url, as_of=timezone.localdate().isoformat())
        content = page.content.decode()
        assert "there is nothing to do" in content
        assert 'name="_confirm"' not in content

    def test_never_ahead_of_its_day(self, client):
        driver = DriverFactory.create()
        hold(driver)
        owe(driver, due_in=1)
        tomorrow = days_ago(-1).isoformat()
        for as_of in (tomorrow, "soon", ""):
            with writes():
                page = look(client, url_of("ledger_driver_apply", driver.pk), as_of=as_of)
            assert list(errors_on(page)) == ["as_of"]


class TestWaterfallOrder:
    def places(self, order) -> dict[str, str]:
        return {f"place_{place}": name for place, name in enumerate(order)}

    def test_sets_the_order_and_says_who_did(self, client):
        url = url_of("ledger_waterfallorder_set")
        order = [*OBLIGATION_CATEGORIES[::-1]]
        today = timezone.localdate()
        answer = client.post(url, {"effective_on": today.isoformat(), **self.places(order), "_confirm": "1"})
        assert answer["Location"] == url_of("ledger_waterfallorder_changelist")
        setting = WaterfallOrder.objects.get()
        assert (setting.effective_on, setting.categories) == (today, [str(name) for name in order])
        page = client.get(url_of("ledger_waterfallorder_change", setting.pk))
        assert page.context["facts"][-1].value == page.context["user"]
        assert client.get(answer["Location"]).context["in_force"][0] == "Miscellaneous"

    def test_the_page_begins_with_the_order_in_force(self, client):
        form = client.get(url_of("ledger_waterfallorder_set")).context["form"]
        assert [form[f"place_{place}"].value() for place in range(9)] == [str(name) for name in OBLIGATION_CATEGORIES]

    @pytest.mark.parametrize(
        ("days", "order", "field"),
        [
            (-1, OBLIGATION_CATEGORIES, "effective_on"),
            (0, ["TAXES", *OBLIGATION_CATEGORIES[:8]], "place_0"),
            (0, ["PAYMENT", *OBLIGATION_CATEGORIES[1:]], "place_0"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_input(self, client, days, order, field):
        day = timezone.localdate() + timedelta(days=days)
        sent = {"effective_on": day.isoformat(), **self.places(order), "_confirm": "1"}
        page = client.post(url_of("ledger_waterfallorder_set"), sent)
        assert list(errors_on(page)) == [field]
        assert (WaterfallOrder.objects.count(), LogEntry.objects.count()) == (0, 0)


class TestSetWaterfallOrder:
    def test_of_two_for_one_day_the_later_counts(self):
        today = timezone.localdate()
        ledger.set_waterfall_order(effective_on=today, categories=OBLIGATION_CATEGORIES, today=today)
        last = ledger.set_waterfall_order(effective_on=today, categories=OBLIGATION_CATEGORIES[::-1], today=today)
        assert WaterfallOrder.objects.first() == last

    def test_is_never_set_for_a_day_past(self):
        with refused(ledger.OrderInThePast, code="order_in_the_past", field="effective_on"):
            ledger.set_waterfall_order(effective_on=days_ago(1), categories=OBLIGATION_CATEGORIES, today=days_ago(0))

    @pytest.mark.parametrize(
        "categories",
        [
            [],
            OBLIGATION_CATEGORIES[:8],
            ["TAXES"] * 9,
            [*OBLIGATION_CATEGORIES, "MISC"],
            ["X", *OBLIGATION_CATEGORIES[1:]],
        ],
    )
    def test_names_each_category_once(self, categories):
        with refused(ledger.OrderIncomplete, code="order_incomplete", field="categories"):
            ledger.set_waterfall_order(
                effective_on=timezone.localdate(), categories=categories, today=timezone.localdate()
            )


class TestAudits:
    def test_run_when_the_button_is_pressed(self, client):
        # By a person, under no module's name: nothing else has to account for it.
        ledger.create_obligation(
            category="MISC",
            amount=Decimal("5.00"),
            reference_id="KEYS-1",
            driver_id=DriverFactory.create().pk,
            effective_on=timezone.localdate(),
            actor=UserFactory.create(),
            by_hand=True,
        )
        assert client.get(url_of("core_auditrun_run")).status_code == 200
        assert AuditRun.objects.count() == 0
        answer = client.post(url_of("core_auditrun_run"), {"_confirm": "1"})
        run = AuditRun.objects.get()
        page = client.get(answer["Location"])
        assert answer["Location"] == url_of("core_auditrun_change", run.pk)
        assert messages_on(page) == ["The audits ran: nothing wrong found."]
        assert len(page.context["results"]) == run.results.count() > 0

    def test_findings_are_shown_in_words(self, client):
        run = AuditRun.objects.create(findings=1, finished_at=timezone.now())
        run.results.create(
            name="ledger.books", promise="Debits equal credits.", findings=1, sample=["Off by $1."], seconds=0.1
        )
        content = client.get(url_of("core_auditrun_change", run.pk)).content.decode()
        for words in ("ledger.books", "Debits equal credits.", "Off by $1."):
            assert words in content
        assert "Findings" in client.get(url_of("core_auditrun_changelist")).content.decode()
