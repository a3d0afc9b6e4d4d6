"""The sandbox speaks the protocol, and misbehaves exactly as it is set to."""

import asyncio
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from curb import soap
from curb.errors import CurbFault, PortTaken, UnreadableTripRecords
from curb.importers.transactions import parse_transactions
from curb.importers.trips import parse_trips
from curb.sandbox import Behavior, CsvTrips, GeneratedTrips, GivenTrips, Sandbox, run_in_thread, serve, service
from curb.sandbox.service import Answer
from tests.curb import trip, trip_file
from tests.curb.conftest import PAIRS
from tests.curb.test_commands import CSV_ROW, write_csv

DAY = datetime(2026, 3, 3)  # noqa: DTZ001 - a wall clock in New York
END_OF_DAY = DAY.replace(hour=23, minute=59, second=59)
WHO = {"UserId": "sandbox", "Password": "sandbox", "Merchant": "sandbox"}
LOG = {"DRIVERID": "", "CABNUMBER": "", "DATE_FROM": "03/03/2026", "DATE_TO": "03/03/2026", "RECON_STAT": "-1"}
CARDS = {"fromDateTime": "03/03/2026", "ToDateTime": "03/03/2026", "CabNumber": "", "TranType": "ALL"}


def make(*records: dict[str, str], **behavior: Any) -> Sandbox:
    trips = GivenTrips(records) if records else GeneratedTrips(PAIRS)
    return Sandbox(trips, behavior=Behavior(**behavior))


def call(sandbox: Sandbox, method: str = soap.TRIP_LOG, /, **values: str) -> Answer:
    given = {soap.TRIP_LOG: LOG, soap.CARD_TRANSACTIONS: CARDS}.get(method, {})
    request = soap.build_request(method, {**WHO, **given, **values})
    return asyncio.run(sandbox.answer("/", "POST", request))


def ask(sandbox: Sandbox, method: str = soap.TRIP_LOG, /, **values: str) -> str:
    answer = call(sandbox, method, **values)
    assert answer.body is not None
    return soap.read_result(method, answer.body)


def list_records(sandbox: Sandbox, **values: str) -> list[str]:
    text = ask(sandbox, **values)
    return [one.record_id for one in parse_trips(text.encode()).trips] if text else []


def list_rows(sandbox: Sandbox, **values: str) -> list[str]:
    text = ask(sandbox, soap.CARD_TRANSACTIONS, **values)
    return [one.row_id for one in parse_transactions(text.encode()).transactions] if text else []


def control(sandbox: Sandbox, method: str = "GET", body: bytes = b"") -> tuple[int, dict[str, Any]]:
    answer = asyncio.run(sandbox.answer("/control", method, body))
    assert answer.body is not None
    return answer.status, json.loads(answer.body)


