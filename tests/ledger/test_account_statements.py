"""A driver's account statement as a document and as a table: every movement in words, from and to a balance."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from core.clock import at
from leases.models import Lease
from ledger import exports, selectors
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.admin_pages import browse, url_of
from tests.ledger.proofs import SATURDAY, THURSDAY, WEDNESDAY, apply, charge, count_statements, earn, hold_deposit, pay

pytestmark = pytest.mark.django_db

DAYS = {"from_on": "2026-11-15", "to_on": "2026-11-21"}
RENT = "Rent Nov 15–21"


@pytest.fixture
def lease() -> Lease:
    """Owed 30.00 from before; a rent of 500.00, 100.00 in cash for it, 350.00 of cards, a deposit of 200.00."""
    lease = LeaseFactory.create()
    driver = lease.primary_driver
    charge(
        driver, "MISC-1", "30.00", description="Lost key", due_on=date(2026, 11, 10), effective_on=date(2026, 11, 10)
    )
    charge(driver, "LEASE-1", "500.00", description=RENT, due_on=SATURDAY)
    pay(driver, "100.00", {"LEASE-1": "100.00"})
    hold_deposit(driver, lease.pk, "200.00")
    earn(driver, "CURB-1", "350.00", description="Card trips Nov 15–21, 47 trips", effective_on=SATURDAY)
    apply()
    return lease


def paper_of(lease: Lease, from_on: date = date(2026, 11, 15), to_on: date = SATURDAY) -> exports.StatementPaper:
    statement = selectors.get_statement(lease.primary_driver_id, from_on, to_on)
    return exports.StatementPaper(
        payer=selectors.get_payer(lease.primary_driver_id, None, at=at(THURSDAY)),
        statement=statement,
        words=selectors.list_words([line.posting_id for line in statement.lines]),
        made_at=at(date(2026, 11, 23)),
    )


class TestStatement:
    def test_what_is_owed_held_and_kept_runs_along(self, lease):
        statement = paper_of(lease).statement
        opening = [statement.opening_owed, statement.opening_held, statement.opening_deposits]
        assert opening == [Decimal(30), Decimal(0), Decimal(0)]
        assert [(line.kind, line.owed, line.held, line.deposits) for line in statement.lines] == [
            ("OBLIGATION", Decimal("530.00"), Decimal("0.00"), Decimal("0.00")),
            ("PAYMENT", Decimal("530.00"), Decimal("100.00"), Decimal("0.00")),
            ("ALLOCATION", Decimal("430.00"), Decimal("0.00"), Decimal("0.00")),
            ("DEPOSIT", Decimal("430.00"), Decimal("0.00"), Decimal("200.00")),
            ("EARNINGS", Decimal("430.00"), Decimal("350.00"), Decimal("200.00")),
            ("APPLICATION", Decimal("80.00"), Decimal("0.00"), Decimal("200.00")),
        ]
        closing = [statement.closing_owed, statement.closing_held, statement.closing_deposits]
        assert closing == [Decimal(80), Decimal(0), Decimal(200)]

    def test_is_where_the_driver_stands(self, lease):
        void = LedgerPosting.objects.get(kind="ALLOCATION")
        ledger.void_posting(posting_id=void.pk, reason="Meant for repairs", actor=None, effective_on=SATURDAY)
        statement = selectors.get_statement(lease.primary_driver_id, date(2026, 11, 1), date(2026, 12, 31))
        position = selectors.get_position(lease.primary_driver_id, as_of=SATURDAY)
        assert (statement.closing_owed, statement.closing_held, statement.closing_deposits) == (
            position.obligations, position.held_credits, position.deposits
        )  # fmt: skip


class TestDocument:
    def test_tells_each_movement_in_words(self, lease):
        told = exports.describe_statement(paper_of(lease))
        assert told["money"]["opening"] == ["Brought forward", "30.00", "0.00"]
        assert [(row[0], row[1][0], *row[2:]) for row in told["money"]["rows"]] == [
            ("Nov 18, 2026", RENT, "500.00", "530.00", "0.00"),
            ("Nov 18, 2026", "Your cash of Nov 18, receipt 000001", "100.00", "530.00", "100.00"),
            ("Nov 18, 2026", f"Paid by you: {RENT}", "100.00", "430.00", "0.00"),
            ("Nov 21, 2026", "Card trips Nov 15–21, 47 trips", "350.00", "430.00", "350.00"),
            ("Nov 21, 2026", f"Paid from card trips Nov 15–21, 47 trips: {RENT}", "350.00", "80.00", "0.00"),
        ]
        assert told["money"]["closing"] == ["Carried forward", "80.00", "0.00"]
        assert [(row[1][0], *row[2:]) for row in told["deposits"]["rows"]] == [
            ("Lease deposit, cash of Nov 18, receipt 000002", "200.00", "200.00")
        ]
        assert told["answer"] == [
            "You owe $80.00",
            "Owed 80.00, held for you 0.00; deposits, kept apart, 200.00.",
        ]

    def test_without_deposits_has_no_table_of_them(self):
        driver = DriverFactory.create()
        charge(driver)
        statement = selectors.get_statement(driver.pk, WEDNESDAY, SATURDAY)
        words = selectors.list_words([line.posting_id for line in statement.lines])
        payer = selectors.get_payer(driver.pk, None, at=at(WEDNESDAY))
        paper = exports.StatementPaper(payer, statement, words, at(SATURDAY))
        assert exports.describe_statement(paper)["deposits"] is None

    def test_the_pdf_is_a_letter_page_and_the_same_twice(self, lease, settings):
        settings.FLEET_NAME, settings.FLEET_PHONE = "Sample Fleet LLC", "(718) 555-0100"
        paper = paper_of(lease)
        document = exports.statement_as_pdf(paper)
        assert document == exports.statement_as_pdf(paper)
        reader = PdfReader(io.BytesIO(document))
        (page,) = reader.pages
        assert (float(page.mediabox.width), float(page.mediabox.height)) == (612, 792)
        text = page.extract_text()
        for words in ("Sample Fleet LLC", "Account statement", RENT, "LEASE-1", "Carried forward", "Page 1 of 1"):
            assert words in text, words

    def test_markup_in_a_name_is_text(self, lease):
        paper = paper_of(lease)
        paper = replace(paper, payer=replace(paper.payer, name="#panic() *x*"))
        assert "#panic() *x*" in PdfReader(io.BytesIO(exports.statement_as_pdf(paper))).pages[0].extract_text()


class TestPages:
    def test_the_csv_adds_up_from_brought_to_carried_forward(self, lease):
        answer = browse("Cashier").get(url_of("ledger_driver_statement_csv", lease.primary_driver_id), DAYS)
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        head, first, *lines, last = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert head == ["Day", "What it is", "Reference", "Amount", "You owe", "Held for you", "Deposits"]
        assert first == ["2026-11-15", "Brought forward", "", "", "30.00", "0.00", "0.00"]
        assert len(lines) == 6
        assert last == ["2026-11-21", "Carried forward", "", "", "80.00", "0.00", "200.00"]

    def test_the_pdf_opens_in_the_browser(self, lease):
        answer = browse("Auditor").get(url_of("ledger_driver_statement_pdf", lease.primary_driver_id), DAYS)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("inline; filename=")
        assert answer.content.startswith(b"%PDF")

    @pytest.mark.parametrize("form", ["pdf", "csv"])
    def test_who_may_not_see_money_gets_none(self, lease, form):
        url = url_of(f"ledger_driver_statement_{form}", lease.primary_driver_id)
        client = browse("Office")
        assert client.get(url, DAYS).status_code == 200
        client.force_login(UserFactory.create(permissions=["leases.view_driver"]))
        assert client.get(url, DAYS).status_code == 403

    def test_senseless_days_lead_back_to_the_account_which_says_so(self, lease):
        url = url_of("ledger_driver_statement_pdf", lease.primary_driver_id)
        page = browse("Cashier").get(url, {"from_on": "2026-11-21", "to_on": "2026-11-15"}, follow=True)
        assert page.redirect_chain[0][0].startswith(url_of("ledger_driver_account", lease.primary_driver_id))
        assert page.context["statement_form"].errors == {"to_on": ["It ends before it begins."]}

    def test_the_account_leads_to_both(self, lease):
        content = browse("Cashier").get(url_of("ledger_driver_account", lease.primary_driver_id), DAYS).content.decode()
        for form in ("pdf", "csv"):
            url = url_of(f"ledger_driver_statement_{form}", lease.primary_driver_id)
            assert f'href="{url}?from_on=2026-11-15&amp;to_on=2026-11-21"' in content

    def test_asks_as_often_for_many_lines_as_for_few(self):
        client = browse("Cashier")

        def count(lines: int) -> int:
            driver = DriverFactory.create()
            for number in range(lines):
                charge(driver, f"MISC-{driver.pk}{number}", "10.00")
            url = url_of("ledger_driver_statement_csv", driver.pk)
            return count_statements(lambda: client.get(url, DAYS))

        assert count(2) == count(20)
