"""The client against a sandbox over real HTTP: what it asks, what it gets, and what it does when that fails."""

import asyncio
import logging
from datetime import datetime
from decimal import Decimal

import pytest

from curb import soap
from curb.client import CurbAccount, CurbClient, Patience
from curb.errors import CurbAnswerUnreadable, CurbFault, CurbNotConfigured, CurbRefused, CurbUnreachable
from curb.rules import TransactionState
from curb.sandbox import GeneratedTrips
from curb.sandbox.service import Answer
from tests.curb.conftest import PAIRS, do_not_wait

#: Wall clocks in New York, as CURB means them.
FROM = datetime(2026, 3, 3)  # noqa: DTZ001
TO = FROM.replace(hour=23, minute=59, second=59)


def ask(account, patience, question, **options):
    async def talk():
        async with CurbClient(account, patience=patience, **options) as client:
            return await question(client)

    return asyncio.run(talk())


def get_trips(client):
    return client.get_trips(from_at=FROM, to_at=TO)


def reported_on(day: datetime) -> list[dict[str, str]]:
    trips = GeneratedTrips(PAIRS).list_trips(day, day.replace(hour=23, minute=59, second=59))
    return [trip.record for trip in trips]


class TestMethods:
    def test_reads_the_trip_log_of_a_window(self, serve, at_once):
        _, account = serve()
        answer = ask(account, at_once, get_trips)

        assert [trip.received for trip in answer.parsed.trips] == reported_on(FROM)
        assert answer.parsed.errors == []
        assert answer.parsed.trips[0].raw.startswith('<RECORD ID="20260303')

    def test_reads_one_driver_and_one_cab(self, serve, at_once):
        _, account = serve()
        of_driver = ask(account, at_once, lambda client: client.get_trips(from_at=FROM, to_at=TO, license_="5000002"))
        of_cab = ask(account, at_once, lambda client: client.get_trips(from_at=FROM, to_at=TO, cab="9Z90"))
        assert {trip.license for trip in of_driver.parsed.trips} == {"5000002"}
        assert {trip.cab for trip in of_cab.parsed.trips} == {"9Z90"}

    def test_reads_an_empty_answer(self, serve, at_once):
        _, account = serve(GeneratedTrips([]))
        answer = ask(account, at_once, get_trips)
        assert (answer.content, answer.parsed.trips) == (b"", [])

    def test_reads_card_transactions_by_their_list(self, serve, at_once):
        _, account = serve(duplicate_every=3, declined_every=1)

        def reported(state):
            answer = ask(account, at_once, lambda client: client.get_transactions(from_at=FROM, to_at=TO, state=state))
            return answer.parsed.transactions

        card_trips = [record for record in reported_on(FROM) if record["T"] == "C"]
        approved = reported(TransactionState.APPROVED)
        assert [transaction.amount for transaction in approved] == [
            Decimal(record["TOTAL_AMOUNT"]) for record in card_trips
        ]
        assert len(reported(TransactionState.DECLINED)) == len([r for r in reported_on(FROM) if r["T"] == "$"]) > 0
        assert 0 < len(reported(TransactionState.DUPLICATE)) < len(approved)

    def test_marks_trips_reconciled(self, serve, at_once):
        sandbox, account = serve()
        first, second, *others = [record["ID"] for record in reported_on(FROM)]
        mark = {"receipt_number": 7, "record_ids": [first, second], "from_at": FROM}
        ask(account, at_once, lambda client: client.mark_reconciled(**mark))
        ask(account, at_once, lambda client: client.mark_reconciled(**mark))

        assert sandbox.receipts == {first: 7, second: 7}
        unreconciled = ask(account, at_once, lambda client: client.get_trips(from_at=FROM, to_at=TO, receipt="0"))
        settled = ask(account, at_once, lambda client: client.get_trips(from_at=FROM, to_at=TO, receipt="7"))
        assert [trip.record_id for trip in unreconciled.parsed.trips] == others
        assert [trip.record_id for trip in settled.parsed.trips] == [first, second]


