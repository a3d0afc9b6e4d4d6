"""Trip taxes by the days of a quarter, and how they come to what the books were charged in it."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from core.reports.links import report_url
from core.weeks import week_of
from curb.selectors.tax_quarters import reconcile_taxes
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.dtr.fleet import card, cash, close, drive, leased_driver
from tests.factories import UserFactory
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


def read(quarter: str) -> list[str]:
    """Made, not counted yet, counted later, counted of before, counted, voided elsewhere, charged."""
    found = reconcile_taxes(quarter)
    assert found is not None
    columns = ("made", "not_counted", "counted_later", "counted_of_before", "counted", "voided_elsewhere", "charged")
    return [str(getattr(found, column)) for column in columns]


@pytest.fixture(scope="module")
def two_quarters(made_once: MadeOnce) -> None:
    made_once(live_two_quarters)


def live_two_quarters() -> None:
    """Five trips with 3.30 of taxes each; the week of March 29 to April 4 lies in both quarters.

    Mar 3 and 30, Apr 1   by card; counted in the weeks to Mar 7 and Apr 4
    Mar 24                in cash; counted in the week to Mar 28, voided on Apr 1, counted again in the week to Apr 4
    Apr 8                 by card; counted by no close yet
    """
    leased_driver()
    leased_driver("5000002", "8A11")
    drive(
        card(START_DATE="03/03/2026 10:00:00"),
        card(START_DATE="03/30/2026 10:00:00"),
        card(START_DATE="04/01/2026 10:00:00"),
        cash(START_DATE="03/24/2026 10:00:00", DRIVER="5000002", CABNUMBER="8A11"),
    )
    for saturday in (date(2026, 3, 7), date(2026, 3, 14), date(2026, 3, 21), date(2026, 3, 28)):
        close(week_of(saturday))
    charge = LedgerPosting.objects.get(reference_id__startswith="TAXES-2026-03-28")
    supervisor = UserFactory.create(groups=["Supervisor"])
    ledger.void_posting(
        posting_id=charge.pk, reason="Closed too early", actor=supervisor, effective_on=date(2026, 4, 1)
    )
    close(week_of(date(2026, 4, 4)))
    drive(card(START_DATE="04/08/2026 10:00:00"))


@pytest.mark.usefixtures("two_quarters")
class TestReconcileTaxes:
    def test_the_quarter_that_ends_inside_a_week(self) -> None:
        """Three trips of 3.30: 9.90. Two of them are counted in the week to Apr 4; the void of 3.30 is April's."""
        assert read("2026 Q1") == ["9.90", "0.00", "6.60", "0.00", "3.30", "3.30", "6.60"]

    def test_the_quarter_that_begins_inside_a_week(self) -> None:
        """Two trips: 6.60. One is not counted yet, two of March are: 9.90, and 3.30 of March is voided: 6.60."""
        assert read("2026 Q2") == ["6.60", "3.30", "0.00", "6.60", "9.90", "-3.30", "6.60"]

    def test_what_was_charged_is_what_the_books_say(self) -> None:
        for quarter in ("2026 Q1", "2026 Q2"):
            found = reconcile_taxes(quarter)
            assert found is not None
            totals = ledger_selectors.list_trial_balance(found.from_on, found.to_on)
            (payable,) = [total.credit_balance for total in totals if total.account == "2110"]
            assert found.charged == payable == Decimal("6.60")
        assert_books_clean()

    def test_the_report_tells_it(self, client: Client) -> None:
        client.force_login(UserFactory.create(groups=["Office"]))
        page = " ".join(client.get(report_url("taxes", quarter="2026 Q1")).content.decode().split())
        assert "account 2110 Trip taxes payable" in page
        assert '<th scope="row">Charged in it</th><td class="num">6.60</td>' in page
        assert "$6.60 were counted in a later quarter" in page
        assert "voided after it, less those of before voided in it, are $3.30." in page

    def test_what_was_paid_over_is_told_of_the_quarter(self, client: Client) -> None:
        """6.60 are charged in each of two quarters; 4.00 and 1.00 paid over in May, and the 1.00 taken back in July."""
        for reference, amount in (("MTA-1", "4.00"), ("TIF-1", "1.00")):
            transfer = ledger.record_transfer(
                kind="PAID_OVER", debit="2110", credit="1030", amount=Decimal(amount), reference_id=reference,
                effective_on=date(2026, 5, 20), actor=None,
            )  # fmt: skip
        ledger.reverse_transfer(transfer_id=transfer.pk, reason="Paid twice", effective_on=date(2026, 7, 2), actor=None)
        ledger.record_transfer(
            kind="CORRECTION", debit="2110", credit="6040", amount=Decimal("0.10"), reference_id="FIX-1",
            effective_on=date(2026, 7, 3), reason="Rounded", actor=None,
        )  # fmt: skip
        client.force_login(UserFactory.create(groups=["Auditor"]))
        told = {}
        for quarter in ("2026 Q1", "2026 Q2", "2026 Q3"):
            foot = client.get(report_url("taxes", quarter=quarter)).context["foot"]
            told[quarter] = [amount for _, amount in foot["lines"]]
            assert client.get(foot["url"]).context["form"].cleaned_data["account"] == "2110"
        assert told == {
            # Open when it began, charged, paid over, otherwise, open at its end.
            "2026 Q1": ["0.00", "6.60", "0.00", "0.00", "6.60"],
            "2026 Q2": ["6.60", "6.60", "\u22125.00", "0.00", "8.20"],
            "2026 Q3": ["8.20", "0.00", "1.00", "\u22120.10", "9.10"],
        }
        said = client.get("/api/reports/taxes?quarter=2026+Q2").json()["told"][-1]
        assert said.startswith(
            "In the books of 2026 Q2: account 2110 Trip taxes payable: open when it began 6.60, charged"
        )
        assert said.endswith("corrected 0.00, open at its end 8.20.")


@pytest.mark.parametrize("quarter", ["", "2026", "2026 Q5", "0000 Q1", "9999 Q4", "２０２６ Q1", "2026 Q1 "])
def test_what_is_no_quarter_is_none(quarter: str) -> None:
    assert reconcile_taxes(quarter) is None
