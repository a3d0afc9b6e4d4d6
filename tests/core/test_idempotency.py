"""`Idempotency-Key`: a payment sent twice is received once, whatever happens in between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Event
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from core.errors import RequestInProgress
from core.models import StoredAnswer
from core.services import Answer, answer_once
from core.tasks import purge_stored_answers_task
from core.transactions import LostRaceError, bounded_transaction, is_undone_whole
from ledger import services as ledger
from ledger.locks import lock_accounts
from ledger.services import money_transaction
from tests.factories import DriverFactory, UserFactory
from tests.ledger.api.client import EVERYTHING, client_of, client_with, count_written, pay, problem_of, user_with, void


def payment_of(driver_id: int) -> dict[str, Any]:
    return {"driver_id": driver_id, "payment_amount": "100.00", "payment_method": "CASH"}


@pytest.mark.django_db
class TestKey:
    @pytest.fixture
    def body(self) -> dict[str, Any]:
        return payment_of(DriverFactory.create().pk)

    @pytest.fixture
    def client(self) -> APIClient:
        return client_with(*EVERYTHING)

    def test_is_required_of_a_payment(self, client, body):
        before = count_written()

        assert problem_of(pay(client, body, key=None)) == (400, "idempotency_key_required")
        assert count_written() == before

    @pytest.mark.parametrize("key", ["", " ", "a b", "x" * 151, "é", "a\x00b", "\t"])
    def test_that_is_none(self, client, body, key):
        before = count_written()

        assert problem_of(pay(client, body, key=key)) == (400, "idempotency_key_invalid")
        assert count_written() == before

    def test_that_is_as_long_as_can_be(self, client, body):
        assert pay(client, body, key="~" * 150).status_code == 201

    def test_the_same_request_gets_the_same_answer_byte_for_byte(self, client, body):
        first = pay(client, body)
        before = count_written()

        again = pay(client, dict(reversed(body.items())))

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert again["Content-Type"] == first["Content-Type"]
        assert (again.get("Idempotency-Replayed"), first.get("Idempotency-Replayed")) == ("true", None)
        assert count_written() == before

    def test_the_answer_after_a_void_is_the_first_one_and_says_so(self, client, body):
        first = pay(client, body)
        ledger.void_payment(
            payment_id=first.json()["id"], reason="an error", actor=None, effective_on=timezone.localdate()
        )

        again = pay(client, body)

        assert again.json() == {**first.json(), "voided": {"status": "VOIDED", "amount": "100.00"}}
        assert again["Idempotency-Replayed"] == "true"

    @pytest.mark.parametrize("change", [{"payment_amount": "100.01"}, {"instrument_number": ""}])
    def test_another_body_is_refused(self, client, body, change):
        pay(client, body)
        before = count_written()

        assert problem_of(pay(client, {**body, **change})) == (422, "idempotency_key_reused")
        assert count_written() == before

    def test_another_address_is_refused(self, client, body):
        pay(client, body)
        before = count_written()

        assert problem_of(void(client, 1, {"reason": "an error"}, key="key-1")) == (422, "idempotency_key_reused")
        assert count_written() == before

    def test_belongs_to_its_user(self, client, body):
        other = client_with("add_interimpayment")

        assert (pay(client, body).status_code, pay(other, body).status_code) == (201, 201)
        assert count_written() == {"InterimPayment": 2, "LedgerPosting": 2, "StoredAnswer": 2}

    def test_is_shared_by_a_users_tokens(self, body):
        user = user_with(EVERYTHING)

        first, again = pay(client_of(user), body), pay(client_of(user), body)

        assert again.content == first.content

    def test_a_refused_request_may_be_sent_again_corrected(self, client, body):
        wrong = {**body, "allocations": [{"reference_id": "MISC-1", "amount": "60.00"}]}
        assert problem_of(pay(client, wrong)) == (404, "reference_not_found")
        assert StoredAnswer.objects.count() == 0

        ledger.create_obligation(
            category="MISC",
            amount=Decimal("60.00"),
            reference_id="MISC-1",
            driver_id=body["driver_id"],
            effective_on=timezone.localdate(),
        )
        assert pay(client, wrong).status_code == 201

    def test_holds_after_the_answer_was_purged(self, client, body):
        first = pay(client, body)
        StoredAnswer.objects.all().delete()

        assert pay(client, body).json() == first.json()
        StoredAnswer.objects.all().delete()
        assert problem_of(pay(client, {**body, "payment_amount": "1.00"})) == (409, "idempotency_conflict")
        assert count_written() == {"InterimPayment": 1, "LedgerPosting": 1, "StoredAnswer": 0}


@pytest.mark.django_db
class TestAnswerOnce:
    def test_what_raises_is_rolled_back_whole(self):
        user = UserFactory.create()

        def work() -> Answer:
            UserFactory.create(username="made by the work")
            raise RuntimeError

        with pytest.raises(RuntimeError):
            answer_once(user=user, key="k", fingerprint="f", work=work)

        assert StoredAnswer.objects.count() == 0
        assert not User.objects.filter(username="made by the work").exists()


def add_user(name: str) -> None:
    User.objects.create(username=name)


@bounded_transaction
def add_user_by_service(name: str) -> None:
    add_user(name)


@pytest.mark.django_db(transaction=True)
class TestOneService:
    """Work that lets each error pass is undone whole, so that its service needs no savepoint."""

    def answer(self, work: Callable[[], Any], *, is_one_service: bool = True) -> list[str]:
        """Return the statements with which it is done."""

        def answer() -> Answer:
            work()
            return Answer(201, "{}")

        with CaptureQueriesContext(connection) as captured:
            answer_once(
                user=User.objects.get(username="asks"),
                key="k",
                fingerprint="f",
                work=answer,
                is_one_service=is_one_service,
            )
        return [query["sql"].strip() for query in captured]

    @pytest.fixture(autouse=True)
    def asks(self) -> None:
        add_user("asks")

    @pytest.mark.parametrize("is_one", [True, False])
    def test_has_no_savepoint_and_its_commit_goes_along_with_the_answer(self, is_one):
        statements = self.answer(lambda: add_user_by_service("made"), is_one_service=is_one)

        assert any("SAVEPOINT" in sql for sql in statements) is not is_one
        (stored,) = [sql for sql in statements if "INSERT INTO core_stored_answers" in sql]
        assert stored.endswith("; COMMIT")
        assert statements[statements.index(stored) + 1 :] == ["COMMIT"]  # Django's own, of which nothing is sent
        assert User.objects.filter(username="made").exists()
        assert not connection.in_atomic_block

    def test_what_raises_is_rolled_back_whole(self):
        def work() -> None:
            add_user_by_service("one")
            add_user_by_service("asks")

        with pytest.raises(IntegrityError):
            self.answer(work)

        assert [user.username for user in User.objects.all()] == ["asks"]
        assert StoredAnswer.objects.count() == 0

    def test_what_the_commit_refuses_leaves_nothing(self):
        def work() -> None:
            add_user_by_service("one")
            # Whether there is such a group is asked at the COMMIT.
            User.groups.through.objects.create(user=User.objects.get(username="one"), group_id=999_999)

        with pytest.raises(IntegrityError):
            self.answer(work)

        assert (User.objects.count(), StoredAnswer.objects.count()) == (1, 0)

    def test_a_lost_race_is_run_again_by_savepoints(self):
        tries: list[bool] = []

        def work() -> None:
            add_user(f"try {len(tries)}")
            tries.append(is_undone_whole())
            if len(tries) == 1:
                raise LostRaceError

        self.answer(work)

        assert tries == [True, False]
        assert sorted(user.username for user in User.objects.all()) == ["asks", "try 1"]
        assert StoredAnswer.objects.count() == 1

    def test_a_service_of_the_ledger_says_that_it_lost_a_race(self):
        """What two charges of one reference at once come upon: within a savepoint the second looks again."""
        tries: list[bool] = []

        @money_transaction
        def post() -> None:
            tries.append(connection.savepoint_ids[-1] is None)
            if len(tries) == 1:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '23505', "
                        "CONSTRAINT = 'ledger_balances_live_reference', TABLE = 'ledger_balances'; END $$"
                    )
            add_user("made")

        self.answer(post)

        assert tries == [True, False]
        assert User.objects.filter(username="made").count() == 1

    def test_a_service_within_a_service_has_its_savepoint(self):
        @bounded_transaction
        def outer() -> None:
            with pytest.raises(IntegrityError):
                add_user_by_service("asks")
            add_user_by_service("made")

        self.answer(outer)

        assert User.objects.filter(username="made").exists()


@pytest.mark.django_db
class TestPurge:
    def test_takes_what_is_older_than_thirty_days(self):
        user = UserFactory.create()
        for key, days in (("old", 31), ("recent", 29)):
            row = StoredAnswer.objects.create(user=user, key=key, fingerprint="f", status=200, body="")
            StoredAnswer.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))

        purge_stored_answers_task()

        assert [row.key for row in StoredAnswer.objects.all()] == ["recent"]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_the_same_payment_from_eight_threads_is_received_once(self):
        user = user_with(EVERYTHING)
        clients = [client_of(user) for _ in range(8)]
        body = payment_of(DriverFactory.create().pk)
        together = Barrier(len(clients))

        def send(client: APIClient) -> Any:
            try:
                together.wait()
                return pay(client, body)
            finally:
                connection.close()

        with ThreadPoolExecutor(len(clients)) as threads:
            responses = list(threads.map(send, clients))

        received = [response for response in responses if response.status_code == 201]
        in_progress = [response for response in responses if response.status_code != 201]
        assert len({response.content for response in received}) == 1
        assert {problem_of(response) for response in in_progress} <= {(409, "request_in_progress")}
        assert count_written() == {"InterimPayment": 1, "LedgerPosting": 1, "StoredAnswer": 1}
        assert pay(clients[0], body).content == received[0].content

    def test_who_comes_while_the_first_is_at_work_is_told_to_ask_again(self):
        user = user_with(EVERYTHING)
        client = client_of(user)
        body = payment_of(DriverFactory.create().pk)
        at_work, done = Event(), Event()

        def work() -> Answer:
            at_work.set()
            assert done.wait(30)
            return Answer(200, "{}")

        def work_slowly() -> None:
            try:
                answer_once(user=user, key="key-1", fingerprint="f", work=work)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as threads:
            slow = threads.submit(work_slowly)
            assert at_work.wait(30)
            meanwhile = pay(client, body)
            other_key = pay(client, body, key="key-2")
            done.set()
            slow.result()

        assert problem_of(meanwhile) == (409, "request_in_progress")
        assert meanwhile["Retry-After"] == str(RequestInProgress.retry_after)
        assert other_key.status_code == 201

    def test_a_driver_whose_account_is_locked_is_busy(self, monkeypatch):
        monkeypatch.setattr("core.transactions.LOCK_TIMEOUT", "50ms")
        client = client_with(*EVERYTHING)
        body = payment_of(DriverFactory.create().pk)
        assert pay(client, body, key="opens-the-account").status_code == 201
        before = count_written()

        def send() -> Any:
            try:
                return pay(client, body, key="key-2")
            finally:
                connection.close()

        with transaction.atomic(), ThreadPoolExecutor(1) as threads:
            lock_accounts([body["driver_id"]])
            response = threads.submit(send).result()

        assert problem_of(response) == (409, "ledger_busy")
        assert response["Retry-After"] == "1"
        assert count_written() == before
        assert pay(client, body, key="key-2").status_code == 201