class TestWhatFails:
    @pytest.mark.parametrize("trouble", ["drop_every", "error_every", "fault_every"])
    def test_tries_again_what_fails_on_the_way(self, serve, at_once, trouble):
        sandbox, account = serve(**{trouble: 2})

        async def ask_often(client):
            return await asyncio.gather(*(get_trips(client) for _ in range(9)))

        answers = ask(account, at_once, ask_often)
        assert [len(answer.parsed.trips) for answer in answers] == [len(reported_on(FROM))] * 9
        assert sandbox.calls > 9

    def test_gives_up_after_its_attempts(self, serve):
        sandbox, account = serve(error_every=1)
        waits = []

        async def note(seconds):
            waits.append(seconds)

        with pytest.raises(CurbUnreachable) as failure:
            ask(account, Patience(attempts=4, first_wait=1, longest_wait=3, jitter=lambda: 1, sleep=note), get_trips)

        assert sandbox.calls == 4
        assert waits == [1, 2, 3]
        assert failure.value.facts == {"method": "GET_TRIPS_LOG10", "status": 503, "attempts": 4}

    def test_gives_up_on_a_slow_answer(self, serve):
        _, account = serve(delay=5)
        with pytest.raises(CurbUnreachable, match="no answer in time"):
            ask(account, Patience(attempts=2, timeout=0.1, sleep=do_not_wait), get_trips)

    def test_says_that_nobody_is_there(self, serve, at_once, unused_port):
        account = CurbAccount(url=f"http://127.0.0.1:{unused_port}/", user_id="u", password="p", merchant="m")
        with pytest.raises(CurbUnreachable, match="ConnectError"):
            ask(account, at_once, get_trips)

    def test_does_not_repeat_a_fault_of_ours(self, serve, at_once):
        sandbox, account = serve()
        wrong = CurbAccount(url=account.url, user_id="sandbox", password="wrong-secret", merchant="sandbox")
        with pytest.raises(CurbFault, match="Invalid user, password or merchant") as failure:
            ask(wrong, at_once, get_trips)
        assert sandbox.calls == 1
        assert failure.value.facts["fault_code"] == "soap:Client"

    def test_names_a_fault_that_stays(self, serve, at_once):
        sandbox, account = serve(fault_every=1)
        with pytest.raises(CurbFault, match="Server was unable to process"):
            ask(account, at_once, get_trips)
        assert sandbox.calls == 5

    def test_names_an_inner_document_that_is_cut_off(self, serve, at_once):
        _, account = serve(garble_every=1)
        with pytest.raises(CurbAnswerUnreadable, match=r"inside CURB's answer .* not well-formed"):
            ask(account, at_once, get_trips)

    def test_names_an_address_that_is_no_service(self, serve, at_once):
        _, account = serve()
        elsewhere = CurbAccount(url=account.url + "control", user_id="u", password="p", merchant="m")
        with pytest.raises(CurbRefused, match="HTTP 400"):
            ask(elsewhere, at_once, get_trips)

    def test_asks_no_more_than_a_few_at_once(self, serve, at_once):
        sandbox, account = serve(delay=0.02)
        most = under_way = 0
        answer = sandbox.answer

        async def count(*request):
            nonlocal most, under_way
            under_way += 1
            most = max(most, under_way)
            try:
                return await answer(*request)
            finally:
                under_way -= 1

        sandbox.answer = count

        async def ask_often(client):
            return await asyncio.gather(*(get_trips(client) for _ in range(12)))

        ask(account, at_once, ask_often, concurrency=3)
        assert most == 3


class TestCredentials:
    @pytest.mark.parametrize("missing", ["url", "user_id", "password", "merchant"])
    def test_all_credentials_are_needed(self, missing):
        given = {"url": "https://curb.example/", "user_id": "u", "password": "p", "merchant": "m"}
        with pytest.raises(CurbNotConfigured, match="not given"):
            CurbClient(CurbAccount(**{**given, missing: ""}))

    @pytest.mark.parametrize("url", ["http://curb.example/", "ftp://curb.example/", "curb.example", "http://10.0.0.1/"])
    def test_credentials_do_not_travel_in_the_clear(self, url):
        with pytest.raises(CurbNotConfigured):
            CurbClient(CurbAccount(url=url, user_id="u", password="p", merchant="m"))

    def test_the_password_shows_nowhere(self, serve, at_once, caplog):
        caplog.set_level(logging.DEBUG)
        _, account = serve()
        secret = CurbAccount(url=account.url, user_id="sandbox", password="hunter2-secret", merchant="sandbox")
        with pytest.raises(CurbFault) as failure:
            ask(secret, at_once, get_trips)
        assert "hunter2" not in f"{caplog.text} {secret!r} {failure.value!r} {failure.value.facts}"

    def test_the_password_is_taken_out_of_what_the_server_repeats(self, serve, at_once):
        sandbox, account = serve()
        secret = CurbAccount(url=account.url, user_id="sandbox", password="hunter2-secret", merchant="sandbox")

        async def repeat(path, method, body):
            fault = "<faultcode>Client</faultcode><faultstring>Bad password hunter2-secret</faultstring>"
            return Answer(500, soap.wrap(f"<soap:Fault>{fault}</soap:Fault>"))

        sandbox.answer = repeat
        with pytest.raises(CurbFault, match=r"Bad password \*\*\*"):
            ask(secret, at_once, get_trips)