class TestCalls:
    def test_the_log_is_of_a_window(self):
        sandbox = make(trip(ID="A"), trip(ID="B", START_DATE="03/04/2026 00:00:00"))
        assert list_records(sandbox) == ["A"]
        assert list_records(sandbox, DATE_TO="03/04/2026") == ["A", "B"]
        assert list_records(sandbox, DATE_FROM="03/03/2026 10:00:01") == []

    def test_the_log_may_be_of_one_driver_or_one_cab(self):
        sandbox = make(trip(ID="A"), trip(ID="B", DRIVER="5000002", CABNUMBER="9Z91"))
        assert list_records(sandbox, DRIVERID="5000002") == ["B"]
        assert list_records(sandbox, CABNUMBER="9Z90") == ["A"]

    def test_the_log_may_be_of_what_a_receipt_settled(self):
        sandbox = make(trip(ID="A"), trip(ID="B"))
        assert ask(sandbox, soap.RECONCILIATION, RECON_STAT="7", ListIDs="A") == "1"
        assert list_records(sandbox, RECON_STAT="7") == ["A"]
        assert list_records(sandbox, RECON_STAT="0") == ["B"]
        assert list_records(sandbox, RECON_STAT="-1") == ["A", "B"]

    def test_a_later_receipt_takes_the_place_of_an_earlier_one(self):
        sandbox = make(trip(ID="A"))
        for number in ("7", "8"):
            ask(sandbox, soap.RECONCILIATION, RECON_STAT=number, ListIDs="A,,")
        assert sandbox.receipts == {"A": 8}

    def test_cards_alone_have_transactions(self):
        sandbox = make(trip(ID="A"), trip(ID="B", T="$"))
        assert list_rows(sandbox) == ["202603A"]
        assert list_rows(sandbox, TranType="AP") == ["202603A"]
        assert list_rows(sandbox, TranType="DC") == []
        assert list_rows(sandbox, CabNumber="9Z91") == []

    def test_a_transaction_says_what_its_trip_says(self):
        (one,) = parse_transactions(ask(make(trip(ID="A")), soap.CARD_TRANSACTIONS).encode()).transactions
        assert (one.license, one.cab, one.amount) == ("5000001", "9Z90", Decimal("17.30"))
        assert one.components["congestion"] == Decimal("2.50")

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"Password": "wrong"}, "Invalid user, password or merchant"),
            ({"Merchant": ""}, "Invalid user, password or merchant"),
            ({"DATE_FROM": "2026-03-03"}, "'2026-03-03' is not a date"),
            ({"DATE_TO": ""}, "'' is not a date"),
            ({"RECON_STAT": "x"}, "RECON_STAT is a number"),
        ],
    )
    def test_what_is_wrong_with_a_question_is_a_fault_of_the_client(self, values, says):
        with pytest.raises(CurbFault, match=says) as refusal:
            ask(make(), **values)
        assert refusal.value.facts["fault_code"] == "soap:Client"

    @pytest.mark.parametrize("number", ["0", "-1", ""])
    def test_a_receipt_has_a_number_above_zero(self, number):
        with pytest.raises(CurbFault, match="RECON_STAT is a"):
            ask(make(), soap.RECONCILIATION, RECON_STAT=number, ListIDs="A")

    def test_there_is_no_other_method(self):
        with pytest.raises(CurbFault, match="There is no method DROP_TABLES"):
            ask(make(), "DROP_TABLES")

    @pytest.mark.parametrize(
        ("body", "says"), [(b"nonsense", "The request is not well-formed"), (b"<a/>", "The request has no body")]
    )
    def test_what_is_no_request_is_a_fault(self, body, says):
        answer = asyncio.run(make().answer("/", "POST", body))
        assert answer.status == 500
        assert answer.body is not None
        assert says in answer.body.decode()

    def test_a_browser_gets_a_sentence(self):
        answer = asyncio.run(make().answer("/", "GET", b""))
        assert (answer.status, answer.body) == (405, b"SOAP calls are POST requests.\n")


class TestBehavior:
    def test_the_sandbox_waits_before_it_answers(self, monkeypatch):
        waits: list[float] = []

        async def wait(seconds: float) -> None:
            waits.append(seconds)

        monkeypatch.setattr(service.asyncio, "sleep", wait)
        list_records(make())
        assert waits == []
        list_records(make(delay=90.5))
        assert waits == [90.5]

    def test_the_sandbox_drops_every_third_call_without_and_within_an_answer_in_turn(self):
        sandbox = make(drop_every=3)
        answers = [call(sandbox) for _ in range(6)]
        assert [(answer.body is None, answer.is_cut) for answer in answers] == [
            (False, False), (False, False), (True, False), (False, False), (False, False), (False, True),
        ]  # fmt: skip

    def test_the_sandbox_fails_every_second_call(self):
        sandbox = make(error_every=2)
        assert [call(sandbox).status for _ in range(4)] == [200, 503, 200, 503]

    def test_the_sandbox_answers_every_second_call_with_a_fault_of_its_own(self):
        sandbox = make(fault_every=2)
        list_records(sandbox)
        with pytest.raises(CurbFault, match="Server was unable to process request") as refusal:
            list_records(sandbox)
        assert refusal.value.facts["fault_code"] == "soap:Server"

    def test_the_sandbox_cuts_the_inner_document_in_half(self):
        whole, cut = ask(make()), ask(make(garble_every=1))
        assert whole.startswith(cut)
        assert len(cut) == len(whole) // 2
        assert ask(make(garble_every=1), CABNUMBER="0A00") == "<"  # nothing can't be cut in half

    def test_the_sandbox_reports_a_trip_twice_and_a_duplicate_of_its_card(self):
        sandbox = make(trip(ID="A"), trip(ID="B"), duplicate_every=2)
        assert list_records(sandbox) == ["A", "B", "B"]
        assert list_rows(sandbox, TranType="DUP") == ["202603BD"]

    def test_the_sandbox_reports_a_declined_card_before_a_cash_trip(self):
        sandbox = make(trip(ID="A", T="$"), trip(ID="B", T="$"), declined_every=2)
        assert list_rows(sandbox, TranType="DC") == ["202603BN"]
        assert list_rows(sandbox, TranType="AP") == []

    def test_the_sandbox_keeps_late_trips_back_until_it_is_changed(self):
        sandbox = make(trip(ID="A"), trip(ID="B"), late_every=2)
        assert (list_records(sandbox), list_rows(sandbox)) == (["A"], ["202603A"])
        control(sandbox, "POST", b'{"late_every": 0}')
        assert list_records(sandbox) == ["A", "B"]

    @pytest.mark.parametrize(
        "changes",
        [{"speed": 1}, {"delay": -1}, {"drop_every": 1.5}, {"drop_every": True}, {"delay": "1"}, {"delay": 10_000}],
    )
    def test_the_sandbox_refuses_what_it_can_not_be(self, changes):
        with pytest.raises(ValueError, match=r"There is no speed|is a number from 0 on"):
            Behavior().changed(changes)


