"""A driver's account, line by line."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ledger import selectors
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.factories import DriverFactory
from tests.ledger.hostile import SATURDAY, Week

pytestmark = pytest.mark.django_db


@pytest.fixture
def week() -> Week:
    return Week()


class TestGetStatement:
    def test_tells_a_week(self):
        driver_id = DriverFactory.create().pk
        sunday = SATURDAY - timedelta(days=6)
        for category, amount, day in (("MISC", "12.00", -1), ("EZPASS", "120.00", 2), ("LEASE", "500.00", 6)):
            on = sunday + timedelta(days=day)
            ledger.create_obligation(
                category=category,
                amount=Decimal(amount),
                reference_id=f"{category}-1",
                driver_id=driver_id,
                due_on=on,
                effective_on=on,
            )
        ledger.apply_interim_payment(
            payment_amount=Decimal("100.00"),
            allocations={"EZPASS-1": Decimal("100.00")},
            driver_id=driver_id,
            payment_method="CASH",
            effective_on=sunday + timedelta(days=3),
        )
        ledger.post_earnings(
            driver_id=driver_id, amount=Decimal("913.25"), reference_id="CURB-1", effective_on=SATURDAY
        )
        ledger.apply_weekly_earnings(as_of=SATURDAY)

        statement = selectors.get_statement(driver_id, sunday, SATURDAY)

        assert statement.opening_net_position == Decimal("12.00")
        assert [
            (line.kind, line.reference_id, line.funding_reference, line.amount, line.effect, line.net_position)
            for line in statement.lines
        ] == [
            ("OBLIGATION", "EZPASS-1", "", Decimal("120.00"), Decimal("120.00"), Decimal("132.00")),
            ("PAYMENT", "PAY-000001", "", Decimal("100.00"), Decimal("-100.00"), Decimal("32.00")),
            ("ALLOCATION", "EZPASS-1", "PAY-000001", Decimal("100.00"), Decimal("0.00"), Decimal("32.00")),
            ("OBLIGATION", "LEASE-1", "", Decimal("500.00"), Decimal("500.00"), Decimal("532.00")),
            ("EARNINGS", "CURB-1", "", Decimal("913.25"), Decimal("-913.25"), Decimal("-381.25")),
            ("APPLICATION", "EZPASS-1", "CURB-1", Decimal("20.00"), Decimal("0.00"), Decimal("-381.25")),
            ("APPLICATION", "LEASE-1", "CURB-1", Decimal("500.00"), Decimal("0.00"), Decimal("-381.25")),
            ("APPLICATION", "MISC-1", "CURB-1", Decimal("12.00"), Decimal("0.00"), Decimal("-381.25")),
        ]
        assert statement.closing_net_position == Decimal("-381.25")
        assert (statement.opening_deposits, statement.closing_deposits) == (Decimal("0.00"), Decimal("0.00"))

    def test_shows_deposits_apart_and_what_one_pays_as_a_change(self, week):
        statement = selectors.get_statement(week.driver_id, SATURDAY - timedelta(days=60), SATURDAY)
        lines = {line.posting_id: line for line in statement.lines}

        assert (lines[week.deposit.pk].effect, lines[week.deposit.pk].deposit_effect) == (
            Decimal("0.00"),
            Decimal("275.00"),
        )
        from_deposit = lines[LedgerPosting.objects.get(kind="APPLICATION", funding_id=week.deposit.pk).pk]
        assert (from_deposit.effect, from_deposit.deposit_effect) == (Decimal("-15.00"), Decimal("-15.00"))

    def test_shows_a_void_as_the_opposite(self, week):
        statement = selectors.get_statement(week.driver_id, SATURDAY, SATURDAY)
        lines = {line.posting_id: line for line in statement.lines}
        assert lines[week.write_off.pk].effect == Decimal("-10.00")
        assert lines[week.void.pk].reverses_id == week.allocation.pk
        assert lines[week.void.pk].effect == Decimal("0.00")
        (undone,) = ledger.void_posting(
            posting_id=week.write_off.pk, reason="Not agreed", actor=None, effective_on=SATURDAY
        )
        after = {line.posting_id: line for line in selectors.get_statement(week.driver_id, SATURDAY, SATURDAY).lines}
        assert after[undone.pk].effect == Decimal("10.00")

    def test_closes_where_the_balances_stand(self, week):
        # The deposit was released today, by the clock.
        until = max(LedgerPosting.objects.values_list("effective_on", flat=True))
        statement = selectors.get_statement(week.driver_id, SATURDAY - timedelta(days=60), until)
        position = selectors.get_position(week.driver_id, as_of=until)

        assert len(statement.lines) == LedgerPosting.objects.count()
        assert statement.closing_net_position == statement.lines[-1].net_position == position.net_position
        assert statement.closing_deposits == position.deposits == Decimal("235.00")

    def test_opens_where_the_days_before_closed(self, week):
        first = selectors.get_statement(week.driver_id, SATURDAY - timedelta(days=60), SATURDAY - timedelta(days=1))
        second = selectors.get_statement(week.driver_id, SATURDAY, SATURDAY)
        assert first.closing_net_position == second.opening_net_position
        assert first.closing_deposits == second.opening_deposits

    def test_has_no_lines_where_nothing_happened(self, week):
        after = SATURDAY + timedelta(days=3650)
        statement = selectors.get_statement(week.driver_id, after, after)
        position = selectors.get_position(week.driver_id, as_of=after)
        assert list(statement.lines) == []
        assert statement.opening_net_position == statement.closing_net_position == position.net_position

    def test_is_one_query_and_only_the_drivers(self, week, django_assert_num_queries):
        other = DriverFactory.create().pk
        with django_assert_num_queries(1):
            statement = selectors.get_statement(other, SATURDAY, SATURDAY)
        assert (statement.opening_net_position, list(statement.lines)) == (Decimal("0.00"), [])

    def test_refuses_dates_the_wrong_way_round(self, week):
        with pytest.raises(ledger.ValueInvalid):
            selectors.get_statement(week.driver_id, SATURDAY, SATURDAY - timedelta(days=1))
