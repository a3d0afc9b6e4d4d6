"""The waterfall in pure Python, against hand-computed weeks and against a loop that moves one cent at a time."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.categories import OBLIGATION_CATEGORIES
from ledger.waterfall import NOT_POSTED_YET, OpenCredit, OpenDebt, Step, apply_credits, suggest_allocations

SATURDAY = date(2026, 3, 7)
ORDER = OBLIGATION_CATEGORIES

amounts = st.integers(min_value=1, max_value=40).map(lambda cents: Decimal(cents).scaleb(-2))
days = st.integers(min_value=0, max_value=3).map(lambda back: SATURDAY - timedelta(days=back))
orders = st.permutations(list(ORDER))


@st.composite
def debts(draw):
    rows = draw(st.lists(st.tuples(st.sampled_from(ORDER), days, amounts), max_size=8))
    ids = draw(st.permutations(range(1, len(rows) + 1)))
    return [
        OpenDebt(key, category, due_on, amount, f"REF-{key}")
        for key, (category, due_on, amount) in zip(ids, rows, strict=True)
    ]


@st.composite
def credits_(draw):
    rows = draw(st.lists(st.tuples(days, amounts), max_size=6))
    ids = draw(st.permutations(range(101, 101 + len(rows))))
    return [OpenCredit(key, *row) for key, row in zip(ids, rows, strict=True)]


def cent_by_cent(open_debts, open_credits, order):
    """The rule as an accountant says it: while there is money, the next cent pays the first debt that is left."""
    debt_left = {debt.balance_id: debt.amount for debt in open_debts}
    credit_left = {credit.balance_id: credit.amount for credit in open_credits}
    paid: dict[tuple[int, int], Decimal] = {}
    while any(debt_left.values()) and any(credit_left.values()):
        debt = min(
            (debt for debt in open_debts if debt_left[debt.balance_id]),
            key=lambda debt: (order.index(debt.category), debt.due_on, debt.balance_id),
        ).balance_id
        credit = min(
            (credit for credit in open_credits if credit_left[credit.balance_id]),
            key=lambda credit: (credit.effective_on, credit.balance_id),
        ).balance_id
        debt_left[debt] -= Decimal("0.01")
        credit_left[credit] -= Decimal("0.01")
        paid[debt, credit] = paid.get((debt, credit), Decimal(0)) + Decimal("0.01")
    return [Step(debt, credit, amount) for (debt, credit), amount in paid.items()]


class TestApplyCredits:
    def test_pays_a_week_in_order_and_leaves_the_rest_on_the_credit(self):
        rent = OpenDebt(1, "LEASE", SATURDAY, Decimal("500.00"))
        tolls = OpenDebt(2, "EZPASS", SATURDAY, Decimal("20.00"))
        taxes = OpenDebt(3, "TAXES", SATURDAY, Decimal("61.50"))
        earnings = OpenCredit(4, SATURDAY, Decimal("913.25"))

        assert apply_credits([rent, tolls, taxes], [earnings], ORDER) == [
            Step(3, 4, Decimal("61.50")),
            Step(2, 4, Decimal("20.00")),
            Step(1, 4, Decimal("500.00")),
        ]

    def test_uses_the_oldest_credit_first_and_splits_a_debt_over_two(self):
        rent = OpenDebt(1, "LEASE", SATURDAY, Decimal("100.00"))
        younger_with_lower_id = OpenCredit(2, SATURDAY, Decimal("80.00"))
        older = OpenCredit(3, SATURDAY - timedelta(days=1), Decimal("30.00"))

        assert apply_credits([rent], [younger_with_lower_id, older], ORDER) == [
            Step(1, 3, Decimal("30.00")),
            Step(1, 2, Decimal("70.00")),
        ]

    def test_refuses_a_category_outside_the_order(self):
        with pytest.raises(KeyError):
            apply_credits([OpenDebt(1, "EARNINGS", SATURDAY, Decimal("1.00"))], [], ORDER)

    @given(debts(), credits_(), orders)
    def test_equals_the_loop_that_moves_one_cent_at_a_time(self, open_debts, open_credits, order):
        assert apply_credits(open_debts, open_credits, order) == cent_by_cent(open_debts, open_credits, order)

    @given(debts(), credits_(), orders)
    def test_spends_all_it_can_and_nothing_twice(self, open_debts, open_credits, order):
        steps = apply_credits(open_debts, open_credits, order)

        owed = sum((debt.amount for debt in open_debts), Decimal(0))
        held = sum((credit.amount for credit in open_credits), Decimal(0))
        assert sum((step.amount for step in steps), Decimal(0)) == min(owed, held)
        assert all(step.amount > 0 for step in steps)
        for debt in open_debts:
            assert sum(step.amount for step in steps if step.balance_id == debt.balance_id) <= debt.amount
        for credit in open_credits:
            assert sum(step.amount for step in steps if step.funding_id == credit.balance_id) <= credit.amount

    @given(debts(), credits_(), orders)
    def test_pays_nothing_while_something_of_higher_priority_is_unpaid(self, open_debts, open_credits, order):
        paid = {debt.balance_id: Decimal(0) for debt in open_debts}
        for step in apply_credits(open_debts, open_credits, order):
            paid[step.balance_id] += step.amount
        ranked = sorted(open_debts, key=lambda debt: (order.index(debt.category), debt.due_on, debt.balance_id))
        for higher, lower in pairwise(ranked):
            assert paid[lower.balance_id] == 0 or paid[higher.balance_id] == higher.amount


class TestSuggestAllocations:
    def test_spends_a_payment_by_priority(self):
        rent = OpenDebt(1, "LEASE", SATURDAY, Decimal("500.00"), "LEASE-1-2026W10")
        tolls = OpenDebt(2, "EZPASS", SATURDAY, Decimal("120.00"), "EZPASS-7")
        coming_rent = OpenDebt(
            NOT_POSTED_YET, "LEASE", SATURDAY + timedelta(days=7), Decimal("500.00"), "LEASE-1-2026W11"
        )

        assert suggest_allocations(Decimal("700.00"), [coming_rent, rent, tolls], ORDER) == {
            "EZPASS-7": Decimal("120.00"),
            "LEASE-1-2026W10": Decimal("500.00"),
            "LEASE-1-2026W11": Decimal("80.00"),
        }

    @given(debts(), amounts, orders)
    def test_equals_what_one_credit_of_that_amount_would_pay(self, open_debts, amount, order):
        credit = OpenCredit(1000, SATURDAY, amount)
        assert suggest_allocations(amount, open_debts, order) == {
            f"REF-{step.balance_id}": step.amount for step in apply_credits(open_debts, [credit], order)
        }