class TestControl:
    def test_control_shows_how_it_behaves_and_what_it_was_asked(self):
        sandbox = make(trip(ID="A"), error_every=5)
        list_records(sandbox)
        ask(sandbox, soap.RECONCILIATION, RECON_STAT="7", ListIDs="A")
        status, state = control(sandbox)
        assert (status, state["error_every"], state["calls"], state["reconciled"]) == (200, 5, 2, 1)

    def test_control_changes_one_thing_and_leaves_the_others(self):
        sandbox = make(error_every=5)
        assert control(sandbox, "POST", b'{"drop_every": 3}')[0] == 200
        assert (sandbox.behavior.error_every, sandbox.behavior.drop_every) == (5, 3)
        assert control(sandbox, "POST")[0] == 200

    @pytest.mark.parametrize("body", [b"[]", b"{", b'{"speed": 1}', b'{"delay": null}', b"\xff"])
    def test_control_refuses_nonsense(self, body):
        sandbox = make(error_every=5)
        status, state = control(sandbox, "POST", body)
        assert status == 400
        assert state["error"]
        assert sandbox.behavior == Behavior(error_every=5)


class TestServer:
    def test_the_server_answers_over_http_and_closes_each_connection(self):
        with run_in_thread(make(trip(ID="A"))) as url:
            answer = httpx.post(url, content=soap.build_request(soap.TRIP_LOG, {**WHO, **LOG}), trust_env=False)
            assert answer.status_code == 200
            assert answer.headers["connection"] == "close"
            assert 'ID="A"' in soap.read_result(soap.TRIP_LOG, answer.content)
            assert httpx.get(f"{url}control?x=1", trust_env=False).json()["calls"] == 1

    @pytest.mark.parametrize(
        "request_",
        [b"\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
         b"POST / HTTP/1.1\r\nContent-Length: ten\r\n\r\n"],
    )  # fmt: skip
    def test_the_server_hangs_up_on_what_is_no_request_and_goes_on(self, request_):
        async def send(host: str, port: int) -> bytes:
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(request_)
            answer = await asyncio.wait_for(reader.read(), timeout=5)
            writer.close()
            return answer

        with run_in_thread(make()) as url:
            address = httpx.URL(url)
            assert address.port is not None
            assert asyncio.run(send(address.host, address.port)) == b""
            assert httpx.get(f"{url}control", trust_env=False).status_code == 200

    def test_a_dropped_connection_has_no_answer(self):
        with run_in_thread(make(drop_every=1)) as url:
            request = soap.build_request(soap.TRIP_LOG, {**WHO, **LOG})
            for _ in range(2):
                with pytest.raises(httpx.TransportError):
                    httpx.post(url, content=request, trust_env=False)

    def test_a_port_that_is_taken_is_named(self):
        with run_in_thread(make()) as url:
            port = httpx.URL(url).port
            assert port is not None
            with pytest.raises(PortTaken, match=f"Port {port} can't be used"):
                asyncio.run(serve(make(), port=port, started=print, stop=asyncio.Event()))


class TestGeneratedTrips:
    def test_made_up_trips_are_the_same_for_the_same_seed(self):
        first, second = (GeneratedTrips(PAIRS).list_trips(DAY, END_OF_DAY) for _ in range(2))
        assert first == second
        assert first != GeneratedTrips(PAIRS, seed="other").list_trips(DAY, END_OF_DAY)

    def test_a_made_up_day_is_the_same_in_every_window(self):
        trips = GeneratedTrips(PAIRS)
        week = trips.list_trips(datetime(2026, 3, 1), datetime(2026, 3, 7, 23, 59, 59))  # noqa: DTZ001
        assert [one for one in week if one.start.date() == date(2026, 3, 3)] == trips.list_trips(DAY, END_OF_DAY)

    def test_made_up_trips_are_in_the_order_they_started_and_add_up(self):
        trips = GeneratedTrips(PAIRS).list_trips(DAY, END_OF_DAY)
        assert [one.start for one in trips] == sorted(one.start for one in trips)
        parts = ("TRIP", "TIPS", "EXTRAS", "TOLLS", "TAX", "IMPTAX", "CONGFEE", "airportFee", "cbdt")
        for one in trips:
            assert sum(Decimal(one.record[name]) for name in parts) == Decimal(one.record["TOTAL_AMOUNT"])

    def test_everyone_drives_on_a_made_up_day(self):
        trips = GeneratedTrips(PAIRS).list_trips(DAY, END_OF_DAY)
        assert {(one.record["DRIVER"], one.record["CABNUMBER"]) for one in trips} == set(PAIRS)


