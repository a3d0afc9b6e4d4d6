"""Amounts that nobody knows, taxes that are not named, and sums that do not add up: told until somebody rules."""

import io
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from core.audits import examine, list_audits
from core.errors import DomainError, ReasonRequired
from curb import selectors
from curb import services as curb
from curb.models import AmountRemark, AttributeRuling, Trip
from curb.rules import Place
from curb.selectors.card_money import list_card_weeks
from dtr.models import Check
from dtr.selectors.readiness import State, read_readiness
from tests.books import assert_books_clean
from tests.curb import trip, trip_file
from tests.curb.counting import counts_of, receive_transaction
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, SUNDAY, WEEK, close, drive, leased_driver
from tests.factories import UserFactory
from tests.guards import copy_of, refusal_of, refusals_of_changes
from tests.locks import list_sql
from tests.refusals import refused

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 3)


def funded(**attributes: str) -> dict[str, str]:
    """A trip of 29.80 whose known parts come to 28.75, 4.75 of them taxes; the fund of 1.05 nobody knows."""
    parts = {
        "TRIP": "20.00", "TIPS": "4.00", "EXTRAS": "0.00", "TAX": "0.50", "IMPTAX": "1.00", "CONGFEE": "2.50",
        "cbdt": "0.75", "newFund": "1.05", "TOTAL_AMOUNT": "29.80",
    }  # fmt: skip
    return trip(**{**parts, **attributes})


def rule(place: Place, key: str = "NEWFUND", from_on: date = DAY) -> curb.RulingPreview:
    return curb.rule_attribute(key=key, place=place, from_on=from_on, reason="CURB's letter", actor=None)


def told() -> list[str]:
    """What the audit of amounts finds."""
    audits = [audit for audit in list_audits() if audit.name == "curb.sums"]
    return [sentence for found in examine(audits) for sentence in found.findings]


def figures(one: Trip) -> tuple[str, str, str]:
    """Total, taxes and what is passed through, as the record is read now."""
    now = Trip.objects.current().get(period=one.period, record_id=one.record_id)
    taxes = now.mta_tax + now.improvement + now.congestion + now.airport + now.cbd
    return str(now.total), str(taxes), str(now.passed_through)


@pytest.fixture
def adams():
    return leased_driver("5000001", "9Z90")


