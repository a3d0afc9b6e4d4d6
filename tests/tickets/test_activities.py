"""What a row of a statement is of: known words are tolls or the account holder's; others wait for a person."""

from decimal import Decimal

import pytest

from tests.tickets.files import (
    ACTIVITY_HEAD,
    EZPASS_HEAD,
    NJ_HEAD,
    activity,
    bring_in,
    leased_cab,
    nj_toll,
    owed,
    read,
    read_one,
    text,
    ticket_of,
    toll,
    waits,
)
from tickets.importers import LookAt, NobodysRow, ReceivedTicket
from tickets.importers.activities import Kind, find_activity
from tickets.models import FOR_A_PERSON, Wait


def kind_of(words: str) -> Kind:
    return find_activity((words,), "", ()).kind


class TestWords:
    @pytest.mark.parametrize("words", ["TOLL", "toll", " Tolls ", "TAG TOLL", "Video Toll", "TOLL CHARGE"])
    def test_tolls(self, words):
        assert kind_of(words) is Kind.TOLL

    @pytest.mark.parametrize("words", ["REFUND", "Toll Refund", "TOLL CREDIT", "CREDIT", "TOLL REVERSAL"])
    def test_refunds(self, words):
        assert kind_of(words) is Kind.REFUND

    @pytest.mark.parametrize(
        "words",
        [
            *("PAYMENT", "Prepaid Payment", "PAYMENT - THANK YOU", "CREDIT CARD PAYMENT", "E-ZPass Payment"),
            *("AUTO REPLENISHMENT", "Auto-Replenish", "TOP-UP", "Account Recharge", "ACH PAYMENT"),
            *("STATEMENT FEE", "MAILED STATEMENT FEE", "MONTHLY SERVICE FEE", "SERVICE FEE", "Account Maintenance Fee"),
            *(
                "TAG LEASING FEE",
                "TAG LEASE FEE",
                "LEASE TAG FEE",
                "TAG FEE",
                "Transponder Deposit",
                "Monthly tag rental",
            ),
        ],
    )
    def test_the_account_holders(self, words):
        assert kind_of(words) is Kind.NOBODYS

    @pytest.mark.parametrize(
        "words",
        [
            *("ADJUSTMENT", "TOLL ADJUSTMENT", "VIOLATION FEE", "TOLL VIOLATION", "ADMINISTRATIVE FEE", "LATE FEE"),
            *("PAYMENT REVERSAL", "LOST TAG FEE", "PARKING", "TOLL FEE", "BALANCE TRANSFER", "???"),
        ],
    )
    def test_what_is_not_known_is_not_guessed(self, words):
        assert kind_of(words) is (Kind.SILENT if words == "???" else Kind.UNKNOWN)

    def test_words_that_contradict_each_other_are_not_known(self):
        told = find_activity(("TOLL", "Payment"), "31", ())
        assert (told.kind, told.words) == (Kind.UNKNOWN, "TOLL; Payment")

    @pytest.mark.parametrize("classed", ["", "31", "2L", "05", "A", "1"])
    def test_a_vehicles_class_says_nothing(self, classed):
        assert find_activity(("",), classed, ("MTAB&T", "", "RKB")).kind is Kind.SILENT

    @pytest.mark.parametrize(
        ("place", "kind"),
        [
            ("COFFEE ST", Kind.SILENT),
            ("FINEGAN", Kind.SILENT),
            ("VIOLATION FEE", Kind.UNKNOWN),
            ("Adjustment", Kind.UNKNOWN),
            ("PAYMENT", Kind.NOBODYS),
            ("REFUND", Kind.REFUND),
        ],
    )
    def test_a_place_is_one_unless_it_is_a_fee(self, place, kind):
        assert find_activity(("",), "31", ("MTAB&T", "", place)).kind is kind


