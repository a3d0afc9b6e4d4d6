"""The wire format: SOAP 1.1, with an XML document as escaped text inside the answer."""

from collections.abc import Mapping
from xml.sax.saxutils import escape  # nosec B406  # it writes, and reads nothing

from curb.errors import CurbAnswerUnreadable, CurbFault, UnreadableXml
from curb.importers.xml import Element, read_tree

NAMESPACE = "https://www.taxitronic.org/VTS_SERVICE/"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
CONTENT_TYPE = "text/xml; charset=utf-8"
MAX_FAULT_TEXT = 300

TRIP_LOG = "GET_TRIPS_LOG10"
CARD_TRANSACTIONS = "Get_Trans_By_Date_Cab12"
RECONCILIATION = "Reconciliation_TRIP_LOG"


def build_headers(method: str) -> dict[str, str]:
    return {"Content-Type": CONTENT_TYPE, "SOAPAction": f'"{NAMESPACE}{method}"'}


def build_request(method: str, parameters: Mapping[str, str]) -> bytes:
    """Return the envelope of a call; the parameters keep their order."""
    values = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parameters.items())
    return wrap(f'<{method} xmlns="{NAMESPACE}">{values}</{method}>')


def wrap(body: str) -> bytes:
    """Return an envelope around a body."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>{body}</soap:Body>'
        "</soap:Envelope>"
    ).encode()


def read_result(method: str, content: bytes) -> str:
    """Return the document inside the answer to a call, as text; empty where CURB has nothing to report.

    :raises CurbFault: CURB answered with a fault
    :raises CurbAnswerUnreadable: not an answer to this method
    """
    body = _read_body(content)
    fault = body.find("Fault")
    if fault is not None:
        raise _name_fault(method, fault)
    response = body.find(f"{method}Response")
    if response is None:
        raise CurbAnswerUnreadable(f"CURB's answer to {method} is of something else.", method=method)
    result = response.find(f"{method}Result")
    if result is None:
        return ""
    # Some servers leave the inner document unescaped: then it is an element.
    return result.children[0].raw if result.children else result.text


def find_fault(content: bytes, method: str) -> CurbFault | None:
    """Return the fault in an answer, if that is what it is. (SOAP 1.1 sends faults with status 500.)"""
    try:
        fault = _read_body(content).find("Fault")
    except CurbAnswerUnreadable:
        return None
    return None if fault is None else _name_fault(method, fault)


def _read_body(content: bytes) -> Element:
    try:
        envelope = read_tree(content)
    except UnreadableXml as problem:
        raise CurbAnswerUnreadable(f"CURB's answer {problem}.") from None
    body = envelope.find("Body") if envelope.name.upper() == "ENVELOPE" else None
    if body is None:
        raise CurbAnswerUnreadable("CURB's answer is not a SOAP envelope with a body.")
    return body


def _name_fault(method: str, fault: Element) -> CurbFault:
    code, text = fault.find("faultcode"), fault.find("faultstring")
    said = text.text[:MAX_FAULT_TEXT] if text is not None and text.text else "no reason given"
    return CurbFault(
        f"CURB answered {method} with a fault: {said}",
        method=method,
        fault_code=code.text[:MAX_FAULT_TEXT] if code is not None else "",
    )