class TestTold:
    def test_an_unknown_amount_is_imported_and_told(self, tmp_path, adams):
        path, out = tmp_path / "11.xml", io.StringIO()
        path.write_bytes(trip_file([funded(ID="990001")]))
        call_command("import_curb", "--file", str(path), stdout=out)
        assert "Trip 202603-990001: parts 28.75, total 29.80 (attribute newFund is not known)." in out.getvalue()
        (one,) = Trip.objects.all()
        assert (figures(one), one.file.remarked_count) == (("29.80", "4.75", "0.00"), 1)
        assert told() == ["newFund is not known: $1.05 in 1 trip (Mar 3, 2026)."]
        check = next(state for state in read_readiness(week=WEEK, today=SUNDAY).checks if state.check == Check.AMOUNTS)
        assert (check.state, [one.sentence for one in check.findings]) == (State.WARNS, told())
        close()
        assert counts_of(one) == [(1, SATURDAY, adams.primary_driver_id, "29.80", "4.75")]

    @pytest.mark.parametrize(
        ("attributes", "sentences"),
        [
            ({"newFund": "0.00", "TOTAL_AMOUNT": "28.75"}, []),
            ({"newFund": "", "TOTAL_AMOUNT": "28.75"}, []),
            ({"newFund": "Broadway", "TOTAL_AMOUNT": "28.75"}, []),
            ({"newFund": "40.7580", "TOTAL_AMOUNT": "28.75"}, []),
            ({"TOTAL_AMOUNT": "28.75"}, ["newFund is not known: $1.05 in 1 trip (Mar 3, 2026)."]),
            (
                {"newFund": "", "TOTAL_AMOUNT": "29.80"},
                ["trips.xml: the parts of 1 record are not the total ($1.05 in all)."],
            ),
            (
                {"TOTAL_AMOUNT": "30.00"},
                [
                    "newFund is not known: $1.05 in 1 trip (Mar 3, 2026).",
                    "trips.xml: the parts of 1 record are not the total ($1.25 in all).",
                ],
            ),
        ],
    )
    def test_what_is_told(self, attributes, sentences):
        drive(funded(**attributes))
        assert told() == sentences

    def test_a_tax_that_is_not_named_is_told_until_it_may_be_left_out(self):
        record = funded(newFund="", TOTAL_AMOUNT="28.75")
        del record["airportFee"]
        drive(record)
        assert told() == ["airportFee is a tax that 1 trip (Mar 3, 2026) do not name."]
        with pytest.raises(curb.PlaceInvalid):
            rule(Place.CBD, "AIRPORTFEE")
        rule(Place.MAY_BE_MISSING, "AIRPORTFEE")
        drive({**record, "ID": "2"})
        assert told() == []

    def test_a_refund_tells_of_an_amount_below_zero(self):
        below = {
            name: f"-{value}" for name, value in funded().items() if value.replace(".", "").isdigit() and "." in value
        }
        drive(trip(**below))
        assert told() == ["newFund is not known: -$1.05 in 1 trip (Mar 3, 2026)."]

    def test_a_card_transaction_tells_of_its_elements_too(self):
        (one,) = drive(funded(newFund="", TOTAL_AMOUNT="28.75"))
        receive_transaction(one, "AP", AMOUNT="29.80", TRIPFARE="28.75", newFund="1.05")
        assert told() == ["newFund is not known: $0.00 in 1 card transaction (Mar 3, 2026)."]
        receive_transaction(one, "AP", row_id="B", AMOUNT="20.00", TRIPFARE="28.75")
        assert told()[1:] == ["cards: the parts of 1 record are not the total (-$8.75 in all)."]

    def test_sums_that_somebody_has_looked_at_are_told_no_more(self):
        (one,) = drive(funded(newFund=""))
        with refused(ReasonRequired):
            curb.look_at_sums(file_id=one.file_id, reason=" ", actor=None)
        clerk = UserFactory.create()
        assert curb.look_at_sums(file_id=one.file_id, reason="CURB rounds", actor=clerk) == 1
        assert (told(), AmountRemark.objects.get().seen_by) == ([], clerk)
        with refused(curb.AlreadySeen):
            curb.look_at_sums(file_id=one.file_id, reason="CURB rounds", actor=clerk)
        with refused(curb.TripFileNotFound):
            curb.look_at_sums(file_id=0, reason="CURB rounds", actor=clerk)

    def test_an_amended_record_is_told_of_as_it_stands(self):
        drive(funded(ID="7"))
        drive(funded(ID="7", newFund="0.00", TOTAL_AMOUNT="28.75"))
        assert told() == []


