"""The figures of Home and of readiness lead to rows that add up to them."""

import re
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from core.weeks import week_of
from curb.selectors import find_arrivals
from dtr.models import Overrule
from ledger import services as ledger
from ledger.models import LedgerBalance
from tests.config.test_home import MOST_QUERIES, words_of
from tests.dtr.fleet import SATURDAY, WEEK, card, cash, close, drive, get_dtr, leased_driver
from tests.factories import DriverFactory, UserFactory
from tests.ledger.proofs import charge, pay, pay_out
from tests.tickets.files import PVB_HEAD as PVB
from tests.tickets.files import bring_in, bring_in_tolls, leased_cab, toll, violation
from tests.tickets.files import text as text_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

_LINK = re.compile(r'<a [^>]*href="([^"]*)"[^>]*>([^<]*)</a>')


@pytest.fixture
def signed_in(client):
    def sign_in(role):
        is_all = role == "Superuser"
        user = UserFactory.create(is_staff=True, is_superuser=is_all, first_name="Rosa", last_name=role)
        user.groups.set(Group.objects.filter(name=role))
        client.force_login(user)
        return user

    return sign_in


def links_of(answer) -> dict[str, str]:
    """What each link of a page says, and where it leads; of several that say the same, the first."""
    found: dict[str, str] = {}
    for url, words in _LINK.findall(answer.content.decode()):
        found.setdefault(" ".join(words.split()), url.replace("&amp;", "&"))
    return found


def rows_at(client, url) -> list:
    return list(client.get(url).context["cl"].result_list)


class TestWhatCameIn:
    def test_the_data_are_told_to_their_hour_or_day_and_lead_to_its_rows(self, client, signed_in):
        """Two card trips and a later one in cash; tolls of two days, and a slip that is dated tomorrow."""
        leased_driver()
        drive(
            card(START_DATE="03/03/2026 10:00:00", END_DATE="03/03/2026 10:20:00"),
            card("20.30", START_DATE="03/04/2026 23:42:00", END_DATE="03/04/2026 23:59:00"),
            cash(START_DATE="03/05/2026 09:00:00", END_DATE="03/05/2026 09:10:00"),
        )
        leased_cab()
        bring_in_tolls(toll(1, on="11/15/2026"), toll(2, on="11/16/2026"))
        bring_in_tolls(toll(3, on="11/14/2026"))
        signed_in("Office")

        links = links_of(client.get("/admin/"))

        assert [str(trip.total) for trip in rows_at(client, links["Card trips reach Mar 4, 11:42 PM"])] == ["20.30"]
        assert [ticket.number for ticket in rows_at(client, links["Tolls reach Nov 16"])] == ["2"]
        assert not any(words.startswith("Violations reach") for words in links)
        assert links["never imported"].endswith("?kind__exact=pvb")

    def test_a_file_reaches_no_further_than_the_day_it_came(self, client, signed_in):
        """A row of a day that has not come yet is a slip; the file says that it reaches to the row before."""
        leased_cab()
        tomorrow = timezone.localdate() + timedelta(days=1)
        file = bring_in_tolls(toll(1, on="11/15/2026"), toll(2, on=f"{tomorrow:%m/%d/%Y}"))
        assert timezone.localdate(file.reaches_to) == date(2026, 11, 15)
        assert bring_in(text_of(PVB, [violation(5)]), "pvb").reaches_to is not None

    def test_card_trips_that_are_of_the_future_are_no_reach(self):
        leased_driver()
        drive(card(START_DATE="03/03/2026 10:00:00", END_DATE="03/03/2026 10:20:00"))
        (trip,) = drive(card(START_DATE="03/04/2026 10:00:00", END_DATE="03/04/2026 10:20:00"))
        before = trip.start_at - timedelta(seconds=1)
        assert find_arrivals(until=trip.start_at).reaches_to == trip.start_at
        assert timezone.localdate(find_arrivals(until=before).reaches_to) == date(2026, 3, 3)
        assert find_arrivals(until=before - timedelta(days=3)).reaches_to is None


def wait_for(number, reason, days_ago):
    moment = timezone.now() - timedelta(days=days_ago)
    Ticket.objects.create(
        kind="PVB", number=number, at=moment, at_latest=moment, amount=50, state="WAITING", waits_for=reason
    )


