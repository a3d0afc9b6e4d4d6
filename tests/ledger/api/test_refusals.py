"""The ledger's API, used wrongly: each mistake is named, and nothing is written."""

import json
from decimal import Decimal

import pytest
from django.utils import timezone

from core.api.parsers import MAX_BYTES
from core.errors import ValueInvalid
from ledger import errors
from ledger import services as ledger
from tests.factories import DriverFactory
from tests.ledger.api.client import (
    BALANCES,
    PAYMENT,
    POSTINGS,
    client_with,
    count_written,
    errors_of,
    pay,
    problem_of,
    void,
)

pytestmark = pytest.mark.django_db


class TestPaymentInput:
    @pytest.mark.parametrize(
        ("amount", "code"),
        [
            ("0", "invalid_amount"),
            ("0.00", "invalid_amount"),
            (0, "invalid_amount"),
            ("-5.00", "invalid_amount"),
            ("0.001", "invalid_amount"),
            ("10.005", "invalid_amount"),
            ("NaN", "invalid_amount"),
            ("sNaN", "invalid_amount"),
            ("Infinity", "invalid_amount"),
            ("-Infinity", "invalid_amount"),
            ("1e12", "invalid_amount"),
            ("1e1", "invalid_amount"),
            ("1_0", "invalid_amount"),
            (" 10", "invalid_amount"),
            ("\u0661\u0660", "invalid_amount"),
            ("1e999999", "invalid_amount"),
            ("1e-999999", "invalid_amount"),
            ("10000000000.00", "invalid_amount"),
            (10**30, "invalid_amount"),
            (-(10**4000), "invalid_amount"),
            ("1" * 100_000, "invalid_amount"),
            ("ten", "invalid_amount"),
            ("", "invalid_amount"),
            ("$10", "invalid_amount"),
            ("10,00", "invalid_amount"),
            (True, "invalid_amount"),
            ([], "invalid_amount"),
            ({}, "invalid_amount"),
            ("+10", "invalid_amount"),
            (".5", "invalid_amount"),
            ("5.", "invalid_amount"),
            ("010", "invalid_amount"),
            ("10.00\n", "invalid_amount"),
            (10.001, "invalid_amount"),
            (1e12, "invalid_amount"),
            (1e16, "invalid_amount"),
            (1e-7, "invalid_amount"),
            (-0.5, "invalid_amount"),
            (None, "null"),
        ],
    )
    def test_an_amount_that_is_none(self, client, body, nothing_written, amount, code):
        assert errors_of(pay(client, {**body, "payment_amount": amount})) == [("payment_amount", code)]
        allocations = [{"reference_id": "MISC-1", "amount": amount}]
        assert errors_of(pay(client, {**body, "allocations": allocations})) == [("allocations.0.amount", code)]

    @pytest.mark.parametrize("written", ["1e1", "1.5e1", "10.500", "1E+1", "10.0000000000000001", "-10.5", "0.0"])
    def test_a_number_is_read_as_it_is_written(self, client, body, nothing_written, written):
        text = json.dumps({**body, "payment_amount": 7}).replace('"payment_amount": 7', f'"payment_amount": {written}')

        response = client.post(PAYMENT, text, content_type="application/json", headers={"Idempotency-Key": "k"})

        assert errors_of(response) == [("payment_amount", "invalid_amount")]

    def test_the_amount_under_both_its_names(self, client, body, nothing_written):
        both = {**body, "total_payment_amount": "100.00"}

        assert errors_of(pay(client, both)) == [("payment_amount", "given_twice")]

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"payment_method": "BITCOIN"}, [("payment_method", "invalid_choice")]),
            ({"payment_method": {}}, [("payment_method", "invalid_choice")]),
            ({"driver_id": 1.5}, [("driver_id", "invalid")]),
            ({"driver_id": 1e16}, [("driver_id", "invalid")]),
            ({"driver_id": True}, [("driver_id", "invalid")]),
            ({"driver_id": 0}, [("driver_id", "invalid")]),
            ({"driver_id": 2**63}, [("driver_id", "invalid")]),
            ({"driver_id": "1; DROP TABLE ledger_postings"}, [("driver_id", "invalid")]),
            ({"driver_id": "9" * 5000}, [("driver_id", "invalid")]),
            ({"driver_id": None}, [("driver_id", "null")]),
            ({"instrument_number": 1041}, [("instrument_number", "invalid")]),
            ({"instrument_number": "1" * 41}, [("instrument_number", "max_length")]),
            ({"deposit": "-1.00"}, [("deposit", "invalid_amount")]),
            ({"allocations": None}, [("allocations", "null")]),
            ({"allocations": "MISC-1"}, [("allocations", "invalid")]),
            ({"allocations": {"MISC-1": 40.001}}, [("allocations.MISC-1", "invalid_amount")]),
            ({"allocations": {"": "40.00"}}, [("allocations.", "blank")]),
            ({"allocations": {"R" * 65: "40.00"}}, [(f"allocations.{'R' * 65}", "max_length")]),
            ({"allocations": ["MISC-1"]}, [("allocations.0", "invalid")]),
            ({"allocations": [{}]}, [("allocations.0.reference_id", "required"), ("allocations.0.amount", "required")]),
            (
                {"allocations": [{"reference_id": "R" * 10_000, "amount": "1.00"}]},
                [("allocations.0.reference_id", "max_length")],
            ),
            ({"allocations": [{"reference_id": 17, "amount": "1.00"}]}, [("allocations.0.reference_id", "invalid")]),
            ({"allocations": [{"reference_id": "M", "amount": "1.00"}] * 2}, [("allocations", "duplicate_reference")]),
            (
                {"allocations": [{"reference_id": f"M-{n}", "amount": "1.00"} for n in range(501)]},
                [("allocations", "max_length")],
            ),
            (
                {"allocations": [{"reference_id": "MISC-1", "amount": "1.00", "category": "MISC"}]},
                [("allocations.0.category", "unknown_field")],
            ),
            ({"alocations": []}, [("alocations", "unknown_field")]),
            ({"effective_on": "2020-01-01"}, [("effective_on", "unknown_field")]),
            ({"actor": 1, "payment_amount": 0}, [("actor", "unknown_field"), ("payment_amount", "invalid_amount")]),
        ],
    )
    def test_a_field_that_is_wrong(self, client, body, nothing_written, change, expected):
        assert errors_of(pay(client, {**body, **change})) == expected

    @pytest.mark.parametrize(
        ("missing", "told"),
        [
            ("driver_id", "driver_id"),
            ("payment_amount", "total_payment_amount"),
            ("payment_method", "payment_method"),
        ],
    )
    def test_a_field_that_is_missing(self, client, body, nothing_written, missing, told):
        del body[missing]

        assert errors_of(pay(client, body)) == [(told, "required")]

    @pytest.mark.parametrize("not_an_object", [[], "text", 17, None, True])
    def test_a_body_that_is_no_object(self, client, nothing_written, not_an_object):
        response = client.post(
            PAYMENT, json.dumps(not_an_object), content_type="application/json", headers={"Idempotency-Key": "k"}
        )

        assert errors_of(response)[0][0] in {"", "driver_id"}

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            (b"{", "The body is not JSON"),
            (b"{} {}", "The body is not JSON"),
            (b"\xff\xfe", "The body is not JSON"),
            (b'{"payment_amount": NaN}', "NaN is no JSON number"),
            (b'{"payment_amount": -Infinity}', "-Infinity is no JSON number"),
            (b'{"driver_id": 1, "driver_id": 2}', "'driver_id' is given twice"),
            (b'{"driver_id": "\\ud800"}', "half a surrogate pair"),
            (b'{"\\udfff": 1}', "half a surrogate pair"),
            (b'{"instrument_number": "1\\u0000"}', "U+0000"),
            (b'[{"\\u0000": 1}]', "U+0000"),
            (b'{"a":' * 400 + b'"\\u0000"' + b"}" * 400, "U+0000"),
            (b"[" * 400 + b'"\\u0000"' + b"]" * 400, "U+0000"),
            (b"[" * 60_000, "nested too deeply"),
            (b'{"driver_id": ' + b"1" * 5000 + b"}", "The body is not JSON"),
        ],
    )
    def test_a_body_that_is_no_json(self, client, nothing_written, sent, said):
        response = client.post(PAYMENT, sent, content_type="application/json", headers={"Idempotency-Key": "k"})

        assert problem_of(response) == (400, "parse_error")
        assert said in response.json()["detail"]

    def test_a_body_that_is_too_large(self, client, nothing_written):
        sent = b'{"driver_id": "' + b" " * MAX_BYTES + b'"}'

        response = client.post(PAYMENT, sent, content_type="application/json", headers={"Idempotency-Key": "k"})

        assert problem_of(response) == (413, "body_too_large")

    def test_a_body_without_its_length(self, client, nothing_written):
        # As a server passes on a body sent in chunks.
        headers = {"Idempotency-Key": "k", "Transfer-Encoding": "chunked"}

        response = client.generic("POST", PAYMENT, headers=headers)

        assert problem_of(response) == (411, "length_required")

    @pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "application/xml"])
    def test_a_body_that_is_something_else(self, client, nothing_written, content_type):
        response = client.post(PAYMENT, b"driver_id=1", content_type=content_type, headers={"Idempotency-Key": "k"})

        assert problem_of(response) == (415, "unsupported_media_type")