class TestAlteredTrips:
    def test_a_tip_that_settled_later_is_in_both_lists(self):
        sandbox = make(trip(ID="A"), trip(ID="B", T="$"), amended_every=1)
        first, second = parse_trips(ask(sandbox).encode()).trips
        assert [(str(one.amounts["tips"]), str(one.total), one.adds_up) for one in (first, second)] == [
            ("5.00", "19.30", True), ("3.00", "17.30", True),
        ]  # fmt: skip
        (listed,) = parse_transactions(ask(sandbox, soap.CARD_TRANSACTIONS).encode()).transactions
        assert str(listed.amount) == "19.30"

    def test_an_attribute_that_nobody_knows_is_in_the_total(self):
        sandbox = make(trip(ID="A", TOTAL_AMOUNT="1,017.30", TRIP="1010.00"), fund_every=1)
        (one,) = parse_trips(ask(sandbox).encode()).trips
        assert ([(got.name, str(got.amount)) for got in one.unknown], one.received["TOTAL_AMOUNT"]) == (
            [("newFund", "1.05")], "1018.35",
        )  # fmt: skip


class TestCsvTrips:
    def test_the_trips_of_one_vendor_are_dealt_out_in_turn(self, tmp_path):
        path = tmp_path / "yellow.csv"
        write_csv(path, [CSV_ROW, {**CSV_ROW, "VendorID": "1"}, {**CSV_ROW, "payment_type": "2"}, CSV_ROW])
        trips = CsvTrips(path, PAIRS).list_trips(datetime(2019, 3, 4), datetime(2019, 3, 5))  # noqa: DTZ001
        assert [one.record["DRIVER"] for one in trips] == ["5000001", "5000002", "5000001"]
        assert [one.record["T"] for one in trips] == ["C", "$", "C"]
        assert trips[0].record["TOTAL_AMOUNT"] == "11.3"

    @pytest.mark.parametrize("spell", [str, str.upper, str.title, lambda name: f" {name}"])
    def test_columns_are_known_in_any_case(self, tmp_path, spell):
        path = tmp_path / "yellow.csv"
        later = {**CSV_ROW, "Airport_fee": "1.75", "cbd_congestion_fee": "0.75", "total_amount": "13.8"}
        write_csv(path, [{spell(name): value for name, value in later.items()}])
        (one,) = CsvTrips(path, PAIRS).list_trips(datetime(2019, 3, 4), datetime(2019, 3, 5))  # noqa: DTZ001
        assert (one.record["airportFee"], one.record["cbdt"]) == ("1.75", "0.75")
        (received,) = parse_trips(trip_file([one.record])).trips
        assert (received.total, received.adds_up, received.missing) == (Decimal("13.80"), True, ())

    def test_a_column_that_is_there_twice_is_refused(self, tmp_path):
        path = tmp_path / "yellow.csv"
        write_csv(path, [{**CSV_ROW, "AIRPORT_FEE": "1.75", "airport_fee": "1.75"}])
        with pytest.raises(UnreadableTripRecords, match="has a column twice"):
            CsvTrips(path, PAIRS)

    def test_a_file_of_an_earlier_year_names_every_tax(self, tmp_path):
        path = tmp_path / "yellow.csv"
        write_csv(path, [CSV_ROW])
        (one,) = CsvTrips(path, PAIRS).list_trips(datetime(2019, 3, 4), datetime(2019, 3, 5))  # noqa: DTZ001
        assert (one.record["airportFee"], one.record["cbdt"]) == ("0.00", "0.00")

    def test_an_unknown_kind_of_payment_is_no_charge(self, tmp_path):
        path = tmp_path / "yellow.csv"
        write_csv(path, [{**CSV_ROW, "payment_type": "9"}])
        (one,) = CsvTrips(path, PAIRS).list_trips(datetime(2019, 3, 4), datetime(2019, 3, 5))  # noqa: DTZ001
        assert one.record["T"] == "N"

    def test_a_row_of_another_width_is_named(self, tmp_path):
        path = tmp_path / "yellow.csv"
        write_csv(path, [CSV_ROW])
        path.write_text(path.read_text() + "1,2\n")
        with pytest.raises(UnreadableTripRecords, match="Line 3 has another number of fields"):
            CsvTrips(path, PAIRS)

    def test_trips_of_a_file_need_somebody_to_drive_them(self, tmp_path):
        with pytest.raises(UnreadableTripRecords, match="nobody to deal the trips out to"):
            CsvTrips(tmp_path / "yellow.csv", [])