class TestRows:
    def test_what_a_person_answers_is_a_reason_to_wait(self):
        # No row of a file is one that was put back.
        assert {Wait(look_at) for look_at in LookAt} == set(FOR_A_PERSON) - {Wait.RESTORED}

    def test_the_account_holders_rows_need_no_tag_no_time_and_no_number(self):
        row = read_one(text(EZPASS_HEAD, [",,,,,STATEMENT FEE,,,"]))
        assert (type(row), row.message) == (NobodysRow, "Statement fee: not a driver's.")

    @pytest.mark.parametrize(("amount", "due"), [("$-4.44", "4.44"), ("$4.44", "-4.44")])
    def test_a_kind_that_is_not_known_waits_with_its_words(self, amount, due):
        row = read_one(text(EZPASS_HEAD, [toll(1, amount=amount).replace(",31,", ",Violation  fee,")]))
        assert (row.look_at, row.violation, str(row.amount)) == ("KIND", "Violation fee", due)

    def test_and_without_a_tag_too(self):
        row = read_one(text(EZPASS_HEAD, [toll(1, "").replace(",31,", ",ADJUSTMENT,")]))
        assert (row.look_at, row.tag, row.plate) == ("KIND", "", "")

    def test_but_a_toll_needs_its_tag(self):
        assert read_one(text(EZPASS_HEAD, [toll(1, "")])).column == "Tag/Plate #"

    @pytest.mark.parametrize(
        ("words", "amount", "due", "look_at"),
        [
            ("TOLL", "($7.89)", "7.89", ""),
            ("TOLL", "$7.89", "7.89", "SIGN"),
            ("TOLL", "$0.00", "0.00", ""),
            ("TOLL REFUND", "$7.89", "-7.89", ""),
            ("TOLL REFUND", "-$7.89", "7.89", "SIGN"),
            ("ADJUSTMENT", "$7.89", "-7.89", "KIND"),
            ("", "$7.89", "7.89", "SIGN"),
        ],
    )
    def test_a_sign_against_its_words_waits(self, words, amount, due, look_at):
        row = read_one(text(ACTIVITY_HEAD, [activity(words, amount=amount)]))
        assert (str(row.amount), row.look_at) == (due, look_at)

    def test_a_statement_without_signs_is_not_turned_round(self):
        rows = read(text(ACTIVITY_HEAD, [activity(at=f"09:05:{second:02d}", amount="$7.89") for second in range(3)]))
        assert {(str(row.amount), row.look_at) for row in rows} == {("7.89", "SIGN")}

    def test_the_words_are_a_part_of_what_a_row_without_a_number_is(self):
        fee, paid = read(text(ACTIVITY_HEAD, [activity("VIOLATION FEE"), activity("TOLL")]))
        assert fee.number != paid.number
        assert paid.number == read_one(text(NJ_HEAD, [activity_as_nj()])).number

    @pytest.mark.parametrize(
        ("at", "look_at", "place"),
        [
            ("11/16/2026 09:05:00", "", "PANYNJ GWB"),
            (
                "11/15/2026 09:05:00",
                "CONTRADICTS",
                "EXIT TIME bears 11/15/2026, TRANSACTION DATE 11/16/2026. PANYNJ GWB",
            ),
        ],
    )
    def test_a_time_that_bears_another_day_waits_with_its_words(self, at, look_at, place):
        row = read_one(text(ACTIVITY_HEAD, [activity(at=at)]))
        assert (row.look_at, row.place) == (look_at, place)
        assert row.moment.at.isoformat() == "2026-11-16T09:05:00-05:00"

    def test_a_time_that_is_only_a_day_is_an_error(self):
        row = read_one(text(ACTIVITY_HEAD, [activity(at="11/16/2026")]))
        assert (row.column, row.message) == ("EXIT TIME", "'11/16/2026' is not a time of day.")


def activity_as_nj() -> str:
    return nj_toll("00470002743", at="09:05:00", amount="($7.89)", lane="4")


@pytest.mark.django_db
class TestImported:
    def test_only_the_toll_is_charged(self):
        lease = leased_cab()
        rows = [
            ",00470001477,,,,STATEMENT FEE,11/16/2026,,$-1.11",
            toll(2, amount="$-4.44").replace(",31,", ",ADJUSTMENT,"),
            toll(3, amount="$-2.22"),
        ]
        file = bring_in(text(EZPASS_HEAD, rows))
        assert (file.nobodys_count, file.charged_count, file.waiting_count) == (1, 1, 1)
        assert owed(lease.primary_driver) == {"EZPASS-3": Decimal("2.22")}
        assert (waits(2), ticket_of(2).violation) == ("KIND", "ADJUSTMENT")

    def test_an_adjustment_that_gives_back_credits_nobody_by_itself(self):
        lease = leased_cab()
        bring_in(text(EZPASS_HEAD, [toll(1)]))
        bring_in(text(EZPASS_HEAD, [toll(2, amount="$9.11").replace(",31,", ",ADJUSTMENT,")]))
        assert waits(2) == "KIND"
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}

    def test_unsigned_tolls_wait_and_take_nothing_back(self):
        lease = leased_cab(tag="00470002743")
        bring_in(text(ACTIVITY_HEAD, [activity()]))
        bring_in(text(ACTIVITY_HEAD, [activity(amount="$7.89")]))
        assert sum(owed(lease.primary_driver).values()) == Decimal("7.89")
        assert [ticket.waits_for for ticket in lease.vehicle.tickets.filter(state="WAITING")] == ["SIGN"]

    def test_nor_do_those_of_a_statement_without_numbers_that_says_nothing_else(self):
        lease = leased_cab(tag="00470002743")
        bring_in(text(ACTIVITY_HEAD, [activity().replace(",TOLL,", ",,")]))
        bring_in(text(ACTIVITY_HEAD, [activity(amount="$7.89").replace(",TOLL,", ",,")]))
        assert sum(owed(lease.primary_driver).values()) == Decimal("7.89")
        assert [ticket.waits_for for ticket in lease.vehicle.tickets.filter(state="WAITING")] == ["SIGN"]


def test_a_toll_is_still_a_ticket():
    assert isinstance(read_one(text(EZPASS_HEAD, [toll(1)])), ReceivedTicket)
