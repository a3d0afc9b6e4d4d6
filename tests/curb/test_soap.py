"""The wire format: envelopes out, answers in, and what is neither."""

import pytest

from curb import soap
from curb.errors import CurbAnswerUnreadable, CurbFault
from curb.importers.xml import read_tree

METHOD = soap.CARD_TRANSACTIONS


def answer(inner: str, *, method: str = METHOD) -> bytes:
    return soap.wrap(f"<{method}Response><{method}Result>{inner}</{method}Result></{method}Response>")


def fault(inner: str) -> bytes:
    return soap.wrap(f"<soap:Fault>{inner}</soap:Fault>")


class TestRequests:
    def test_a_request_names_the_method_in_a_header(self):
        headers = soap.build_headers(METHOD)
        assert headers["SOAPAction"] == f'"{soap.NAMESPACE}{METHOD}"'
        assert headers["Content-Type"] == "text/xml; charset=utf-8"

    def test_a_request_keeps_the_order_of_its_parameters(self):
        call = read_tree(soap.build_request(METHOD, {"b": "1", "a": "2", "c": ""})).children[0].children[0]
        assert call.name == METHOD
        assert [(child.name, child.text) for child in call.children] == [("b", "1"), ("a", "2"), ("c", "")]

    @pytest.mark.parametrize("value", ["a & b", "<x/>", "</b>", "]]>", "é", '"quoted"'])
    def test_a_request_carries_a_value_and_no_markup(self, value):
        call = read_tree(soap.build_request(METHOD, {"a": value})).children[0].children[0]
        assert [(child.name, child.text) for child in call.children] == [("a", value)]


class TestResults:
    def test_a_result_is_the_text_inside(self):
        assert soap.read_result(METHOD, answer("&lt;trans/&gt;")) == "<trans/>"

    def test_a_result_is_taken_from_an_answer_that_was_not_escaped(self):
        assert (
            soap.read_result(METHOD, answer("<trans><tran ROWID='1'/></trans>")) == "<trans><tran ROWID='1'/></trans>"
        )

    @pytest.mark.parametrize("content", [answer(""), soap.wrap(f"<{METHOD}Response/>")])
    def test_a_result_may_be_nothing(self, content):
        assert soap.read_result(METHOD, content) == ""

    def test_a_result_is_found_under_any_prefix(self):
        content = answer("x").replace(b"soap:", b"s:").replace(b"xmlns:soap", b"xmlns:s")
        assert soap.read_result(METHOD, content) == "x"

    def test_a_result_of_another_method_is_refused(self):
        with pytest.raises(CurbAnswerUnreadable, match=f"answer to {METHOD} is of something else"):
            soap.read_result(METHOD, answer("x", method=soap.TRIP_LOG))

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "is not well-formed"),
            (b"<html><body>Sign in</body></html>", "is not a SOAP envelope"),
            (b"<Envelope><Header/></Envelope>", "is not a SOAP envelope"),
            (b"<!DOCTYPE x []><Envelope><Body/></Envelope>", "has a document type"),
        ],
    )
    def test_what_is_no_envelope_is_refused(self, content, says):
        with pytest.raises(CurbAnswerUnreadable, match=says):
            soap.read_result(METHOD, content)


class TestFaults:
    def test_a_fault_is_raised_with_its_code(self):
        with pytest.raises(CurbFault, match=f"answered {METHOD} with a fault: No such cab") as refusal:
            soap.read_result(METHOD, fault("<faultcode>soap:Client</faultcode><faultstring>No such cab</faultstring>"))
        assert refusal.value.facts == {"method": METHOD, "fault_code": "soap:Client"}

    def test_a_fault_without_words_is_named_all_the_same(self):
        with pytest.raises(CurbFault, match="no reason given") as refusal:
            soap.read_result(METHOD, fault(""))
        assert refusal.value.facts["fault_code"] == ""

    def test_a_fault_that_never_ends_is_cut(self):
        with pytest.raises(CurbFault) as refusal:
            soap.read_result(METHOD, fault(f"<faultstring>{'x' * 5000}</faultstring>"))
        assert len(refusal.value.message) < soap.MAX_FAULT_TEXT + 100

    def test_a_fault_is_looked_for_in_what_may_be_no_answer_at_all(self):
        found = soap.find_fault(fault("<faultstring>Busy</faultstring>"), METHOD)
        assert isinstance(found, CurbFault)
        assert soap.find_fault(answer("x"), METHOD) is None
        assert soap.find_fault(b"Bad gateway", METHOD) is None