class TestPaymentRefused:
    """What only the ledger can know, with its own status and code."""

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"driver_id": 987654321}, errors.DriverNotFound),
            ({"lease_id": 987654321}, errors.LeaseNotFound),
            ({"allocations": [{"reference_id": "MISC-9", "amount": "1.00"}]}, errors.ReferenceNotFound),
            ({"allocations": [{"reference_id": "MISC 1", "amount": "1.00"}]}, ValueInvalid),
            ({"allocations": [{"reference_id": "MISC-1", "amount": "60.01"}]}, errors.OverAllocation),
            ({"allocations": [{"reference_id": "MISC-1", "amount": "100.01"}]}, errors.AllocationsExceedPayment),
            ({"payment_method": "CHECK"}, ValueInvalid),
            ({"deposit": "100.01"}, errors.AllocationsExceedPayment),
            ({"deposit": "10.00"}, ValueInvalid),
        ],
    )
    def test_each_refusal_of_a_payment_is_named(self, client, body, nothing_written, change, refusal):
        if "driver_id" in change:
            body["allocations"] = []

        assert problem_of(pay(client, {**body, **change})) == (refusal.http_status, refusal.code)

    def test_another_drivers_obligation_is_refused(self, client, body, nothing_written):
        body["driver_id"] = DriverFactory.create().pk

        assert problem_of(pay(client, body)) == (409, "another_drivers_obligation")

    def test_says_which_figures(self, client, body, nothing_written):
        body["allocations"][0]["amount"] = "60.01"

        problem = pay(client, body).json()

        assert problem["field"] == "allocations"
        assert problem["facts"] == {"reference_id": "MISC-1", "remaining": "60.00"}
        assert problem["detail"] == "$60.01 is more than the $60.00 that remains on MISC-1."

    def test_an_obligation_that_is_settled_is_refused(self, client, body):
        body["allocations"][0]["amount"] = "60.00"
        assert pay(client, body, key="first").status_code == 201
        before = count_written()

        assert problem_of(pay(client, body, key="second")) == (409, "obligation_closed")
        assert count_written() == before


