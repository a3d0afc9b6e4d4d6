"""What a loan's charges and credits are called for their driver. Pure: no store, no clock."""

from datetime import date
from decimal import Decimal

from core.words import make_sentence, say_amount, say_day, say_paper


def say_installment(
    *,
    disbursed_on: date,
    number: int,
    of: int,
    principal: Decimal,
    interest: Decimal,
    told_on: date,
    paper_number: str = "",
) -> str:
    """Return ``Loan of Oct 5, part 2 of 5: 250.00 and interest 1.82``, and the agreement where there is one."""
    part = f"part {number} of {of}: {_say_parts(principal, interest)}"
    return make_sentence(_say_loan(disbursed_on, told_on), part, say_paper(paper_number))


def say_payoff(
    *, disbursed_on: date, as_of: date, principal: Decimal, interest: Decimal, told_on: date, paper_number: str = ""
) -> str:
    """Return ``Loan of Oct 5, paid off on Oct 21: 950.00 and interest 1.04``; with its agreement like a part."""
    paid_off = f"paid off on {say_day(as_of, told_on=told_on)}: {_say_parts(principal, interest)}"
    return make_sentence(_say_loan(disbursed_on, told_on), paid_off, say_paper(paper_number))


def say_rest(*, disbursed_on: date, principal: Decimal, interest: Decimal, told_on: date) -> str:
    """Return ``Loan of Oct 5, what is left of it: 950.00 and interest 1.04``."""
    return make_sentence(_say_loan(disbursed_on, told_on), f"what is left of it: {_say_parts(principal, interest)}")


def say_interest_back(*, disbursed_on: date, told_on: date) -> str:
    """Return ``Interest given back, loan of Oct 5``."""
    return f"Interest given back, loan of {say_day(disbursed_on, told_on=told_on)}"


def _say_loan(disbursed_on: date, told_on: date) -> str:
    return f"Loan of {say_day(disbursed_on, told_on=told_on)}"


def _say_parts(principal: Decimal, interest: Decimal) -> str:
    """What is paid back, and the interest where there is any."""
    return f"{say_amount(principal)} and interest {say_amount(interest)}" if interest else say_amount(principal)
