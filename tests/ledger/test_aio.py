"""The services for async callers: the same names and signatures, one transaction each, many in flight."""

import asyncio
import inspect
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from ledger import aio
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.ledger.proofs import SATURDAY, THURSDAY, WEDNESDAY, balances_of, charge, earn, lines, writes

#: What only makes sense inside a transaction that its caller holds open.
FOR_TRANSACTIONS = {"cut_accounts", "money_transaction", "preview_money"}
#: What is said once, when the program starts.
AT_START = {"register_calling_in", "register_joint_void"}

SERVICES = {
    name: getattr(ledger, name)
    for name in ledger.__all__
    if inspect.isfunction(getattr(ledger, name)) and name not in FOR_TRANSACTIONS | AT_START
}


def list_twins():
    return {name: twin for name, twin in vars(aio).items() if inspect.iscoroutinefunction(twin)}


class TestTwins:
    def test_every_service_has_one(self):
        assert set(list_twins()) == set(SERVICES)

    @pytest.mark.parametrize("name", sorted(SERVICES))
    def test_it_is_the_service(self, name):
        twin = list_twins()[name]
        assert inspect.unwrap(twin) is inspect.unwrap(SERVICES[name])
        assert twin.__name__ == name
        assert inspect.signature(twin) == inspect.signature(SERVICES[name])

    @pytest.mark.parametrize("name", sorted(SERVICES))
    def test_every_argument_is_named(self, name):
        parameters = inspect.signature(SERVICES[name]).parameters.values()
        batches = ("obligations", "earnings", "memos")
        assert [p.name for p in parameters if p.kind != p.KEYWORD_ONLY and p.name not in batches] == []


@pytest.mark.django_db(transaction=True)
class TestCalls:
    def test_a_week_of_one_driver(self):
        lease = LeaseFactory.create()
        driver = lease.primary_driver
        LeaseInstallmentFactory.create(lease=lease, number=46)

        async def work():
            toll = await aio.create_obligation(
                category="EZPASS",
                amount=Decimal(120),
                reference_id="EZPASS-1",
                driver_id=driver.pk,
                due_on=SATURDAY,
                effective_on=THURSDAY,
            )
            await aio.create_obligations(
                [
                    ledger.Opening(
                        category="TAXES",
                        amount=Decimal("61.50"),
                        reference_id="TAXES-1",
                        driver_id=driver.pk,
                        due_on=SATURDAY,
                        effective_on=THURSDAY,
                    )
                ]
            )
            payment = await aio.apply_interim_payment(
                payment_amount=Decimal(100),
                allocations={"EZPASS-1": Decimal(100)},
                driver_id=driver.pk,
                payment_method="CASH",
                effective_on=THURSDAY,
            )
            await aio.post_scheduled_installments(as_of=SATURDAY)
            await aio.post_earnings(
                driver_id=driver.pk, amount=Decimal("913.25"), reference_id="CURB-1", effective_on=SATURDAY
            )
            applied = await aio.apply_weekly_earnings(as_of=SATURDAY)
            preview = await aio.preview_void_payment(payment_id=payment.pk, effective_on=THURSDAY)
            return toll, applied, preview

        toll, applied, preview = asyncio.run(work())
        assert (applied.applications, applied.amount) == (3, Decimal("581.50"))
        assert preview.net_position_change == Decimal("100.00")
        assert toll.reference_id == "EZPASS-1"
        assert balances_of(driver)["CURB-1"] == ("331.75", "OPEN")
        assert_books_clean()

    def test_a_refusal_arrives_by_name(self):
        driver = DriverFactory.create()
        fine = charge(driver)

        async def work():
            with pytest.raises(ledger.ReasonRequired):
                await aio.void_posting(posting_id=fine.pk, reason="", actor=None, effective_on=THURSDAY)

        with writes():
            asyncio.run(work())

    def test_many_in_flight_on_different_drivers(self):
        drivers = DriverFactory.create_batch(40)

        async def work():
            return await asyncio.gather(
                *(
                    aio.create_obligation(
                        category="MISC",
                        amount=Decimal(number + 1),
                        reference_id=f"MISC-{number}",
                        driver_id=driver.pk,
                        effective_on=THURSDAY,
                    )
                    for number, driver in enumerate(drivers)
                )
            )

        with writes(postings=40, balances=40, accounts=40):
            postings = asyncio.run(work())
        assert [posting.driver_id for posting in postings] == [driver.pk for driver in drivers]
        assert_books_clean()

    def test_many_in_flight_on_one_driver(self):
        """Forty payments of 1.00 on a charge of 25.00: 25 find something to pay, 15 are told that it is closed."""
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "25.00")

        async def work():
            return await asyncio.gather(
                *(
                    aio.apply_interim_payment(
                        payment_amount=Decimal(1),
                        allocations={"MISC-1": Decimal(1)},
                        driver_id=driver.pk,
                        payment_method="CASH",
                        effective_on=WEDNESDAY,
                    )
                    for _ in range(40)
                ),
                return_exceptions=True,
            )

        answers = asyncio.run(work())
        assert [type(answer) for answer in answers if not isinstance(answer, InterimPayment)] == [
            ledger.ObligationClosed
        ] * 15
        assert sorted(payment.number for payment in InterimPayment.objects.all()) == list(range(1, 26))
        assert balances_of(driver)["MISC-1"] == ("0.00", "SETTLED")
        assert_books_clean()

    def test_the_same_request_many_times_at_once(self):
        driver = DriverFactory.create()
        earn(driver)

        async def work():
            return await asyncio.gather(
                *(
                    aio.pay_out(
                        driver_id=driver.pk,
                        amount=Decimal(60),
                        method="CASH",
                        idempotency_key="dtr-7",
                        effective_on=THURSDAY,
                    )
                    for _ in range(20)
                )
            )

        with writes(postings=1, payouts=1):
            answers = asyncio.run(work())
        assert len({payout.pk for payout in answers}) == 1
        assert lines(LedgerPosting.objects.filter(kind="PAYOUT")) == [("PAYOUT", "CURB-1", "60.00")]

    def test_one_of_many_refused_takes_none_of_the_others_with_it(self):
        driver = DriverFactory.create()

        async def work():
            return await asyncio.gather(
                *(
                    aio.post_earnings(
                        driver_id=driver.pk,
                        amount=Decimal(number),
                        reference_id=f"CURB-{number}",
                        effective_on=date(2026, 11, 21),
                    )
                    for number in range(10)
                ),
                return_exceptions=True,
            )

        with writes(postings=9, balances=9, accounts=1):
            answers = asyncio.run(work())
        assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [ledger.AmountInvalid]

    def test_every_connection_is_given_back(self):
        driver = DriverFactory.create()

        async def work():
            await asyncio.gather(
                *(
                    aio.create_obligation(
                        category="MISC",
                        amount=Decimal(1),
                        reference_id=f"MISC-{number}",
                        driver_id=driver.pk,
                        effective_on=THURSDAY,
                    )
                    for number in range(40)
                )
            )

        asyncio.run(work())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
            )
            assert cursor.fetchone() == (0,)