class TestRuleAttribute:
    @pytest.mark.parametrize(
        ("place", "credited", "taxes", "passed"),
        [
            (Place.FARE, "29.80", "4.75", "0.00"),
            (Place.NOT_MONEY, "29.80", "4.75", "0.00"),
            (Place.CBD, "29.80", "5.80", "0.00"),
            (Place.PASSED_THROUGH, "28.75", "4.75", "1.05"),
        ],
    )
    def test_a_ruling_reads_trips_that_are_there_and_those_to_come(self, adams, place, credited, taxes, passed):
        (before,) = drive(funded(ID="71"))
        rule(place)
        (after,) = drive(funded(ID="72"))
        assert (figures(before), figures(after), told()) == ((credited, taxes, passed),) * 2 + ([],)
        before.refresh_from_db()
        assert (str(before.total), before.received["newFund"]) == ("29.80", "1.05")
        close()
        live = [row for one in Trip.objects.current() for row in counts_of(one)]
        assert live == [(1, SATURDAY, adams.primary_driver_id, credited, taxes)] * 2
        assert_books_clean()

    @pytest.mark.parametrize(
        ("place", "credited", "taxes"), [(Place.CBD, "29.80", "5.80"), (Place.PASSED_THROUGH, "28.75", "4.75")]
    )
    def test_a_counted_trip_is_counted_back_and_anew_by_the_next_close(self, adams, place, credited, taxes):
        (one,) = drive(funded())
        close()
        done = rule(place)
        assert (done.records, done.read_anew, done.counted) == (1, 1, 1)
        assert (done.credited, done.taxes) == (Decimal(credited) - Decimal("29.80"), Decimal(taxes) - Decimal("4.75"))
        close(NEXT_WEEK)
        driver = adams.primary_driver_id
        assert counts_of(one) == [
            (1, SATURDAY, driver, "29.80", "4.75"),
            (-1, NEXT_WEEK.end, driver, "-29.80", "-4.75"),
        ]
        anew = Trip.objects.current().get()
        assert counts_of(anew) == [(1, NEXT_WEEK.end, driver, credited, taxes)]
        assert (anew.supersedes, anew.driver_id, anew.lease_id) == (one, driver, adams.pk)
        assert_books_clean()

    def test_a_ruling_that_changes_no_money_reads_nothing_anew(self):
        drive(funded())
        done = rule(Place.FARE)
        assert (done.records, done.read_anew, Trip.objects.count()) == (1, 0, 1)

    def test_a_later_ruling_holds_from_its_day_and_takes_back_what_the_first_did(self):
        (early,) = drive(funded(ID="71", START_DATE="03/02/2026 10:00:00"))
        (late,) = drive(funded(ID="72"))
        rule(Place.PASSED_THROUGH, from_on=date(2026, 3, 1))
        rule(Place.CBD)
        assert (figures(early), figures(late)) == (("28.75", "4.75", "1.05"), ("29.80", "5.80", "0.00"))
        assert_books_clean()

    def test_what_people_said_of_a_trip_goes_on_standing(self, adams):
        baker = leased_driver("5000002", "9Z91")
        (one,) = drive(funded())
        receive_transaction(one, "DC", AMOUNT="29.80")
        curb.decide_payment(trip_id=one.pk, counts_as="CASH", reason="Paid in cash", actor=None)
        curb.move_trip(
            trip_id=one.pk, driver_id=baker.primary_driver_id, vehicle_id=baker.vehicle_id, reason="Baker", actor=None
        )
        rule(Place.PASSED_THROUGH)
        anew = Trip.objects.current().get()
        assert (anew.driver, anew.lease, anew.counts_as) == (baker.primary_driver, baker, "CASH")
        assert anew.paired_with is not None

    def test_card_money_tells_what_was_passed_through(self, adams):
        (one,) = drive(funded())
        receive_transaction(one, "AP", AMOUNT="29.80")
        rule(Place.PASSED_THROUGH)
        close()
        (week,) = list_card_weeks()
        assert (str(week.reported), str(week.logged), str(week.credited), str(week.passed_through)) == (
            "29.80", "29.80", "28.75", "1.05",
        )  # fmt: skip
        assert week.difference == 0
        assert selectors.card_money.list_card_differences(WEEK) == []

    def test_refuses_by_name_and_writes_nothing(self):
        drive(funded())
        ask = partial(curb.rule_attribute, key="NEWFUND", place="FARE", from_on=DAY, reason="CURB's letter", actor=None)
        wrong: tuple[tuple[dict[str, Any], type[DomainError], str | None], ...] = (
            ({"reason": ""}, ReasonRequired, None),
            ({"key": "TRIP"}, curb.AttributeNotFound, "key"),
            ({"key": ""}, curb.AttributeNotFound, "key"),
            ({"place": "HEALTH"}, curb.PlaceInvalid, "place"),
            ({"place": "MAY_BE_MISSING"}, curb.PlaceInvalid, "place"),
        )
        for changed, error, field in wrong:
            with refused(error, field=field):
                ask(**changed)
        assert AttributeRuling.objects.count() == 0
        ask()
        with refused(curb.AlreadyRuled, field="place"):
            ask()
        assert AttributeRuling.objects.count() == 1

    def test_locks_the_trips_in_their_order_before_it_writes(self):
        drive(funded())
        statements = list_sql(lambda: rule(Place.CBD))
        lock = next(place for place, sql in enumerate(statements) if "ORDER BY t.id FOR UPDATE" in sql)
        write = next(place for place, sql in enumerate(statements) if sql.lstrip().startswith("UPDATE curb_trips"))
        assert lock < write

    def test_many_trips_take_as_many_statements_as_one(self):
        drive(funded(ID="71"))
        few = len(list_sql(lambda: rule(Place.CBD)))
        drive(*(funded(ID=f"8{number}") for number in range(30)))
        assert len(list_sql(lambda: rule(Place.PASSED_THROUGH))) == few


