"""What CURB reports against what was credited, and what trips owe the city and the state."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from core.clock import NEW_YORK
from curb import rules
from curb.models import CardTransaction, TripFile
from curb.selectors import card_money
from tests.dtr.fleet import SATURDAY, WEEK, card, cash, close, drive, leased_driver
from tests.factories import UserFactory
from tests.reports import lines

pytestmark = pytest.mark.django_db

ZEROS = dict.fromkeys(("fare", "tips", "extras", "tolls", *rules.TAX_COLUMNS, "ehail"), Decimal("0.00"))


def report(row_id, start, amount, *, state="AP", license_="5000001", cab="9Z90"):
    file, _ = TripFile.objects.get_or_create(sha256="c" * 64, defaults={"file_name": "cards", "row_count": 0})
    moment = datetime.strptime(start, "%Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK)
    CardTransaction.objects.create(
        row_id=row_id, state=state, file=file, raw="<tran/>", received={}, license=license_, cab=cab,
        start_at=moment, amount=Decimal(amount), **ZEROS,
    )  # fmt: skip


@pytest.fixture
def week():
    leased_driver()
    drive(
        card("17.30", START_DATE="03/03/2026 10:00:20"),
        card("20.00", START_DATE="03/03/2026 11:00:00"),
        card("30.00", START_DATE="03/03/2026 12:00:00", DRIVER="9999999"),
        card("40.00", START_DATE="03/03/2026 13:00:00"),
        cash("14.30", START_DATE="03/03/2026 14:00:00"),
    )
    close()
    report("1", "2026-03-03 10:00", "17.30")
    report("2", "2026-03-03 11:00", "21.00")
    report("3", "2026-03-03 12:00", "30.00", license_="9999999")
    report("4", "2026-03-03 15:00", "9.00")
    report("5", "2026-03-03 16:00", "99.00", state="DC")


class TestCardMoney:
    def test_card_money_is_summed_by_week(self, week):
        (row,) = card_money.list_card_weeks()
        assert (row.week_end, str(row.reported), str(row.logged), str(row.credited), str(row.difference)) == (
            SATURDAY, "77.30", "107.30", "77.30", "0.00",
        )  # fmt: skip

    def test_the_trips_that_differ_in_card_money_and_why(self, week):
        assert [
            (
                row.start_at.astimezone(NEW_YORK).hour,
                str(row.reported),
                str(row.logged),
                str(row.credited),
                row.why,
            )
            for row in card_money.list_card_differences(WEEK)
        ] == [
            (11, "21.00", "20.00", "20.00", "The transaction and the trip differ"),
            (12, "30.00", "30.00", "0", "The trip waits for its driver, cab or lease"),
            (13, "None", "40.00", "40.00", "Not among the approved transactions"),
            (15, "9.00", "None", "0", "Not in the trip log"),
        ]

    def test_the_page_of_card_money(self, client, week):
        client.force_login(UserFactory.create(groups=["Auditor"]))
        page = client.get(reverse("admin:curb_card_money"), {"week": "2026-03-07"}).content.decode()
        assert "Not in the trip log" in page
        assert "77.30" in page
        client.force_login(UserFactory.create(groups=["Cashier"]))
        assert client.get(reverse("admin:curb_card_money")).status_code == 403


class TestTaxes:
    def test_by_medallion_kind_and_month_of_the_trip(self):
        drive(
            card(),
            cash(START_DATE="04/01/2026 00:00:00", CABNUMBER="8A11"),
            card("17.30", START_DATE="03/31/2026 23:59:59"),
            card("17.30", T="D"),
        )
        asked: dict[str, Any] = {"today": date(2026, 4, 2), "split": "MONTH"}
        columns = ("told", "cab", "kind", "card_trips", "cash_trips", "amount")
        assert lines("taxes", *columns, quarter="2026 Q1", **asked) == [
            ("March 2026", "9Z90", "Congestion surcharge", "2", "–", "5.00"),
            ("March 2026", "9Z90", "Improvement surcharge (TIF)", "2", "–", "0.60"),
            ("March 2026", "9Z90", "MTA tax", "2", "–", "1.00"),
            ("", "", "", "", "", "6.60"),
        ]
        told = lines("taxes", "told", "cab", "cash_trips", "amount", quarter="2026 Q2", **asked)
        assert told[1] == ("April 2026", "8A11", "1", "0.30")


def test_an_empty_house_says_so(client):
    client.force_login(UserFactory.create(groups=["Auditor"]))

    assert "No card money was received yet." in client.get(reverse("admin:curb_card_money")).content.decode()
    assert "No trip waits." in client.get(reverse("admin:curb_trip_waiting")).content.decode()