@pytest.mark.parametrize("role", ["Office", "Supervisor", "Superuser"])
def test_the_review_queue_is_told_by_reason_with_its_oldest(role, client, signed_in, django_assert_max_num_queries):
    """Two wait for a driver, the older of five days ago, and one for a plate."""
    for number, reason, days_ago in (("1", "DRIVER", 2), ("2", "DRIVER", 5), ("3", "VEHICLE", 1)):
        wait_for(number, reason, days_ago)
    signed_in(role)

    with django_assert_max_num_queries(MOST_QUERIES):
        links = links_of(client.get("/admin/"))

    told = {words: url for words, url in links.items() if ", since " in words}
    reasons = [words.split(", since ")[0] for words in told]
    assert reasons == ["Plate or tag not ours: 1", "Several drivers on the cab: 2"]
    several = next(words for words in told if words.startswith("Several"))
    oldest = timezone.localdate() - timedelta(days=5)
    assert f"since {oldest:%b} {oldest.day}" in several
    shown = client.get(told[several]).context
    assert sorted(ticket.number for ticket, _, _ in shown["rows"]) == ["1", "2"]


@pytest.fixture
def driven_week():
    """The week of March 1, with card trips of three drivers that come to 14.00, 20.00 and 26.00 after taxes.

    They were paid last by check, in cash (after which a check was voided), and never.
    """
    leases = [leased_driver(f"500000{n}", f"9Z9{n}") for n in (1, 2, 3)]
    day = {"START_DATE": "03/03/2026 10:00:00", "END_DATE": "03/03/2026 10:20:00"}
    drive(
        *(
            card(total, DRIVER=lease.primary_driver.tlc_license, CABNUMBER=lease.vehicle.medallion, **day)
            for lease, total in zip(leases, ("17.30", "23.30", "29.30"), strict=True)
        )
    )
    first, second, _ = (lease.primary_driver for lease in leases)
    for driver, method, number in ((first, "CHECK", "7001"), (second, "CASH", ""), (second, "CHECK", "7002")):
        payment = pay(driver, "5.00", effective_on=date(2026, 2, 20))
        payout = pay_out(driver, "5.00", method=method, instrument_number=number, effective_on=date(2026, 2, 21))
    ledger.void_payout(payout_id=payout.pk, reason="Wrong check", actor=None, effective_on=date(2026, 2, 21))
    ledger.void_payment(payment_id=payment.pk, reason="Wrong", actor=None, effective_on=date(2026, 2, 21))
    return leases


def test_unpaid_dtrs_are_told_by_how_their_drivers_were_paid_last(client, signed_in, driven_week):
    close()
    signed_in("Office")
    lines = links_of(client.get("/admin/"))
    assert "DTRs not paid out" in lines

    told = client.get("/admin/home/unpaid/")

    assert "Cash 1 20.00 Check 1 14.00 Never paid yet 1 26.00 Not paid out 3 60.00" in words_of(told)
    links = links_of(told)
    for words in ("20.00", "14.00", "26.00", "60.00"):
        dtrs = rows_at(client, links[words])
        assert sum(one.net_due for one in dtrs) == Decimal(words)
    assert rows_at(client, links["14.00"]) == [get_dtr(driven_week[0])]
    assert "/admin/dtr/dtr/" in client.get("/admin/home/waiting/").json()["counts"]
    # At the counter they are good to know, and nothing in the menu waits.
    signed_in("Cashier")
    at_counter = links_of(client.get("/admin/home/good-to-know/"))
    assert sum(one.net_due for one in rows_at(client, at_counter["60.00"])) == Decimal("60.00")
    assert at_counter["3"] == at_counter["60.00"]
    assert client.get("/admin/home/waiting/").json()["counts"] == {}


