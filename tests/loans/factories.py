"""Bare rows of loans; what follows from a loan (its installments) is a service's."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from loans.models import DriverLoan, LoanBand, LoanInstallment, LoanPayoff, RateLimit
from tests.factories import DriverFactory


class LoanBandFactory(DjangoModelFactory[LoanBand]):
    class Meta:
        model = LoanBand

    effective_on = date(2027, 1, 3)
    up_to = None
    weekly_amount = Decimal("50.00")


class RateLimitFactory(DjangoModelFactory[RateLimit]):
    class Meta:
        model = RateLimit

    effective_on = date(2027, 1, 3)
    highest_percent = Decimal("5.00")
    citation = "The fleet's own rule"


class DriverLoanFactory(DjangoModelFactory[DriverLoan]):
    """A loan of 250.00 without interest, to be repaid by 100.00 a week; without installments."""

    class Meta:
        model = DriverLoan

    driver = factory.SubFactory(DriverFactory)
    principal = Decimal("250.00")
    disbursed_on = date(2026, 11, 17)
    method = "CASH"
    weekly_amount = Decimal("100.00")
    starts_on = date(2026, 11, 15)


class LoanInstallmentFactory(DjangoModelFactory[LoanInstallment]):
    class Meta:
        model = LoanInstallment

    loan = factory.SubFactory(DriverLoanFactory)
    number = 1
    accrues_from = date(2026, 11, 17)
    due_on = date(2026, 11, 21)
    principal = Decimal("100.00")
    interest = Decimal("0.00")
    amount = factory.LazyAttribute(lambda part: part.principal + part.interest)
    reference_id = factory.LazyAttribute(lambda part: f"LOAN-{part.loan.pk}-{part.number}")


class LoanPayoffFactory(DjangoModelFactory[LoanPayoff]):
    class Meta:
        model = LoanPayoff

    loan = factory.SubFactory(DriverLoanFactory)
    as_of = date(2026, 11, 18)
    principal = Decimal("250.00")
    interest = Decimal("0.00")
