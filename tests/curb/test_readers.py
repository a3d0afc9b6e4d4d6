"""Readers of what comes from outside: tolerant of spelling, strict about values, and never at a loss."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curb import soap
from curb.errors import CurbAnswerUnreadable, CurbFault, UnreadableTripFile, UnreadableXml
from curb.importers.transactions import ParsedTransactions, parse_transactions
from curb.importers.trips import ParsedTrips, parse_trips
from curb.importers.xml import read_tree
from tests.curb import trip, trip_file

METHOD = soap.TRIP_LOG
BOMB = (
    b"<!DOCTYPE trips [<!ENTITY a 'aaaaaaaaaa'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8))
    + b"]><trips><RECORD ID='&i;'/></trips>"
)


def transaction(**elements: str) -> dict[str, str]:
    return {
        "CABNUMBER": "9Z90",
        "TRIPDRIVERID": "5000001",
        "NUM_SERVICE": "7",
        "TRIPDATE": "03/03/2026",
        "TRIPTIMESTART": "10:00",
        "TRIPTIMEEND": "10:20",
        "TRIPFARE": "10.00",
        "TRIPTIPS": "3.00",
        "TAX": "0.50",
        "IMPTAX": "0.30",
        "CongFee": "2.50",
        "AMOUNT": "16.30",
        **elements,
    }


def transaction_file(*rows: dict[str, str]) -> bytes:
    reported = "".join(
        f'<tran ROWID="R{number}">{"".join(f"<{name}>{value}</{name}>" for name, value in row.items())}</tran>'
        for number, row in enumerate(rows, start=1)
    )
    return f"<trans>{reported}</trans>".encode()


def read_one(**elements: str):
    parsed = parse_transactions(transaction_file(transaction(**elements)))
    assert parsed.errors == []
    return parsed.transactions[0]


class TestTransactions:
    def test_a_transaction_is_read_and_kept_as_received(self):
        one = read_one()
        assert (one.row_id, one.license, one.cab, one.service_number) == ("R1", "5000001", "9Z90", "7")
        assert one.start_at.astimezone(UTC) == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
        assert one.end_at == datetime(2026, 3, 3, 15, 20, tzinfo=UTC)
        assert (one.amount, one.components["congestion"]) == (Decimal("16.30"), Decimal("2.50"))
        assert one.received == {"ROWID": "R1", **transaction()}
        assert one.raw.startswith('<tran ROWID="R1"><CABNUMBER>')
        assert one.raw.endswith("</tran>")

    def test_elements_are_read_in_any_spelling(self):
        row = transaction(TRIPTRIPS="10.00", congfee="2.50", triptolls="6.94", AIRPORT_FEE="1.75")
        del row["TRIPFARE"], row["CongFee"]
        one = parse_transactions(transaction_file(row)).transactions[0]
        assert [one.components[name] for name in ("fare", "congestion", "tolls", "airport")] == [
            Decimal("10.00"),
            Decimal("2.50"),
            Decimal("6.94"),
            Decimal("1.75"),
        ]

    def test_a_transaction_over_midnight_ends_the_next_day(self):
        one = read_one(TRIPTIMESTART="23:50", TRIPTIMEEND="00:10")
        assert one.end_at is not None
        assert (one.end_at - one.start_at).total_seconds() == 20 * 60

    def test_a_transaction_in_the_hour_that_comes_twice(self):
        one = read_one(TRIPDATE="11/01/2026", TRIPTIMESTART="01:50", TRIPTIMEEND="01:10")
        assert one.end_at is not None
        assert (one.end_at.astimezone(UTC) - one.start_at.astimezone(UTC)).total_seconds() == 20 * 60

    def test_refunds_are_below_zero(self):
        assert read_one(AMOUNT="-16.30").amount == Decimal("-16.30")

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("AMOUNT", "NaN", "'NaN' is not an amount in dollars."),
            ("AMOUNT", "", "The amount is missing."),
            ("TRIPTIMESTART", "", "'03/03/2026 ' is not a moment (MM/DD/YYYY HH:MM:SS)."),
            ("TRIPTIPS", "0.001", "'0.001' is finer than a cent."),
            ("TRIPTRIPS", "10.00", "The element is given twice, in two spellings."),
        ],
    )
    def test_what_can_not_be_read_is_an_error_of_its_row(self, name, value, message):
        parsed = parse_transactions(transaction_file(transaction(**{name: value}), transaction()))
        assert [error.message for error in parsed.errors] == [message]
        assert [one.row_id for one in parsed.transactions] == ["R2"]
        assert parsed.row_count == 2

    @pytest.mark.parametrize("content", [b"<trips/>", b"<trans><x/></trans>", b"<trans>", b"", BOMB])
    def test_other_documents_are_refused(self, content):
        with pytest.raises(UnreadableTripFile):
            parse_transactions(content)


class TestXml:
    def test_keeps_each_record_as_it_came(self):
        content = "<trips><RECORD ID='1' PERIOD='202603' X='é &amp; > />'></RECORD >\n<RECORD ID='2'/><b>/></b></trips>"
        raws = [child.raw for child in read_tree(content.encode()).children]
        assert raws == [
            "<RECORD ID='1' PERIOD='202603' X='é &amp; > />'></RECORD >",
            "<RECORD ID='2'/>",
            "<b>/></b>",
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "windows-1252", "utf-16"])
    def test_reads_the_encoding_that_is_declared(self, encoding):
        declared = encoding.replace("-sig", "")
        text = f"<?xml version='1.0' encoding='{declared}'?><a>é</a>"
        assert read_tree(text.encode(encoding)).text == "é"

    def test_no_entity_is_expanded(self):
        with pytest.raises(UnreadableXml, match="no document type"):
            read_tree(BOMB)
        with pytest.raises(UnreadableXml, match="no document type"):
            read_tree(b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>")
        with pytest.raises(CurbAnswerUnreadable, match="no document type"):
            soap.read_result(METHOD, BOMB)

    def test_a_document_is_not_nested_without_end(self):
        with pytest.raises(UnreadableXml, match="deeper"):
            read_tree(b"<a>" * 1000 + b"</a>" * 1000)


class TestAnswers:
    def answer(self, inside: str, method: str = METHOD) -> bytes:
        return soap.wrap(f'<{method}Response xmlns="{soap.NAMESPACE}">{inside}</{method}Response>')

    @pytest.mark.parametrize("inside", ["", f"<{METHOD}Result/>", f"<{METHOD}Result> </{METHOD}Result>"])
    def test_an_answer_may_be_empty(self, inside):
        assert soap.read_result(METHOD, self.answer(inside)) == ""

    @pytest.mark.parametrize("inner", ["&lt;trips/>", "<![CDATA[<trips/>]]>", "<trips/>"])
    def test_an_answer_holds_a_document(self, inner):
        assert soap.read_result(METHOD, self.answer(f"<{METHOD}Result>{inner}</{METHOD}Result>")) == "<trips/>"

    @pytest.mark.parametrize("content", [b"", b"<html/>", b"<Envelope/>", b"not xml", b"<Envelope><Body/></Envelope>"])
    def test_an_answer_of_another_shape_is_named(self, content):
        with pytest.raises(CurbAnswerUnreadable):
            soap.read_result(METHOD, content)

    def test_an_answer_to_another_question_is_named(self):
        with pytest.raises(CurbAnswerUnreadable, match="something else"):
            soap.read_result(METHOD, self.answer("", method="Other"))

    def test_faults_are_named(self):
        fault = "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>Boom</faultstring></soap:Fault>"
        with pytest.raises(CurbFault, match="Boom") as refusal:
            soap.read_result(METHOD, soap.wrap(fault))
        assert refusal.value.facts == {"method": METHOD, "fault_code": "soap:Server"}


#: Bytes at random, and good documents with a piece replaced by them.
GOOD = st.sampled_from([trip_file([trip(), trip(ID="2")]), transaction_file(transaction(), transaction()), BOMB])
DAMAGED = st.builds(
    lambda good, at, piece, cut: good[: at % len(good)] + piece + good[at % len(good) + cut :],
    GOOD,
    st.integers(0, 5000),
    st.binary(max_size=12)
    | st.sampled_from([b"<", b"&", b"&#0;", b"\x00", b"\xff\xfe", b'"', b"]]>", b"<!DOCTYPE a>"]),
    st.integers(0, 40),
)


class TestAnyBytes:
    @given(st.binary(max_size=200) | DAMAGED)
    @example(b"\xff\xfe<\x00")
    @example(b"<?xml version='1.0' encoding='utf-16'?><trips/>")
    def test_any_bytes_give_a_result_or_a_named_error(self, content):
        with suppress(UnreadableTripFile):
            assert isinstance(parse_trips(content), ParsedTrips)
        with suppress(UnreadableTripFile):
            assert isinstance(parse_transactions(content), ParsedTransactions)
        with suppress(CurbAnswerUnreadable, CurbFault):
            assert isinstance(soap.read_result(METHOD, content), str)

    @given(
        st.dictionaries(
            st.sampled_from([*trip(), "congFEE", "x"]),
            st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30),
        )
    )
    def test_any_values_of_a_record_are_read_or_an_error(self, values):
        parsed = parse_trips(trip_file([{**trip(), **values}]))
        assert parsed.row_count == 1
