"""Reports about trips and the pay week, with figures from a calculator."""

from datetime import date
from decimal import Decimal

import pytest

from core.admin.report_forms import ReportForm
from core.reports import find_report
from dtr import services as dtr
from dtr.models import Dtr
from ledger import services as ledger
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, WEEK, card, cash, close, drive, get_dtr, leased_driver, make_ready
from tests.reports import lines, read

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 31)
WEEKS = {"from_week": "2026-03-01", "to_week": "2026-03-14"}


class TestTrips:
    def test_earnings_and_taxes(self):
        """By card 17.30 + 27.30 (tips 3.00 each, 1.00 extras, 3.30 taxes), cash 14.30; a trip of Mar 9 not counted."""
        leased_driver("5000001", "9Z90")
        drive(card(), card("27.30", START_DATE="03/04/2026 10:00:00", END_DATE="03/04/2026 10:20:00"), cash())
        close()
        drive(card(START_DATE="03/09/2026 10:00:00", END_DATE="03/09/2026 10:20:00"))
        columns: tuple[str, ...] = (
            "week_end", "tlc_license", "cab", "trips", "fares", "tips", "tolls", "extras", "taxes", "gross",
            "cash_trips", "cash",
        )  # fmt: skip
        assert lines("earnings", *columns, today=TODAY, **WEEKS) == [
            ("Mar 1–7", "5000001", "9Z90", "2", "30.00", "6.00", "–", "2.00", "6.60", "44.60", "1", "14.30"),
            ("", "", "", "2", "30.00", "6.00", "0.00", "2.00", "6.60", "44.60", "1", "14.30"),
        ]
        columns = ("cab", "told", "kind", "card_trips", "cash_trips", "amount", "charged", "not_charged")
        assert lines("taxes", *columns, today=TODAY, quarter="2026 Q1") == [
            ("9Z90", "", "Congestion surcharge", "3", "1", "10.00", "7.50", "2.50"),
            ("9Z90", "", "Improvement surcharge (TIF)", "3", "1", "1.20", "0.90", "0.30"),
            ("9Z90", "", "MTA tax", "3", "1", "2.00", "1.50", "0.50"),
            ("", "", "", "", "", "13.20", "9.90", "3.30"),
        ]
        split = read("taxes", today=TODAY, quarter="2026 Q1", split="WEEK")
        assert [(row["told"], str(row["amount"])) for row in split.rows if row["kind"] == "mta_tax"] == [
            ("2026-03-07", "1.50"),
            ("2026-03-14", "0.50"),
        ]
        assert read("taxes", today=TODAY, quarter="2025 Q4").count == 0
        close(NEXT_WEEK)
        assert read("taxes", today=TODAY, quarter="2026 Q1").sums["not_charged"] == 0


class TestPayWeek:
    def test_unpaid_dtrs_and_the_year(self):
        """Adams: card 17.30 with tips of 3.00, less taxes of 3.30 and rent of 10.00: 4.00 are due. Baker owes."""
        adams, baker = leased_driver("5000001", "9Z90"), leased_driver("5000002", "9Z91")
        drive(card())
        for lease, amount in ((adams, "10.00"), (baker, "20.00")):
            ledger.create_obligation(
                category="LEASE", amount=Decimal(amount), reference_id=f"LEASE-{lease.pk}-2026W10", lease_id=lease.pk,
                driver_id=lease.primary_driver_id, due_on=SATURDAY, effective_on=SATURDAY,
            )  # fmt: skip
        close()
        columns: tuple[str, ...] = ("dtr", "week_end", "cab", "net_due", "payable")
        (due, total) = lines("unpaid-dtrs", *columns, today=TODAY)
        assert due[1:] == ("Mar 1–7", "9Z90", "4.00", "4.00")
        assert total[3:] == ("4.00", "4.00")
        dtr.pay_dtr(
            dtr_id=Dtr.objects.get(driver=adams.primary_driver_id).pk, method="CASH",
            effective_on=date(2026, 3, 8),
        )  # fmt: skip
        assert read("unpaid-dtrs", today=TODAY).count == 0

        columns = ("tlc_license", "gross", "tips", "taxes", "lease", "misc", "paid_out")
        *drivers, total = lines("year-by-driver", *columns, today=TODAY, year=2026)
        # By name, which here is a number that may have one digit more than the other.
        assert sorted(drivers) == [
            ("5000001", "17.30", "3.00", "3.30", "10.00", "–", "4.00"),
            ("5000002", "–", "–", "–", "20.00", "–", "–"),
        ]
        assert total == ("", "17.30", "3.00", "3.30", "30.00", "0.00", "4.00")
        assert read("year-by-driver", today=TODAY, year=2025).count == 0

    def test_unpaid_dtrs_of_a_past_day(self):
        """96.70 of Mar 1-7, sealed on Monday, Mar 9, paid on Tuesday; the payout is voided on Thursday.

        Card 100.00 less taxes of 3.30. The next DTR, of Mar 16, carries it: 50.00 less 3.30 more, 143.40.
        """
        lease = leased_driver()
        drive(card("100.00"), card("50.00", START_DATE="03/09/2026 10:00:00", END_DATE="03/09/2026 10:20:00"))
        make_ready(WEEK)
        dtr.close_week(week=WEEK, today=date(2026, 3, 9))
        payout = dtr.pay_dtr(dtr_id=get_dtr(lease).pk, method="CASH", effective_on=date(2026, 3, 10))
        ledger.void_payout(
            payout_id=payout.payout_id, reason="It was not fetched", actor=None, effective_on=date(2026, 3, 12)
        )
        make_ready(NEXT_WEEK)
        dtr.close_week(week=NEXT_WEEK, today=date(2026, 3, 16))
        unpaid = {
            8: [],  # not sealed yet
            9: [("Mar 1–7", "96.70")],
            10: [],
            11: [],
            12: [("Mar 1–7", "96.70")],
            15: [("Mar 1–7", "96.70")],
            16: [("Mar 8–14", "143.40")],
        }
        for march, rows in unpaid.items():
            day = f"2026-03-{march:02d}"
            assert lines("unpaid-dtrs", "week_end", "net_due", today=TODAY, as_of=day)[:-1] == rows, march
        assert lines("unpaid-dtrs", "week_end", "net_due", today=TODAY)[:-1] == unpaid[16]
        dtr.pay_dtr(dtr_id=get_dtr(lease, week=NEXT_WEEK).pk, method="CASH", effective_on=date(2026, 3, 17))
        assert read("unpaid-dtrs", today=TODAY).count == 0
        assert read("unpaid-dtrs", today=TODAY, as_of="2026-03-16").count == 1
        report = find_report("unpaid-dtrs")
        assert report
        assert not ReportForm(report, {"as_of": "2026-04-01"}, today=TODAY).is_valid()