class TestVoidRefused:
    @pytest.mark.parametrize(
        ("sent", "expected"),
        [
            ({}, [("reason", "required")]),
            ({"reason": None}, [("reason", "null")]),
            ({"reason": 17}, [("reason", "invalid")]),
            ({"reason": "x" * 501}, [("reason", "max_length")]),
            ({"reason": "x", "cascade": "maybe"}, [("cascade", "invalid")]),
            ({"reason": "x", "cascade": None}, [("cascade", "null")]),
            ({"reason": "x", "posting_id": 1}, [("posting_id", "unknown_field")]),
        ],
    )
    def test_bad_input_of_a_void_is_named(self, client, nothing_written, sent, expected):
        assert errors_of(void(client, 1, sent)) == expected

    @pytest.mark.parametrize("blank", ["", "   ", "\n"])
    def test_a_reason_that_says_nothing(self, client, nothing_written, blank):
        assert problem_of(void(client, 1, {"reason": blank})) == (400, "reason_required")

    def test_a_void_of_a_void_is_refused(self, client):
        posting = ledger.create_obligation(
            category="MISC",
            amount=Decimal("60.00"),
            reference_id="MISC-1",
            driver_id=DriverFactory.create().pk,
            effective_on=timezone.localdate(),
        )
        (reversal,) = ledger.void_posting(
            posting_id=posting.pk, reason="an error", actor=None, effective_on=timezone.localdate()
        )
        before = count_written()

        assert problem_of(void(client, reversal.pk, {"reason": "undo that"})) == (409, "void_of_void")
        assert count_written() == before


