"""The async twins of the loan services."""

import asyncio
import inspect

import pytest

from loans import aio, services
from loans.models import DriverLoan, LoanPayoff
from tests.factories import DriverFactory
from tests.loans.office import TODAY, count_rows, facts_of, lend


class TestTwins:
    def test_every_service_has_its_twin(self) -> None:
        of_services = {name for name in services.__all__ if inspect.isfunction(getattr(services, name))}
        twins = {name: twin for name, twin in vars(aio).items() if inspect.iscoroutinefunction(twin)}
        assert set(twins) == of_services
        for name, twin in twins.items():
            assert inspect.signature(twin) == inspect.signature(getattr(services, name))


@pytest.mark.django_db(transaction=True)
class TestCalls:
    def test_many_in_flight_lend_once_by_one_key(self) -> None:
        facts = facts_of(DriverFactory.create(), idempotency_key="a")

        async def lend_all() -> list[DriverLoan]:
            return await asyncio.gather(*(aio.disburse_loan(**facts) for _ in range(5)))

        assert len({loan.pk for loan in asyncio.run(lend_all())}) == 1
        assert count_rows() == (1, 5, 0, 0)

    def test_many_in_flight_pay_off_once(self) -> None:
        loan = lend(DriverFactory.create())

        async def pay_off_all() -> list[LoanPayoff | BaseException]:
            calls = (aio.pay_off_loan(loan_id=loan.pk, as_of=TODAY, today=TODAY, actor=None) for _ in range(3))
            return await asyncio.gather(*calls, return_exceptions=True)

        outcomes = [type(outcome) for outcome in asyncio.run(pay_off_all())]
        assert (outcomes.count(LoanPayoff), outcomes.count(services.LoanNotActive)) == (1, 2)
        assert count_rows() == (1, 5, 1, 1)
