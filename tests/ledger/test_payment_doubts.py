"""A payment that looks like a mistake: what is asked, once, in the service, on the page and over the API."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from core.words import say_time
from ledger import selectors
from ledger import services as ledger
from ledger.models import InterimPayment
from ledger.selectors import Doubt
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory, UserFactory
from tests.ledger.admin_pages import TOKEN, browse, confirm, hidden_on, look, owe, url_of
from tests.ledger.api import client as api
from tests.ledger.hostile import tamper
from tests.locks import list_sql
from tests.refusals import refused

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)
JUST_TAKEN = "same_amount_just_taken"
KNOWN_CHECK = "check_number_known"
ELSEWHERE = "check_and_amount_known"
TOO_MUCH = "more_than_expected"


def take(driver: Any, amount: str = "50.00", *, check: str = "", on: date = MONDAY, **given: Any) -> InterimPayment:
    return ledger.apply_interim_payment(
        driver_id=driver.pk,
        payment_amount=Decimal(amount),
        allocations={},
        payment_method="CHECK" if check else "CASH",
        instrument_number=check,
        effective_on=on,
        **given,
    )


def doubts_of(
    driver: Any, amount: str = "50.00", *, check: str = "", on: date = MONDAY, actor_id: int | None = None
) -> tuple[Doubt, ...]:
    return selectors.list_payment_doubts(
        driver_id=driver.pk,
        amount=Decimal(amount),
        method="CHECK" if check else "CASH",
        instrument_number=check,
        today=on,
        actor_id=actor_id,
    )


def told(*args: Any, **given: Any) -> list[tuple[str, str, str]]:
    return [(doubt.code, doubt.detail, doubt.answer) for doubt in doubts_of(*args, **given)]


def codes(*args: Any, **given: Any) -> list[str]:
    return [doubt.code for doubt in doubts_of(*args, **given)]


def make_older(payment: InterimPayment, **age: int) -> None:
    sql = "UPDATE ledger_payments SET received_at = received_at - %s WHERE id = %s"
    tamper("ledger_payments", sql, timedelta(**age), payment.pk)


@pytest.fixture
def driver() -> Any:
    return DriverFactory.create()


class TestJustTaken:
    def test_the_same_driver_and_amount_within_ten_minutes(self, driver):
        first = take(driver)
        assert told(driver) == [
            (
                JUST_TAKEN,
                f"The system took $50.00 from {driver.first_name} less than a minute ago ({first}).",
                "This is a second payment. Take it.",
            )
        ]
        assert codes(driver, check="7") == [JUST_TAKEN]
        assert codes(driver, "50.01") == []
        assert codes(DriverFactory.create()) == []

    @pytest.mark.parametrize(("age", "asked"), [({"minutes": 9, "seconds": 30}, [JUST_TAKEN]), ({"minutes": 10}, [])])
    def test_ten_minutes_are_ten_minutes(self, driver, age, asked):
        make_older(take(driver), **age)
        assert codes(driver) == asked

    def test_it_says_who_took_it_and_when(self, driver):
        maya, ben = UserFactory.create(first_name="Maya", last_name="Ortiz"), UserFactory.create()
        first = take(driver, "25.00", actor=maya)
        make_older(first, minutes=2, seconds=30)
        said = f"took $25.00 from {driver.first_name} two minutes ago ({first})."
        assert [doubt.detail for doubt in doubts_of(driver, "25.00", actor_id=maya.pk)] == [f"You {said}"]
        assert [doubt.detail for doubt in doubts_of(driver, "25.00", actor_id=ben.pk)] == [f"Maya Ortiz {said}"]

    def test_a_voided_payment_counts_for_nothing(self, driver):
        first = take(driver)
        ledger.void_payment(payment_id=first.pk, reason="Mistyped", effective_on=MONDAY, actor=None)
        assert codes(driver) == []

    def test_how_long_is_a_setting(self, driver, settings):
        settings.ASK_SAME_AMOUNT_MINUTES = 30
        make_older(take(driver), minutes=29)
        assert codes(driver) == [JUST_TAKEN]


class TestCheckNumber:
    @pytest.mark.parametrize(("days", "asked"), [(180, [KNOWN_CHECK]), (181, [])])
    def test_of_the_same_driver_within_180_days(self, driver, days, asked):
        make_older(take(driver, "80.00", check="555", on=MONDAY - timedelta(days=days)), days=days)
        assert codes(driver, check="555") == asked
        assert codes(driver, check="556") == []

    @pytest.mark.parametrize(("days", "asked"), [(7, [ELSEWHERE]), (8, [])])
    def test_of_anybody_with_the_same_amount_within_7_days(self, driver, days, asked):
        other = DriverFactory.create()
        take(other, check="555", on=MONDAY - timedelta(days=days))
        assert codes(driver, check="555") == asked
        assert codes(driver, "50.01", check="555") == []

    def test_of_anybody_on_the_same_day_whatever_the_amount(self, driver):
        other = DriverFactory.create(first_name="Yusuf", last_name="Singh")
        theirs = take(other, "300.00", check="1611")
        at = say_time(theirs.received_at)
        assert told(driver, "400.00", check="1611") == [
            (
                "check_used_today",
                f"Check 1611 was used today for Yusuf Singh ({theirs}, $300.00, {at}). Is it the same check?",
                "One check pays for two drivers. Take it.",
            )
        ]

    def test_it_says_which_payment_it_was(self, driver):
        other, day = DriverFactory.create(first_name="Yusuf", last_name="Singh"), MONDAY - timedelta(days=3)
        own, theirs = take(driver, "80.00", check="555", on=day), take(other, check="555", on=day)
        assert told(driver, check="555") == [
            (
                KNOWN_CHECK,
                f"Check 555 was taken from {driver.first_name} on Nov 13, 2026 ({own}, $80.00). Is it the same check?",
                "It is another check. Take it.",
            ),
            (
                ELSEWHERE,
                f"Check 555 was used on Nov 13, 2026 for Yusuf Singh ({theirs}, $50.00). Is it the same check?",
                "One check pays for two drivers. Take it.",
            ),
        ]

    def test_a_check_that_came_back_counts_for_nothing(self, driver):
        first = take(driver, "80.00", check="555")
        ledger.void_payment(
            payment_id=first.pk,
            reason="Returned",
            returned_item=True,
            was_at_bank=True,
            effective_on=MONDAY,
            actor=None,
        )
        assert codes(driver, check="555") == []

    def test_a_number_of_a_bank_payment_is_no_check_number(self, driver):
        ledger.apply_interim_payment(
            driver_id=driver.pk,
            payment_amount=Decimal(80),
            allocations={},
            payment_method="ACH",
            instrument_number="555",
            effective_on=MONDAY,
        )
        assert codes(driver, check="555") == []


class TestExpected:
    """Open 100.00, 500.00 of rent due on Saturday, and 400.00 of the deposit missing: 1,000.00 are expected."""

    @pytest.fixture
    def lease(self, driver):
        lease = LeaseFactory.create(primary_driver=driver, deposit=Decimal(650))
        sunday = MONDAY - timedelta(days=1)
        for number, week_start in ((46, sunday), (47, sunday + timedelta(weeks=1))):
            LeaseInstallmentFactory.create(lease=lease, number=number, week_start=week_start)
        ledger.create_obligation(
            category="MISC",
            amount=Decimal(100),
            reference_id="MISC-1",
            driver_id=driver.pk,
            due_on=MONDAY + timedelta(days=30),
            effective_on=MONDAY,
        )
        make_older(take(driver, "250.00", lease_id=lease.pk, deposit=Decimal(250)), days=1)
        return lease

    def test_more_by_over_five_hundred_is_asked(self, driver, lease):
        assert codes(driver, "1500.00") == []
        than = f"{driver.first_name} owes, will owe by Saturday or lacks of a deposit"
        assert told(driver, "1500.01") == [
            (TOO_MUCH, f"$500.01 more than {than} would stay on account.", "The amount is right. Take it.")
        ]

    def test_of_a_driver_who_owes_nothing_else_all_above_it_stays_on_account(self, driver):
        owe(driver, "MISC-1", "244.00")
        detail = f"$47,756.00 more than {driver.first_name} owes would stay on account."
        assert [doubt.detail for doubt in doubts_of(driver, "48000.00", on=timezone.localdate())] == [detail]

    def test_the_deposit_of_a_lease_that_is_over_is_not_expected(self, driver, lease):
        lease.end_on = MONDAY - timedelta(days=1)
        lease.save()
        assert codes(driver, "1100.01") == [TOO_MUCH]

    def test_by_how_much_is_a_setting(self, driver, lease, settings):
        settings.ASK_ABOVE_EXPECTED = Decimal(0)
        assert codes(driver, "1000.00") == []
        assert codes(driver, "1000.01") == [TOO_MUCH]


class TestService:
    def test_without_asking_it_is_taken_and_its_doubts_are_told(self, driver):
        take(driver)
        assert [doubt.code for doubt in take(driver).doubts] == [JUST_TAKEN]
        assert InterimPayment.objects.count() == 2

    def test_asked_it_is_refused_until_each_doubt_is_confirmed(self, driver):
        take(driver, "600.00", check="5")
        with refused(ledger.PaymentDoubtful, code="payment_doubtful") as refusal:
            take(driver, "600.00", check="5", asks=True, confirmed=[JUST_TAKEN])
        assert [doubt["code"] for doubt in refusal.value.facts["doubts"]] == [KNOWN_CHECK, TOO_MUCH]
        taken = take(driver, "600.00", check="5", asks=True, confirmed=[TOO_MUCH, KNOWN_CHECK, JUST_TAKEN])
        assert len(taken.doubts) == 3
        assert_books_clean()

    def test_a_replay_never_asks(self, driver):
        first = take(driver, asks=True, idempotency_key="till-1")
        again = take(driver, asks=True, idempotency_key="till-1")
        assert (again.pk, again.doubts) == (first.pk, ())

    def test_it_looks_once_it_holds_the_drivers_account(self, driver):
        statements = list_sql(lambda: take(driver, check="5"))
        locked = next(number for number, sql in enumerate(statements) if "ledger_begin_payment" in sql)
        looked = [number for number, sql in enumerate(statements) if '"instrument_number" =' in sql]
        assert looked
        assert locked < min(looked)


class TestPage:
    TYPED = {"method": "CASH", "amount": "50.00"}

    def url(self, driver: Any) -> str:
        return url_of("ledger_driver_payment", driver.pk)

    def take_elsewhere(self, driver: Any) -> InterimPayment:
        return take(driver, on=timezone.localdate())

    def test_it_asks_once_and_takes_it(self, driver):
        client, first = browse("Cashier"), self.take_elsewhere(driver)
        typed = {**self.TYPED, "token": TOKEN}
        page = look(client, self.url(driver), **typed)
        text = page.content.decode()
        other = f'href="{url_of("ledger_interimpayment_change", first.pk)}">{first}</a>).'
        assert f"The system took $50.00 from {driver.first_name} " in text
        assert other in text
        assert f'for="tick-{JUST_TAKEN}">This is a second payment. Take it.</label>' in text
        # Without its tick it is said at the tick, and nothing is taken.
        unticked = {**typed, **hidden_on(page), "_confirmed": [], "_confirm": "print"}
        refused_page = client.post(self.url(driver), unticked)
        assert [asked.is_missed for asked in refused_page.context["asked"]] == [True]
        assert "Tick this if it is right, or change the payment." in refused_page.content.decode()
        assert InterimPayment.objects.count() == 1
        answer = client.post(self.url(driver), {**unticked, "_confirmed": [JUST_TAKEN]})
        assert (answer.status_code, answer["Location"][-9:]) == (302, "/?print=1")
        assert InterimPayment.objects.count() == 2

    def test_nothing_is_asked_of_an_ordinary_payment(self, driver):
        client = browse("Cashier")
        page = look(client, self.url(driver), **self.TYPED, token=TOKEN)
        assert page.context["asked"] == []
        assert confirm(client, self.url(driver), **self.TYPED, token=TOKEN).status_code == 302

    def test_what_came_up_since_is_asked_before_it_is_taken(self, driver):
        client, typed = browse("Cashier"), {**self.TYPED, "token": TOKEN}
        page = look(client, self.url(driver), **typed)
        self.take_elsewhere(driver)
        again = client.post(self.url(driver), {**typed, **hidden_on(page), "_confirm": "1"})
        assert [(asked.doubt.code, asked.is_missed) for asked in again.context["asked"]] == [(JUST_TAKEN, False)]
        assert InterimPayment.objects.count() == 1
        assert client.post(self.url(driver), {**typed, **hidden_on(again), "_confirm": "1"}).status_code == 302

    def test_what_has_passed_since_is_not_asked_again(self, driver):
        client, first = browse("Cashier"), self.take_elsewhere(driver)
        typed = {**self.TYPED, "token": TOKEN}
        page = look(client, self.url(driver), **typed)
        make_older(first, minutes=11)
        assert client.post(self.url(driver), {**typed, **hidden_on(page), "_confirm": "1"}).status_code == 302

    def test_the_same_form_sent_twice_is_one_payment_and_no_question(self, driver):
        client, typed = browse("Cashier"), {**self.TYPED, "token": TOKEN}
        page = look(client, self.url(driver), **typed)
        for _ in range(2):
            answer = client.post(self.url(driver), {**typed, **hidden_on(page), "_confirm": "1"})
            assert answer.status_code == 302
        assert InterimPayment.objects.count() == 1


class TestApi:
    @pytest.fixture
    def program(self):
        return api.client_with("add_interimpayment")

    def body(self, driver: Any, **given: Any) -> dict[str, Any]:
        return {"driver_id": driver.pk, "payment_amount": "50.00", "payment_method": "CASH", **given}

    def test_it_is_taken_with_its_warnings(self, driver, program):
        assert api.pay(program, self.body(driver)).json()["warnings"] == []
        answer = api.pay(program, self.body(driver), key="key-2")
        assert (answer.status_code, [warning["code"] for warning in answer.json()["warnings"]]) == (201, [JUST_TAKEN])

    def test_asked_it_is_refused_until_it_is_confirmed_and_its_replay_never_asks(self, driver, program):
        owe(driver)
        api.pay(program, self.body(driver))
        asked = api.pay(program, self.body(driver), key="key-2", query="?ask=true")
        assert api.problem_of(asked) == (409, "payment_doubtful")
        (doubt,) = asked.json()["facts"]["doubts"]
        assert doubt["code"] == JUST_TAKEN
        confirmed = self.body(driver, confirm=[doubt["code"]])
        taken = api.pay(program, confirmed, key="key-2", query="?ask=true")
        assert taken.status_code == 201
        again = api.pay(program, confirmed, key="key-2", query="?ask=true")
        assert (again.content, again["Idempotency-Replayed"]) == (taken.content, "true")
        assert InterimPayment.objects.count() == 2

    def test_what_is_not_a_question_is_refused(self, driver, program):
        assert api.pay(program, self.body(driver), query="?ask=perhaps").status_code == 400
        assert api.pay(program, self.body(driver), query="?asks=true").status_code == 400
        assert api.pay(program, self.body(driver, confirm="all")).status_code == 400
        assert InterimPayment.objects.count() == 0