def test_each_figure_of_what_was_collected_leads_to_its_rows(client, signed_in, driven_week, monkeypatch):
    """17.30, 23.30 and 29.30 of card fares are 69.90; 12.00 of 15.00 stand at the counter. Together 81.90."""
    driver = DriverFactory.create()
    monday = WEEK.start + timedelta(days=1)
    pay(driver, "12.00", effective_on=monday)
    voided = pay(driver, "3.00", effective_on=monday)
    ledger.void_payment(payment_id=voided.pk, reason="Twice", actor=None, effective_on=monday)
    close()
    monkeypatch.setattr("config.home_collected.timezone", SimpleNamespace(localdate=lambda: SATURDAY))
    signed_in("Supervisor")

    card_of_home = client.get("/admin/home/collected/")

    links = links_of(card_of_home)
    assert {"69.90", "12.00", "81.90"} <= set(links)
    earnings = client.get(links["69.90"]).content.decode()
    assert "69.90" in earnings
    payments = client.get(links["12.00"])
    assert "12.00" in words_of(payments)
    week = client.get(links["81.90"])
    assert "$81.90 came in" in words_of(week)
    assert links_of(week)["69.90"] == links["69.90"]
    assert links_of(week)["12.00"] == links["12.00"]
    assert client.get("/admin/home/collected/2026-03-06/").status_code == 404


def test_what_was_charged_leads_to_charges_and_their_voids(client, signed_in):
    driver, today = DriverFactory.create(), timezone.localdate()
    for reference, amount in (("MISC-1", "40.00"), ("MISC-2", "10.00")):
        charge(driver, reference, amount, effective_on=today, due_on=today)
    wrong = LedgerBalance.objects.get(reference_id="MISC-2")
    ledger.void_posting(posting_id=wrong.pk, reason="Not theirs", actor=UserFactory.create(), effective_on=today)
    signed_in("Supervisor")

    links = links_of(client.get("/admin/home/collected/"))

    rows = rows_at(client, links["40.00"])
    assert sum(row.amount if row.entry_type == "DEBIT" else -row.amount for row in rows) == Decimal("40.00")
    assert sorted(row.kind for row in rows) == ["OBLIGATION", "OBLIGATION", "VOID"]


def test_bars_lead_where_their_figures_do(client, signed_in):
    driver, today = DriverFactory.create(), timezone.localdate()
    charge(driver, "MISC-1", "40.00", effective_on=today, due_on=today - timedelta(days=10))
    pay(driver, "1.00", effective_on=today)
    signed_in("Supervisor")
    for page in ("/admin/", "/admin/home/collected/"):
        shown = client.get(page).content.decode()
        bars = re.findall(r'<a class="bar[^"]*" tabindex="-1" href="([^"]*)" style="height: [1-9]', shown)
        assert bars
        assert all(f'figure-link" href="{url}"' in shown for url in bars)


def test_overruled_checks_lead_to_each_with_its_reason(client, signed_in):
    boss = signed_in("Supervisor")
    week = week_of(timezone.localdate())
    others = {"week_end": week.previous.end, "reason": "Snow"}
    for finding in ("No card trip on Monday.", "No card trip on Tuesday."):
        Overrule.objects.create(check_name="CARD_TRIPS", finding=finding, overruled_by=boss, **others)
    Overrule.objects.create(
        check_name="CARD_TRIPS", finding="Another's.", overruled_by=UserFactory.create(first_name="Other"), **others
    )

    links = links_of(client.get("/admin/home/decided/"))

    found = rows_at(client, links["2"])
    assert [one.finding for one in found] == ["No card trip on Tuesday.", "No card trip on Monday."]
    page = client.get(f"/admin/dtr/overrule/{found[0].pk}/change/")
    assert "Snow" in words_of(page)


def test_readiness_leads_from_what_it_found_to_where_that_is_mended(client, signed_in):
    leased_driver()
    drive(card(START_DATE="03/03/2026 10:00:00", END_DATE="03/03/2026 10:20:00"), card(DRIVER="9999999"), cash())
    signed_in("Supervisor")

    links = links_of(client.get(f"/admin/dtr/weekclose/readiness/?week_end={SATURDAY}"))

    assert links["Trips that wait for somebody"] == "/admin/curb/trip/waiting/"
    by_day = {words: unquote(url) for words, url in links.items() if "payment_type__exact=CARD" in url}
    assert sum(len(rows_at(client, url)) for url in by_day.values()) == sum(map(int, by_day))
