"""Loans in the admin: what each role may, what a page shows, what a button writes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.sources import find_source
from core.weeks import week_of
from leases.models import Driver
from ledger import services as ledger
from ledger.models import LedgerBalance
from loans.models import DriverLoan, LoanBand, RateLimit
from tests.factories import DriverFactory
from tests.ledger.admin_pages import TOKEN, browse, confirm, errors_on, look, messages_on, url_of
from tests.loans.factories import DriverLoanFactory
from tests.loans.office import count_rows, lend, plan_of

pytestmark = pytest.mark.django_db

DISBURSE = "loans_driverloan_disburse"
#: The session, the user, their permissions (own and of groups), roles; and its own: with sum, views, unfinished acts.
LIST_QUERIES = 11
PAGE_QUERIES = 12


def typed(driver: Driver, /, **changed: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "driver": driver.pk,
        "lease": "",
        "principal": "1,200.00",
        "rate_percent": "10",
        "disbursed_on": today.isoformat(),
        "method": "CHECK",
        "instrument_number": "1043",
        "starts_on": week_of(today).next.start.isoformat(),
        "token": TOKEN,
        **changed,
    }


def lend_now(driver: Driver, **changed: Any) -> DriverLoan:
    today = timezone.localdate()
    return lend(driver, **{"disbursed_on": today, "today": today, "starts_on": week_of(today).next.start, **changed})


class TestDisburse:
    def test_shows_the_plan_then_records_the_loan(self, driver: Driver) -> None:
        client = browse("Office")
        assert client.get(url_of(DISBURSE)).status_code == 200
        page = look(client, url_of(DISBURSE), **typed(driver))
        assert [str(part.principal) for part in page.context["preview"]] == ["250.00"] * 4 + ["200.00"]
        assert count_rows() == (0, 0, 0, 0)
        done = confirm(client, url_of(DISBURSE), **typed(driver))
        loan = DriverLoan.objects.get()
        assert done.url == url_of("loans_driverloan_change", loan.pk)
        assert count_rows() == (1, 5, 0, 0)
        assert loan.history.get().history_user is not None
        assert messages_on(client.get(done.url, follow=True)) == [f"Loan {loan.pk} of $1,200.00 is recorded."]

    def test_sent_twice_lends_once(self, driver: Driver) -> None:
        client = browse("Office")
        confirm(client, url_of(DISBURSE), **typed(driver))
        confirm(client, url_of(DISBURSE), **typed(driver))
        assert count_rows() == (1, 5, 0, 0)
        page = look(client, url_of(DISBURSE), **typed(driver, principal="5"))
        assert list(errors_on(page)) == ["__all__"]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"principal": "0"}, "principal"),
            ({"principal": "-1"}, "principal"),
            ({"principal": "NaN"}, "principal"),
            ({"rate_percent": "400"}, "rate_percent"),
            ({"rate_percent": "-1"}, "rate_percent"),
            ({"rate_percent": "NaN"}, "rate_percent"),
            ({"disbursed_on": "2999-01-01"}, "disbursed_on"),
            ({"starts_on": "2001-01-07"}, "starts_on"),
            ({"instrument_number": ""}, "instrument_number"),
            ({"driver": "0"}, "driver"),
            ({"token": ""}, "token"),
        ],
    )
    def test_a_refusal_is_told_at_its_field(self, driver: Driver, changed: dict[str, str], field: str) -> None:
        page = look(browse("Office"), url_of(DISBURSE), **typed(driver, **changed))
        assert list(errors_on(page)) == [field]
        assert count_rows() == (0, 0, 0, 0)

    @pytest.mark.parametrize("role", ["Cashier", "Auditor"])
    def test_is_the_offices(self, driver: Driver, role: str) -> None:
        client = browse(role)
        assert client.get(url_of(DISBURSE)).status_code == 403
        assert client.post(url_of(DISBURSE), {**typed(driver), "_confirm": "1"}).status_code == 403
        assert count_rows() == (0, 0, 0, 0)


class TestActs:
    def test_hold_and_resume(self, driver: Driver) -> None:
        client, loan = browse("Office"), lend_now(driver)
        before = plan_of(loan)
        confirm(client, url_of("loans_driverloan_hold", loan.pk), reason="Ill")
        assert {state for *_, state in plan_of(loan)} == {"held"}
        next_week = week_of(timezone.localdate()).next.start.isoformat()
        confirm(client, url_of("loans_driverloan_resume", loan.pk), starts_on=next_week)
        assert plan_of(loan) == before

    def test_pay_off_and_restore(self, driver: Driver) -> None:
        client, loan = browse("Office"), lend_now(driver)
        today = timezone.localdate().isoformat()
        page = look(client, url_of("loans_driverloan_pay_off", loan.pk), as_of=today)
        preview = page.context["preview"]
        assert preview.money.steps == [f"LOAN-{loan.pk}-PAYOFF of $1,200.00 is charged."]
        assert [fact.value for fact in preview.facts][1:] == ["$1,200.00", "$0.00", "$1,200.00"]
        assert count_rows() == (1, 5, 0, 0)
        done = confirm(client, url_of("loans_driverloan_pay_off", loan.pk), as_of=today)
        shown = client.get(done.url).content.decode()
        assert "the schedule can be restored" in shown
        assert url_of("loans_driverloan_restore", loan.pk) in shown
        next_week = week_of(timezone.localdate()).next.start.isoformat()
        confirm(client, url_of("loans_driverloan_restore", loan.pk), reason="Bounced", starts_on=next_week)
        loan.refresh_from_db()
        assert (loan.status, LedgerBalance.objects.get().status) == ("ACTIVE", "VOIDED")

    def test_write_off_shows_what_is_forgiven(self, driver: Driver) -> None:
        client, loan = browse("Supervisor"), lend_now(driver)
        form = {"as_of": timezone.localdate().isoformat(), "reason": "Left the country"}
        page = look(client, url_of("loans_driverloan_write_off", loan.pk), **form)
        assert page.context["preview"].money.steps == [
            f"LOAN-{loan.pk}-PAYOFF of $1,200.00 is charged.",
            f"$1,200.00 of LOAN-{loan.pk}-PAYOFF is written off.",
        ]
        confirm(client, url_of("loans_driverloan_write_off", loan.pk), **form)
        loan.refresh_from_db()
        assert (loan.status, LedgerBalance.objects.get().status) == ("WRITTEN_OFF", "SETTLED")

    def test_void(self, driver: Driver) -> None:
        client, loan = browse("Supervisor"), lend_now(driver, posts_at_once=True)
        confirm(client, url_of("loans_driverloan_void", loan.pk), reason="Never handed over")
        assert not LedgerBalance.objects.exclude(status="VOIDED").exists()

    def test_a_refusal_is_told_at_its_field(self, driver: Driver) -> None:
        loan = lend_now(driver)
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        page = look(browse("Office"), url_of("loans_driverloan_pay_off", loan.pk), as_of=tomorrow)
        assert list(errors_on(page)) == ["as_of"]

    @pytest.mark.parametrize(
        ("act", "roles"),
        [
            ("hold", {"Office", "Supervisor"}),
            ("resume", {"Office", "Supervisor"}),
            ("pay_off", {"Office", "Supervisor"}),
            ("restore", {"Office", "Supervisor"}),
            ("write_off", {"Supervisor"}),
            ("void", {"Supervisor"}),
        ],
    )
    def test_are_open_to_their_roles(self, driver: Driver, act: str, roles: set[str]) -> None:
        url = url_of(f"loans_driverloan_{act}", lend_now(driver).pk)
        everybody = ("Cashier", "Office", "Supervisor", "Auditor")
        assert {role for role in everybody if browse(role).get(url).status_code == 200} == roles


class TestPages:
    def test_a_loan_with_its_plan_from_the_ledger(self, driver: Driver) -> None:
        loan = lend_now(driver)
        next_week = week_of(timezone.localdate()).next
        ledger.post_scheduled_installments(as_of=next_week.end)
        client = browse("Auditor")
        page = client.get(url_of("loans_driverloan_change", loan.pk))
        assert [row.state for row in page.context["rows"]] == ["Open", *["Scheduled"] * 4]
        assert url_of("ledger_ledgerbalance_change", LedgerBalance.objects.get().pk) in page.content.decode()
        assert [button.label for button in page.context["buttons"]] == ["History"]
        assert client.get(url_of("loans_driverloan_history", loan.pk)).status_code == 200

    def test_the_payoff_amount_of_any_day(self, driver: Driver) -> None:
        loan = lend_now(driver)
        client, day = browse("Office"), timezone.localdate() + timedelta(days=4)
        page = client.get(url_of("loans_driverloan_change", loan.pk), {"payoff_on": day.isoformat()})
        amount = page.context["amount"]
        assert (amount.as_of, amount.principal, amount.interest) == (day, Decimal("1200.00"), Decimal("1.32"))
        assert "$1,201.32" in page.content.decode()
        nonsense = client.get(url_of("loans_driverloan_change", loan.pk), {"payoff_on": "soon"})
        assert (nonsense.status_code, nonsense.context["amount"].as_of) == (200, timezone.localdate())

    def test_references_lead_to_their_loan(self) -> None:
        loan = DriverLoanFactory.create()
        for reference in (f"LOAN-{loan.pk}-4", f"LOAN-{loan.pk}-PAYOFF"):
            source = find_source(reference)
            assert source is not None
            assert (source.label, source.url) == (str(loan), url_of("loans_driverloan_change", loan.pk))
        assert find_source("LOAN-X") is None
        assert find_source(f"LOAN-{loan.pk + 1}-1") is None

    @pytest.mark.parametrize("term", ["{pk}", "LOAN-{pk}", "Loan {pk}", "Jeudy", "jeu", "{license}"])
    def test_are_found_by_their_number_or_by_whose_they_are(self, term: str) -> None:
        DriverLoanFactory.create_batch(2)
        loan = lend_now(DriverFactory.create(last_name="Jeudy"))
        asked = term.format(pk=loan.pk, license=loan.driver.tlc_license)
        page = browse("Office").get(url_of("loans_driverloan_changelist"), {"q": asked})
        assert [found.pk for found in page.context["cl"].result_list] == [loan.pk]

    def test_the_list_offers_to_lend_to_whoever_may(self) -> None:
        for role, labels in (("Office", ["Disburse a loan"]), ("Cashier", [])):
            page = browse(role).get(url_of("loans_driverloan_changelist"))
            assert [button.label for button in page.context["buttons"]] == labels

    @pytest.mark.parametrize(
        ("status", "labels"),
        [
            ("ACTIVE", ["Pay off early", "Hold", "Write off", "Void"]),
            ("ON_HOLD", ["Resume", "Write off", "Void"]),
            ("PAID_OFF", ["Restore the schedule"]),
            ("WRITTEN_OFF", ["Restore the schedule"]),
            ("VOIDED", []),
        ],
    )
    def test_a_loan_offers_what_fits_its_state(self, status: str, labels: list[str]) -> None:
        loan = DriverLoanFactory.create(status=status, reason="x")
        page = browse("Supervisor").get(url_of("loans_driverloan_change", loan.pk))
        buttons = page.context["buttons"]
        assert [button.label for button in buttons] == [*labels, "History"]
        assert {button.label for button in buttons if button.is_dangerous} == {"Write off", "Void"} & set(labels)

    def test_take_the_same_queries_for_many(self, driver: Driver) -> None:
        client, loan = browse("Office"), lend_now(driver)
        for url, expected in (
            (url_of("loans_driverloan_changelist"), LIST_QUERIES),
            (url_of("loans_driverloan_change", loan.pk), PAGE_QUERIES),
        ):
            client.get(url)
            counts = []
            for _ in range(2):
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(url).status_code == 200
                counts.append(len(captured))
                DriverLoanFactory.create_batch(5)
            assert counts == [expected, expected]

    def test_nothing_is_edited_or_deleted_by_hand(self, driver: Driver) -> None:
        client, loan = browse(), lend_now(driver)
        assert client.post(url_of("loans_driverloan_change", loan.pk), {"principal": "1"}).status_code == 403
        assert client.post(url_of("loans_driverloan_delete", loan.pk), {"post": "yes"}).status_code == 403
        assert client.get(url_of("loans_driverloan_add")).status_code == 403


class TestSettings:
    def test_a_supervisor_sets_the_bands(self) -> None:
        client, today = browse("Supervisor"), timezone.localdate()
        form = {"effective_on": today.isoformat(), "up_to_0": "100", "weekly_1": "50", "_confirm": "1"}
        assert client.post(url_of("loans_loanband_set"), form).status_code == 302
        assert [str(band) for band in LoanBand.objects.in_force(today)] == [
            "up to 100.00: in full",
            "above: 50.00 a week",
        ]
        assert client.get(url_of("loans_loanband_changelist")).status_code == 200
        assert browse("Office").get(url_of("loans_loanband_set")).status_code == 403

    def test_rate_limits_are_a_supervisors(self) -> None:
        form = {"effective_on": "2027-01-01", "highest_percent": "9.5", "citation": "Our own rule"}
        assert browse("Office").post(url_of("loans_ratelimit_add"), form).status_code == 403
        client = browse("Supervisor")
        assert client.post(url_of("loans_ratelimit_add"), {**form, "highest_percent": "400"}).status_code == 200
        assert RateLimit.objects.count() == 1
        client.post(url_of("loans_ratelimit_add"), form)
        assert list(RateLimit.objects.values_list("highest_percent", flat=True)) == [Decimal("9.50"), Decimal("16.00")]
