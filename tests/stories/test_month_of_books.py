"""A month of the books, kept by hand beside them: October 2026 of a fleet that goes live on the 4th.

Everything that a trial balance can get wrong happens once: an opening with debts, a credit, deposits, a loan and the
bank; a loan with interest, paid out and half charged; a check that comes back after some of its money has left, and one
that comes back before; a card week below zero; deposits held, applied, given back and received; a ticket dismissed
after its driver, and the City, were paid; taxes, tolls and fines paid over, with a part that no driver was charged; a
memo paid out by mistake and won back; days without a cab; a write-off, and money that comes in on it afterwards; a
drawer that is short; what CURB remits, less its fee. Every figure was worked out by hand, and not by the program.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from core.reports import list_reports
from core.reports.links import report_url
from curb.selectors.tax_quarters import reconcile_taxes
from ledger import services as ledger
from ledger.models import LedgerPosting
from ledger.selectors import iter_journal
from loans.models import DriverLoan, LoanInstallment
from tests.books import assert_books_clean
from tests.ledger.admin_pages import browse
from tests.ledger.journal import read_in_both, sum_by_account
from tests.reports import list_opened, read
from tests.stories.fleet import table
from tests.stories.month import (
    CUT_OVER,
    FIRST,
    FOURTH,
    SECOND,
    THIRD,
    Fleet,
    count_postings,
    count_transfers,
    open_fleet,
    read_remaining,
    read_trial_balance,
    sum_balances,
)
from tests.stories.month_weeks import (
    live_through_the_first_week,
    live_through_the_last_week,
    live_through_the_second_week,
    live_through_the_third_week,
)

pytestmark = pytest.mark.django_db

#: Debit above zero, credit below, at the end of each of these days.
TRIAL_BALANCES = """
    code  2026-10-04   2026-10-10   2026-10-17   2026-10-24   2026-10-31
    1010        0.00       150.00       205.00       205.00       284.00
    1020        0.00         0.00         0.00         0.00         0.00
    1030    10000.00      9210.60      9340.60     11125.76     12351.36
    1040        0.00      2100.00      2130.00      1290.00      2460.00
    1100      525.60       180.00       803.95      1231.47       663.70
    1150      600.00      1600.00      1150.00       700.00       450.00
    2010      -50.00     -1045.00      -280.94         0.00      -367.89
    2020     -900.00      -500.00      -500.00      -500.00      -710.00
    2110        0.00      -135.00      -270.00      -350.70      -155.00
    2120        0.00         0.00         0.00         0.00         0.00
    2130        0.00         0.00         0.00       115.00         0.00
    2140        0.00      -115.00         0.00         0.00         0.00
    2300        0.00         0.00         0.00         0.00         0.00
    3010   -10175.60    -10175.60    -10175.60    -10175.60    -10175.60
    4010        0.00     -1270.00     -2540.00     -3810.00     -4930.00
    4020        0.00         0.00        60.00      -150.00      -150.00
    4030        0.00         0.00         0.00         0.00         0.00
    4040        0.00         0.00        -3.95        -5.77        -7.11
    6010        0.00         0.00         0.00       180.00       102.00
    6020        0.00         0.00        63.00       126.90       165.60
    6030        0.00         0.00        12.00        12.00        12.00
    6040        0.00         0.00         5.94         5.94         5.94
    6050        0.00         0.00         0.00         0.00         1.00