class TestGuards:
    def test_rulings_and_remarks_stay(self):
        drive(funded())
        rule(Place.CBD)
        assert refusals_of_changes("curb_attributes", "reason") == {"curb_attributes_append_only"}
        assert refusal_of("DELETE FROM curb_amount_remarks") == "curb_amount_remarks_append_only"
        assert refusal_of("UPDATE curb_amount_remarks SET amount = 2") == "curb_amount_remarks_append_only"

    @pytest.mark.parametrize(
        ("changes", "rule_"),
        [
            ({"what": "'SUM'"}, "curb_amount_remarks_of_a_kind"),
            ({"what": "'MISSING'"}, "curb_amount_remarks_of_a_kind"),
            ({"trip_id": "NULL"}, "curb_amount_remarks_of_one_record"),
            ({"seen_at": "now()"}, "curb_amount_remarks_seen_with_a_reason"),
        ],
    )
    def test_a_remark_is_of_a_kind(self, changes, rule_):
        drive(funded())
        assert refusal_of(copy_of("curb_amount_remarks", **changes)) == rule_

    def test_the_audit_finds_a_trip_that_is_read_otherwise_than_ruled(self):
        (one,) = drive(funded())
        AttributeRuling.objects.create(key="NEWFUND", name="newFund", place="CBD", from_on=DAY, reason="Past us")
        audits = [audit for audit in list_audits() if audit.name == "curb.rulings"]
        assert [found.findings for found in examine(audits)] == [
            [f"Trip {one} reads newFund otherwise than it was ruled."]
        ]


class TestPages:
    def test_a_supervisor_rules_after_a_preview(self, client, adams):
        (one,) = drive(funded())
        close()
        supervisor = UserFactory.create(groups=["Supervisor"], is_staff=True)
        client.force_login(supervisor)
        listed = client.get(reverse("admin:curb_open_amounts")).content.decode()
        page = reverse("admin:curb_rule_attribute", args=["NEWFUND"])
        assert page in listed
        assert (
            "parts 28.75, total 29.80" in client.get(reverse("admin:curb_trip_change", args=[one.pk])).content.decode()
        )
        form = {"place": "PASSED_THROUGH", "from_on": "2026-03-03", "reason": "CURB's letter"}
        shown = client.post(page, form)
        assert "counted: the next close counts back" in " ".join(shown.content.decode().split())
        assert AttributeRuling.objects.count() == 0
        client.post(page, {**form, "_confirm": "1", "_seen": shown.context["seen"]})
        assert AttributeRuling.objects.get().ruled_by == supervisor
        assert figures(one) == ("28.75", "4.75", "1.05")
        assert client.get(reverse("admin:curb_rule_attribute", args=["NOBODY"])).status_code == 404

    def test_the_office_looks_at_sums_and_rules_nothing(self, client):
        (one,) = drive(funded(newFund=""))
        client.force_login(UserFactory.create(groups=["Office"], is_staff=True))
        page = reverse("admin:curb_tripfile_sums", args=[one.file_id])
        assert page in client.get(reverse("admin:curb_tripfile_change", args=[one.file_id])).content.decode()
        client.post(page, {"reason": "CURB rounds", "_confirm": "1"})
        assert told() == []
        assert client.get(reverse("admin:curb_rule_attribute", args=["NEWFUND"])).status_code == 403
