"""Every charge and credit says what it is, in words that a driver knows: each pattern with its example."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.clock import NEW_YORK
from core.weeks import Week, week_of
from curb.rules import TripCounts
from dtr import words as week_words
from golive import words as opening_words
from leases import words as lease_words
from leases.rules import Rate
from ledger import words as ledger_words
from loans import words as loan_words
from repairs import words as repair_words
from tickets import words as ticket_words
from tickets.models import ChargeType, MiscCharge, Ticket

NOVEMBER = Week(date(2026, 11, 15))
OCTOBER = Week(date(2026, 10, 25))
TOLD_ON = date(2026, 11, 21)


def on(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK)


def ticket(kind: str, at: datetime, amount: str = "6.94", until: datetime | None = None, **facts: Any) -> Ticket:
    given = {"number": "1", **facts}
    return Ticket(kind=kind, at=at, at_latest=until or at, amount=Decimal(amount), **given)


def toll(received: dict[str, str], at: datetime | None = None, **facts: Any) -> Ticket:
    return ticket("EZPASS", at or on(11, 20, 14, 35), received=received, **facts)


def violation(words: str, **facts: Any) -> Ticket:
    given = {"plate": "1A10H", "number": "8012345678", **facts}
    return ticket("PVB", on(11, 3, 18, 56), "115.00", violation=words, **given)


class TestRent:
    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            ({}, "Rent Nov 15–21"),
            ({"start_on": date(2026, 11, 18)}, "Rent Nov 18–21, 4 of 7 days"),
            ({"end_on": date(2026, 11, 18)}, "Rent Nov 15–18, 4 of 7 days"),
            ({"start_on": date(2026, 11, 21)}, "Rent Nov 21, 1 of 7 days"),
            ({"start_on": date(2026, 1, 1), "end_on": date(2026, 12, 31)}, "Rent Nov 15–21"),
            (
                {"rates": [Rate(date(2026, 1, 1), Decimal(350)), Rate(date(2026, 11, 18), Decimal(420))]},
                "Rent Nov 15–21, 350.00 a week, from Nov 18 420.00",
            ),
            (
                {"rates": [Rate(date(2026, 1, 1), Decimal(350)), Rate(date(2026, 11, 15), Decimal(420))]},
                "Rent Nov 15–21",
            ),
            (
                {"rates": [Rate(date(2026, 1, 1), Decimal(350)), Rate(date(2026, 11, 22), Decimal(420))]},
                "Rent Nov 15–21",
            ),
            (
                {
                    "start_on": date(2026, 11, 16),
                    "rates": [Rate(date(2026, 1, 1), Decimal(350)), Rate(date(2026, 11, 18), Decimal(1420))],
                },
                "Rent Nov 16–21, 6 of 7 days, 350.00 a week, from Nov 18 1,420.00",
            ),
            ({"told_on": date(2027, 3, 6)}, "Rent Nov 15–21, 2026"),
        ],
    )
    def test_of_a_week(self, facts, said):
        assert lease_words.say_rent(NOVEMBER, **facts) == said

    def test_over_new_year(self):
        assert lease_words.say_rent(week_of(date(2026, 12, 30))) == "Rent Dec 27, 2026–Jan 2, 2027"
        assert lease_words.say_rent(Week(date(2026, 11, 29))) == "Rent Nov 29–Dec 5"

    @pytest.mark.parametrize(
        ("away", "said"),
        [
            ([(date(2026, 10, 26), date(2026, 10, 28))], "Rent Oct 25–31, 4 of 7 days, no cab Oct 26–28"),
            ([(date(2026, 10, 20), date(2026, 10, 27))], "Rent Oct 25–31, 4 of 7 days, no cab Oct 25–27"),
            ([(date(2026, 10, 1), date(2026, 10, 24))], "Rent Oct 25–31"),
            (
                [(date(2026, 10, 30), date(2026, 10, 30)), (date(2026, 10, 26), date(2026, 10, 27))],
                "Rent Oct 25–31, 4 of 7 days, no cab Oct 26–27, Oct 30",
            ),
            (
                [(date(2026, 10, 26), date(2026, 10, 27)), (date(2026, 10, 28), date(2026, 10, 28))],
                "Rent Oct 25–31, 4 of 7 days, no cab Oct 26–28",
            ),
        ],
    )
    def test_with_days_without_a_cab(self, away, said):
        assert lease_words.say_rent(OCTOBER, no_cab=away) == said

    def test_an_early_end_and_what_comes_back(self):
        assert lease_words.say_early_end(date(2026, 11, 18), told_on=TOLD_ON) == "Ending the lease early, on Nov 18"
        assert (
            lease_words.say_no_cab([(date(2026, 10, 19), date(2026, 10, 21))], told_on=date(2026, 10, 24))
            == "No cab Oct 19–21: rent given back"
        )

    @pytest.mark.parametrize(
        ("days", "said"),
        [
            ([date(2026, 10, 19), date(2026, 10, 20), date(2026, 10, 21)], "No cab Oct 19–21: rent given back"),
            ([date(2026, 10, 19)], "No cab Oct 19: rent given back"),
            ([date(2026, 10, 31), date(2026, 11, 1)], "No cab Oct 31–Nov 1: rent given back"),
            (
                [date(2026, 10, 19), date(2026, 10, 21), date(2026, 10, 22)],
                "No cab Oct 19, Oct 21–22: rent given back",
            ),
        ],
    )
    def test_days_without_a_cab_one_by_one(self, days, said):
        assert lease_words.say_no_cab([(day, day) for day in days], told_on=date(2026, 10, 24)) == said


class TestTolls:
    @pytest.mark.parametrize(
        ("received", "facts", "said"),
        [
            ({"Agency": "MTAB&T", "Exit Plaza": "RKB"}, {}, "E-ZPass Nov 20 2:35 PM, RFK Bridge, cab 1A10"),
            ({"AGENCY": "PANYNJ", "EXIT PLAZA": "Outerbridge"}, {}, "E-ZPass Nov 20 2:35 PM, Outerbridge, cab 1A10"),
            ({"Agency": "PANYNJ"}, {}, "E-ZPass Nov 20 2:35 PM, PANYNJ, cab 1A10"),
            (
                {"Agency": "NJTP", "Entry Plaza": "11", "Exit Plaza": "16E"},
                {},
                "E-ZPass Nov 20 2:35 PM, NJTP 11 to NJTP 16E, cab 1A10",
            ),
            ({}, {"tag": "02200000417"}, "E-ZPass Nov 20 2:35 PM, tag ending 0417, cab 1A10"),
            ({}, {"plate": "1A10H"}, "E-ZPass Nov 20 2:35 PM, plate 1A10H, cab 1A10"),
        ],
    )
    def test_by_what_the_statement_tells(self, received, facts, said):
        assert ticket_words.say_ticket(toll(received, **facts), medallion="1A10", told_on=TOLD_ON) == said

    @pytest.mark.parametrize("received", [{"Agency": "CBDTP"}, {"Agency": "MTAB&T", "Exit Plaza": "CRZ 60ST"}])
    def test_of_the_congestion_zone(self, received):
        charge = toll(received, on(11, 20, 8, 2))
        assert (
            ticket_words.say_ticket(charge, medallion="1A10", told_on=TOLD_ON)
            == "Congestion zone charge Nov 20 8:02 AM, cab 1A10"
        )

    def test_of_a_day_alone_and_without_a_cab(self):
        charge = toll({"Agency": "PANYNJ"}, on(11, 20), until=on(11, 20, 23, 59))
        assert ticket_words.say_ticket(charge, told_on=TOLD_ON) == "E-ZPass Nov 20, PANYNJ"

    @pytest.mark.parametrize(
        ("violation", "said"),
        [
            ("ADJUSTMENT", "E-ZPass adjustment Nov 20 2:35 PM, RFK Bridge, cab 1A10"),
            ("Violation fee", "E-ZPass violation fee Nov 20 2:35 PM, RFK Bridge, cab 1A10"),
        ],
    )
    def test_of_another_kind_in_the_statements_own_words(self, violation, said):
        charge = toll({"Agency": "MTAB&T", "Exit Plaza": "RKB"}, violation=violation)
        assert ticket_words.say_ticket(charge, medallion="1A10", told_on=TOLD_ON) == said
        given = toll({"Agency": "MTAB&T", "Exit Plaza": "RKB"}, violation=violation, amount="-6.94")
        what = said.split(" Nov")[0]
        assert ticket_words.say_ticket(given, told_on=TOLD_ON) == f"{what} of Nov 20 2:35 PM given back, RFK Bridge"

    def test_given_back(self):
        refund = toll({"Agency": "MTAB&T", "Exit Plaza": "RKB"}, amount="-6.94")
        assert ticket_words.say_ticket(refund, told_on=TOLD_ON) == "Toll of Nov 20 2:35 PM given back, RFK Bridge"


class TestViolations:
    @pytest.mark.parametrize(
        ("charge", "said"),
        [
            (
                violation("NO STANDING", place="W 34 ST"),
                "No standing, Nov 3 6:56 PM, W 34 St, plate 1A10H, summons 8012345678",
            ),
            (
                violation("NO STANDING", place="1 W 34TH ST, NY"),
                "No standing, Nov 3 6:56 PM, 1 W 34th St, Manhattan, plate 1A10H, summons 8012345678",
            ),
            (
                violation("FAILURE TO STOP AT RED LIGHT", number="5091234567"),
                "Red light camera, Nov 3 6:56 PM, plate 1A10H, notice 5091234567",
            ),
            (
                violation("PHTO SCHOOL ZN SPEED VIOLATION", number="4091234567", place="BX"),
                "Speed camera, Nov 3 6:56 PM, Bronx, plate 1A10H, notice 4091234567",
            ),
            (
                violation("5", number="4091234568"),
                "Bus lane camera, Nov 3 6:56 PM, plate 1A10H, notice 4091234568",
            ),
            (
                violation("07", number="4091234569", plate=""),
                "Red light camera, Nov 3 6:56 PM, notice 4091234569",
            ),
            (violation("14", place=""), "Violation code 14, Nov 3 6:56 PM, plate 1A10H, summons 8012345678"),
            (
                violation("NO STANDING", received={"Penalty Amount": "10.00", "Interest Amount": "0.00"}),
                "No standing, Nov 3 6:56 PM, plate 1A10H, summons 8012345678, with penalty 10.00",
            ),
            (
                violation("NO STANDING", received={"PENALTY": "$10", "INTEREST": "2.5"}),
                "No standing, Nov 3 6:56 PM, plate 1A10H, summons 8012345678, with penalty 10.00 and interest 2.50",
            ),
            (
                violation("NO STANDING", received={"INTEREST": "2.5"}),
                "No standing, Nov 3 6:56 PM, plate 1A10H, summons 8012345678, with interest 2.50",
            ),
        ],
    )
    def test_of_the_city(self, charge, said):
        assert ticket_words.say_ticket(charge, medallion="1A10", told_on=TOLD_ON) == said

    def test_whatever_the_file_says_it_fits_and_names_the_summons(self):
        charge = violation("x" * 120, place="y" * 120, received={"Penalty Amount": "10.00"})
        said = ticket_words.say_ticket(charge, told_on=TOLD_ON)
        assert len(said) <= 200
        assert said.endswith("plate 1A10H, summons 8012345678, with penalty 10.00")

    def test_of_the_tlc(self):
        summons = ticket("TLC", on(11, 2), "100.00", number="10123456A", violation="Failure to inspect")
        assert ticket_words.say_ticket(summons, told_on=TOLD_ON) == "TLC summons 10123456A, Nov 2, failure to inspect"
        assert (
            ticket_words.say_ticket(summons, told_on=date(2027, 2, 6))
            == "TLC summons 10123456A, Nov 2, 2026, failure to inspect"
        )


class TestMiscellaneous:
    @pytest.mark.parametrize(
        ("note", "said"), [("cab 1A10", "Lost key, cab 1A10"), ("", "Lost key"), ("a" * 500, None)]
    )
    def test_by_its_type_and_note(self, note, said):
        charge = MiscCharge(charge_type=ChargeType(name="Lost key"), note=note)
        words = ticket_words.say_charge(charge, told_on=TOLD_ON)
        assert words == said if said else len(words) <= 200

    @pytest.mark.parametrize(
        ("of", "said"),
        [
            (toll({"Agency": "PANYNJ"}), "Handling fee for E-ZPass Nov 20 2:35 PM"),
            (violation("NO STANDING"), "Handling fee for no standing, Nov 3 6:56 PM"),
            (ticket("TLC", on(11, 2), number="10123456A"), "Handling fee for TLC summons 10123456A"),
        ],
    )
    def test_a_fee_names_its_ticket(self, of, said):
        fee = MiscCharge(charge_type=ChargeType(name="Handling fee"), ticket=of)
        assert ticket_words.say_charge(fee, told_on=TOLD_ON) == said


class TestPlans:
    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            (
                {"first_line": "Brakes", "workshop_number": "4711", "number": 2, "of": 5},
                "Brakes, Queens Auto invoice 4711, part 2 of 5",
            ),
            (
                {"first_line": "Side mirror", "workshop_number": "4712", "number": 1, "of": 1},
                "Side mirror, Queens Auto invoice 4712",
            ),
        ],
    )
    def test_of_a_repair(self, facts, said):
        assert repair_words.say_installment(workshop="Queens Auto", **facts) == said

    def test_of_a_repair_with_a_long_first_line(self):
        said = repair_words.say_installment(
            first_line="brakes " * 28, workshop="W" * 80, workshop_number="9" * 40, number=12, of=40
        )
        assert len(said) <= 200
        assert said.endswith(f"{'W' * 80} invoice {'9' * 40}, part 12 of 40")

    @pytest.mark.parametrize(
        ("interest", "told_on", "said"),
        [
            ("1.82", date(2026, 10, 17), "Loan of Oct 5, part 2 of 5: 250.00 and interest 1.82"),
            ("0.00", date(2026, 10, 17), "Loan of Oct 5, part 2 of 5: 250.00"),
            ("1.82", date(2027, 1, 9), "Loan of Oct 5, 2026, part 2 of 5: 250.00 and interest 1.82"),
        ],
    )
    def test_of_a_loan(self, interest, told_on, said):
        assert (
            loan_words.say_installment(
                disbursed_on=date(2026, 10, 5),
                number=2,
                of=5,
                principal=Decimal(250),
                interest=Decimal(interest),
                told_on=told_on,
            )
            == said
        )

    def test_of_a_payoff_and_of_interest_given_back(self):
        told_on = date(2026, 10, 21)
        assert (
            loan_words.say_payoff(
                disbursed_on=date(2026, 10, 5),
                as_of=told_on,
                principal=Decimal(950),
                interest=Decimal("1.04"),
                told_on=told_on,
            )
            == "Loan of Oct 5, paid off on Oct 21: 950.00 and interest 1.04"
        )
        assert (
            loan_words.say_interest_back(disbursed_on=date(2026, 10, 5), told_on=told_on)
            == "Interest given back, loan of Oct 5"
        )


class TestTrips:
    @pytest.mark.parametrize(
        ("counts", "said"),
        [
            (TripCounts(47), "Card trips Nov 15–21, 47 trips"),
            (TripCounts(47, counted_back=1), "Card trips Nov 15–21, 47 trips, 1 counted back"),
            (TripCounts(1, 1), "Card trips Nov 15–21, 1 trip, 1 of earlier weeks"),
            (TripCounts(47, 2, 1), "Card trips Nov 15–21, 47 trips, 2 of earlier weeks, 1 counted back"),
        ],
    )
    def test_card_trips(self, counts, said):
        assert week_words.say_card_trips(NOVEMBER, counts) == said

    @pytest.mark.parametrize(
        ("counts", "said"),
        [
            (TripCounts(58, 2), "Trip taxes Nov 15–21, 58 trips, 2 of earlier weeks"),
            (TripCounts(58), "Trip taxes Nov 15–21, 58 trips"),
        ],
    )
    def test_trip_taxes(self, counts, said):
        assert week_words.say_trip_taxes(NOVEMBER, counts) == said

    def test_below_zero(self):
        week = Week(date(2026, 10, 18))
        assert week_words.say_cards_below_zero(week) == "Card trips taken back Oct 18–24: more than you earned"
        assert week_words.say_taxes_below_zero(week) == "Trip taxes given back Oct 18–24"


class TestCounter:
    @pytest.mark.parametrize(
        ("method", "instrument", "said"),
        [
            ("CHECK", "555", "Your check 555 of Oct 7, receipt 000002"),
            ("CASH", "", "Your cash of Oct 7, receipt 000002"),
            ("ACH", "TRN 12", "Your bank payment of Oct 7, receipt 000002"),
        ],
    )
    def test_payments(self, method, instrument, said):
        facts = {"instrument": instrument, "received_on": date(2026, 10, 7), "number": 2}
        assert ledger_words.say_payment(method=method, **facts) == said

    def test_deposits(self):
        assert (
            ledger_words.say_deposit(method="ACH", instrument="", received_on=date(2026, 10, 26), number=5)
            == "Lease deposit, bank payment of Oct 26, receipt 000005"
        )

    @pytest.mark.parametrize(
        ("method", "instrument", "said"),
        [
            ("CHECK", "555", "Check 555 of Oct 7 came back: 100.00 of it had been paid out to you"),
            ("ACH", "TRN 12", "Bank payment of Oct 7 came back: 100.00 of it had been paid out to you"),
        ],
    )
    def test_what_came_back(self, method, instrument, said):
        days: dict[str, Any] = {"received_on": date(2026, 10, 7), "told_on": date(2026, 10, 14)}
        words = ledger_words.say_returned(method=method, instrument=instrument, paid_out=Decimal(100), **days)
        assert words == said

    def test_what_is_won_back(self):
        words = "Credit of Oct 13 for repairs"
        assert ledger_words.say_win_back(words) == "Paid to you by mistake: credit of Oct 13 for repairs"

    def test_memos(self):
        assert ledger_words.say_memo("REPAIR", "Charged twice") == "Credit for repairs: charged twice"
        assert len(ledger_words.say_memo("REPAIR", "because " * 60)) <= 200


class TestFromBefore:
    def test_debts_and_credits(self):
        cut: dict[str, Any] = {"cut_on": date(2026, 10, 4)}
        due: dict[str, Any] = {"category": "LEASE", "due_on": date(2026, 10, 3)}
        assert opening_words.say_debt(**cut, **due) == "From before Oct 4: rent, due Oct 3"
        assert opening_words.say_debt(**cut, **due, words="half of September") == "From before Oct 4: half of September"
        assert opening_words.say_credit(**cut, category="EZPASS") == "From before Oct 4: tolls"
        assert len(opening_words.say_credit(**cut, category="EZPASS", words="x" * 200)) == 200