"""


def assert_trial_balance(on: date) -> None:
    """Every account at the end of the day, to the cent; debits and credits are equal."""
    heads, *rows = table(TRIAL_BALANCES)
    column = heads.index(str(on))
    expected = {row[0]: row[column] for row in rows}
    assert sum(Decimal(amount) for amount in expected.values()) == 0
    assert read_trial_balance(on) == expected


def assert_week_is_right(saturday: date) -> None:
    """The week is closed: its trial balance, the control accounts against the balances, every audit."""
    assert_trial_balance(saturday)
    booked = read_trial_balance(saturday)
    assert sum_balances() == {code: Decimal(booked[code]) for code in ("1100", "2010", "2020")}
    assert_books_clean()


def test_a_month_of_the_books(tmp_path: Path):
    """Five drivers, four pay weeks. What is left of them, and five trial balances that never change again.

    Adams   owes 506.70: rent 246.70, a card week below zero 50.00, a memo won back 60.00, a repair 150.00
    Baker   is owed 367.89, and 450.00 of their loan of 1,200.00 is not charged yet
    Cruz    owes 157.00 of the loan's last part, and has left half of the deposit asked, 210.00
    Diaz    is settled: of a deposit of 400.00, 160.60 paid and 239.40 went back
    Evans   paid 80.00 of 180.00, and the other 100.00 is forgiven
    result  5,087.11 of income − 286.54 of cost = 4,800.57
    """
    fleet = open_fleet()
    assert_trial_balance(CUT_OVER)
    assert_books_clean()
    live_through_the_first_week(fleet)
    assert_week_is_right(FIRST)
    live_through_the_second_week(fleet)
    assert_week_is_right(SECOND)
    live_through_the_third_week(fleet)
    assert_week_is_right(THIRD)
    live_through_the_last_week(fleet)
    assert_week_is_right(FOURTH)

    for day in (CUT_OVER, FIRST, SECOND, THIRD):
        assert_trial_balance(day)
    assert_page_adds_up()
    assert_figures_open()
    assert_journal_says_the_same(fleet, tmp_path)
    assert_taxes_of_the_quarter()
    assert_what_remains(fleet)
    assert_what_was_written()
    assert_what_the_closes_applied(fleet)


def assert_page_adds_up() -> None:
    """October as the accountant reads it: debits and credits of 16,495.60, and every week is closed."""
    page = browse("Auditor").get(report_url("trial-balance", as_of=FOURTH))
    balances = [row["balance"] for row in read("trial-balance", today=FOURTH, as_of=FOURTH).rows]
    assert sum(max(balance, Decimal(0)) for balance in balances) == Decimal("16495.60")
    assert sum(balances) == 0
    assert "Not final" not in page.content.decode()


def assert_figures_open() -> None:
    """Every figure of every report of the month is the sum of the lines that it opens."""
    days = {"from_on": CUT_OVER, "to_on": FOURTH}
    weeks = {"from_week": FIRST, "to_week": FOURTH}
    asked = {"collections": days, "rent-by-week": weeks, "earnings": weeks}
    opened: set[tuple[str, str]] = set()
    for day in (SECOND, FOURTH):
        for report in list_reports():
            for name, figure, together in list_opened(report, today=day, **asked.get(report.slug, {})):
                assert figure == together, (day, report.slug, name)
                opened.add((report.slug, name))
    assert len(opened) > 45


def assert_journal_says_the_same(fleet: Fleet, folder: Path) -> None:
    """As other accounting programs read it: the balances of each of the five days, and of each driver in the end."""
    heads, *rows = table(TRIAL_BALANCES)
    for column, day in enumerate(heads[1:], start=1):
        found = read_in_both(iter_journal(to_on=date.fromisoformat(day)), folder)
        assert sum_by_account(found) == {row[0]: Decimal(row[column]) for row in rows if row[column] != "0.00"}
    assert {account: str(amount) for account, amount in found.items() if ":" in account} == {
        f"1100:{fleet.adams.pk}:LEASE": "246.70",
        f"1100:{fleet.adams.pk}:RECOVERY": "110.00",
        f"1100:{fleet.adams.pk}:REPAIR": "150.00",
        f"1100:{fleet.cruz.pk}:LOAN": "157.00",
        f"2010:{fleet.baker.pk}:EARNINGS": "-367.89",
        f"2020:{fleet.adams.pk}:DEPOSIT": "-500.00",
        f"2020:{fleet.cruz.pk}:DEPOSIT": "-210.00",
    }
    # Each posting, each transfer, and the interest of three installments as a third line.
    assert ledger.take_journal_batch(actor=None).entries == 127 + 29 + 3


def assert_taxes_of_the_quarter() -> None:
    """350.70 paid over and 155.00 not yet; all of it was driven, counted and charged in the quarter."""
    taxes = reconcile_taxes("2026 Q4")
    assert taxes is not None
    assert str(taxes.made) == str(taxes.counted) == str(taxes.charged) == "505.70"


def assert_what_remains(fleet: Fleet) -> None:
    loan = DriverLoan.objects.get(driver=fleet.baker)
    assert {str(driver): read_remaining(driver) for driver in fleet.drivers} == {
        str(fleet.adams): table("""
            OPEN-DEPOSIT-A         CREDIT  500.00
            WINBACK-CREDIT-A1      DEBIT    60.00
            CURB-2026-10-24-L1     DEBIT    50.00
            REPAIR-1-1             DEBIT   150.00
            LEASE-1-2026W44        DEBIT   246.70
        """),
        str(fleet.baker): table("CURB-2026-10-31-L2  CREDIT  367.89"),
        str(fleet.cruz): [
            [f"LOAN-{fleet.old_loan.pk}-3", "DEBIT", "157.00"],
            ["DEPOSIT-000005", "CREDIT", "210.00"],
        ],
        str(fleet.diaz): [],
        str(fleet.evans): [],
    }
    unposted = LoanInstallment.objects.filter(posted_at=None).values("loan").annotate(left=Sum("principal"))
    assert [(row["loan"], str(row["left"])) for row in unposted] == [(loan.pk, "450.00")]


def assert_what_was_written() -> None:
    """By hand there are 99 lines of postings and 29 transfers; here there are more postings, of the same sums.

    By hand an application is a line for each driver and close, two where Cruz's check and card money both paid: 13.
    Here it is a posting for each charge and each credit: 40. So it is with the two that the returned check undoes. The
    interest of a loan is a part of its charge, and no transfer.
    """
    assert count_postings() == table("""
        ALLOCATION    5  1030.00
        APPLICATION  43  7280.07
        CREDIT_MEMO   4   263.30
        DEPOSIT       3  1110.00
        EARNINGS     11  8030.00
        OBLIGATION   39  8575.77
        PAYMENT       5  1195.00
        PAYOUT        7  1725.34
        VOID          7  1010.00
        WRITE_OFF     3   282.00
    """)
    interest = LedgerPosting.objects.filter(income__gt=0).order_by("pk").values_list("amount", "income")
    assert [(str(amount), str(income)) for amount, income in interest] == [
        ("253.95", "3.95"),
        ("251.82", "1.82"),
        ("251.34", "1.34"),
    ]
    assert count_transfers() == table("""
        BANK_DEPOSIT     3    950.00
        BANK_FEE         1     12.00
        BORNE            1      5.94
        CARD_FEES        3    165.60
        CURB_REMITTANCE  3   5354.40
        FLOAT            1    200.00
        LOAN_OUT         2   1800.00
        NEGATIVE_WEEK    1     50.00
        OPENING          5  10575.60
        OVER_SHORT       1      1.00
        PAID_OVER        5    709.76
        RETURNED_ITEM    2    700.00
        WIN_BACK         1     60.00
    """)


def assert_what_the_closes_applied(fleet: Fleet) -> None:
    """The lines that tell it by hand: one for each driver and close, Cruz's first being 80.00 and 150.00."""
    applied = LedgerPosting.objects.filter(kind="APPLICATION", reason="").order_by("effective_on", "driver")
    sums = applied.values("driver", "effective_on").annotate(sum=Sum("amount")).values_list("driver", "sum")
    drivers = (fleet.adams.pk, fleet.baker.pk, fleet.cruz.pk)
    by_hand = """
        560.00  395.00  230.00
        569.06  500.00  780.00
          3.30  640.00  700.00
        800.00  682.11  760.00
    """
    assert [(driver, str(amount)) for driver, amount in sums] == [
        (driver, amount) for row in table(by_hand) for driver, amount in zip(drivers, row, strict=True)
    ]
    assert applied.count() == 40
    firsts = applied.filter(driver=fleet.cruz, effective_on=FIRST).order_by().values_list("funding__category")
    assert dict(firsts.annotate(sum=Sum("amount"))) == {"PAYMENT": Decimal("80.00"), "EARNINGS": Decimal("150.00")}
