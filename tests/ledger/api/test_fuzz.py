"""Whatever is sent to the ledger's API is answered below 500."""

import json
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.models import InterimPayment
from tests.ledger.api.client import (
    BALANCES,
    PAYMENT,
    POSTINGS,
    count_written,
    problem_of,
)

pytestmark = pytest.mark.django_db

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["CASH", "MISC-1", "1.00"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
THE_DRIVER = "the driver"
nearly_right = st.fixed_dictionaries(
    {
        "driver_id": st.just(THE_DRIVER) | json_values,
        "payment_amount": st.just("10.00") | st.decimals().map(str) | json_values,
        "payment_method": st.just("CASH") | json_values,
    },
    optional={
        "allocations": st.lists(
            st.fixed_dictionaries({"reference_id": st.text() | json_values, "amount": st.just("1.00") | json_values})
        )
        | json_values,
        "lease_id": json_values,
        "deposit": json_values,
        "instrument_number": json_values,
    },
)
fuzz = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class TestAnyBody:
    """Whatever is sent is answered below 500: as a payment or void made, or as a problem."""

    @fuzz
    @given(sent=nearly_right | json_values)
    def test_any_body_of_a_payment_is_answered(self, client, body, sent):
        if isinstance(sent, dict) and sent.get("driver_id") == THE_DRIVER:
            sent["driver_id"] = body["driver_id"]
        before = count_written()

        response = client.post(
            PAYMENT, json.dumps(sent), content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
        )

        if response.status_code == 201:
            assert InterimPayment.objects.count() == before["InterimPayment"] + 1
        else:
            assert problem_of(response)[0] < 500
            assert count_written() == before

    @fuzz
    @given(sent=st.fixed_dictionaries({"reason": st.text() | json_values}) | json_values, posting_id=st.integers(0))
    def test_any_body_of_a_void_is_answered(self, client, sent, posting_id):
        response = client.post(f"{POSTINGS}/{posting_id}/void", json.dumps(sent), content_type="application/json")

        assert problem_of(response)[0] < 500

    @fuzz
    @given(sent=st.binary(max_size=200))
    def test_a_body_that_is_not_even_json_is_answered(self, client, sent):
        response = client.post(PAYMENT, sent, content_type="application/json", headers={"Idempotency-Key": "k"})

        assert problem_of(response)[0] < 500

    @fuzz
    @given(query=st.dictionaries(st.sampled_from(["driver", "status", "cursor", "page_size", "x"]), st.text()))
    def test_any_query_is_answered(self, client, query):
        response = client.get(BALANCES, query)

        assert response.status_code == 200 or problem_of(response)[0] == 400