class TestCategory:
    @pytest.mark.parametrize("address", ["obligations", "credits"])
    @pytest.mark.parametrize("category", ["BONUS", "PAYMENT", "DEPOSIT", "EARNINGS"])
    def test_one_that_is_none_is_told_those_there_are(self, body, nothing_written, address, category):
        fields = {"driver_id": body["driver_id"], "category": category, "amount": "25.50", "reference_id": "KEYS-1"}
        fields |= {"reason": "A day in the shop"} if address == "credits" else {}

        refused = client_with("post_obligation", "credit_driver").post(f"/api/ledger/{address}", fields, format="json")

        assert problem_of(refused) == (400, "invalid_input")
        assert refused.json()["errors"] == [
            {
                "field": "category",
                "code": "invalid_choice",
                "detail": "It is one of TAXES, EZPASS, LEASE, RECOVERY, PVB, TLC, REPAIR, LOAN, MISC.",
            }
        ]


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("driver=abc", [("driver", "invalid")]),
            ("driver=", [("driver", "invalid")]),
            ("driver=-1", [("driver", "invalid")]),
            ("driver=%00", [("driver", "invalid")]),
            ("driver=%D9%A1", [("driver", "invalid")]),
            ("driver=99999999999999999999", [("driver", "invalid")]),
            ("driver=1&driver=2", [("driver", "repeated")]),
            ("drivr=1", [("drivr", "unknown_field")]),
            ("status=open", [("status", "invalid_choice")]),
            ("entry_type=OWED", [("entry_type", "invalid_choice")]),
            ("category=FUN", [("category", "invalid_choice")]),
            ("page_size=0", [("page_size", "min_value")]),
            ("page_size=201", [("page_size", "max_value")]),
            ("page_size=many", [("page_size", "invalid")]),
            ("format=csv", [("format", "unknown_field")]),
        ],
    )
    def test_a_wrong_parameter_is_named(self, client, query, expected):
        assert errors_of(client.get(f"{BALANCES}?{query}")) == expected

    def test_thousands_of_parameters_are_refused(self, client):
        query = "&".join(f"name{number}=1" for number in range(2000))

        assert problem_of(client.get(f"{BALANCES}?{query}")) == (400, "bad_request")

    @pytest.mark.parametrize("reference", ["R" * 65, "%00"])
    def test_a_reference_that_can_be_none(self, client, reference):
        assert errors_of(client.get(f"{POSTINGS}?reference_id={reference}"))[0][0] == "reference_id"

    @pytest.mark.parametrize(
        "cursor",
        [
            *("rubbish", "%C3%A9", "cD1hYmM=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ==", "cD0tMQ==", "bz0tMQ=="),
            *("cD3ZoQ==", "AAAA", "AAAAAAAA", "===="),
            # p=9223372036854775808, p=, r=1, o=1, o=0&p=5, p=5&x=1, p=5&p=6, r=0&p=5, p=5&r=1
            *("cD05MjIzMzcyMDM2ODU0Nzc1ODA4", "cD0=", "cj0x", "bz0x", "bz0wJnA9NQ==", "cD01Jng9MQ==", "cD01JnA9Ng=="),
            *("cj0wJnA9NQ==", "cD01JnI9MQ=="),
            # p=5, with what base64 passes over, and with more behind it
            *("cD!01", "cD01AAAA"),
        ],
    )
    def test_a_cursor_that_is_not_ours(self, client, cursor):
        for address in (BALANCES, POSTINGS):
            assert problem_of(client.get(f"{address}?cursor={cursor}")) == (400, "invalid_cursor")
