"""What the sandbox answers: the three methods, over its trips, in the protocol's own words."""

import asyncio
import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from curb import soap
from curb.errors import CurbFault, UnreadableXml
from curb.importers.xml import Element, read_tree
from curb.rules import TransactionState
from curb.sandbox.trips import SandboxTrip, TripSource

#: Of the trip log's attributes, those that a transaction has as elements, by their name there.
TRANSACTION_ELEMENTS = {
    "CABNUMBER": "CABNUMBER",
    "TRIPDRIVERID": "DRIVER",
    "NUM_SERVICE": "NUM_SERVICE",
    "TRIPFARE": "TRIP",
    "TRIPTIPS": "TIPS",
    "TRIPEXTRAS": "EXTRAS",
    "TRIPTOLL": "TOLLS",
    "TAX": "TAX",
    "IMPTAX": "IMPTAX",
    "EHAIL_FEE": "EHAILFEE",
    "CongFee": "CONGFEE",
    "airportFee": "airportFee",
    "cbdt": "cbdt",
    "AMOUNT": "TOTAL_AMOUNT",
    "CRNUMBER": "CCNUMBER",
    "BANK_APPROVAL": "AUTHCODE",
}


#: A tip that settles later, and an attribute that nobody knows.
LATER_TIP = Decimal("2.00")
FUND, FUND_AMOUNT = "newFund", Decimal("1.05")


@dataclass(frozen=True, slots=True)
class Behavior:
    """How the sandbox misbehaves; 0 means never. "Every" counts the calls, or the trips' numbers."""

    #: Seconds before each answer.
    delay: float = 0.0
    #: Connections that end without an answer, or in the middle of one, in turn.
    drop_every: int = 0
    #: HTTP 503.
    error_every: int = 0
    #: A SOAP fault.
    fault_every: int = 0
    #: An answer of which the inner document is cut off.
    garble_every: int = 0
    #: Trips that are reported twice in one answer, and of which the card transaction has a duplicate.
    duplicate_every: int = 0
    #: Cash trips before which a card was declined.
    declined_every: int = 0
    #: Trips that are not reported yet; set to 0, they are.
    late_every: int = 0
    #: Card trips whose tip came 2.00 higher in the meantime, in both lists: amended rows, where they were asked before.
    amended_every: int = 0
    #: Trips with an attribute that nobody knows, 1.05 more in their total.
    fund_every: int = 0

    def changed(self, changes: dict[str, Any]) -> "Behavior":
        """:raises ValueError: an unknown name, or a value that is no number from zero on"""
        unknown = set(changes) - {field.name for field in fields(self)}
        if unknown:
            raise ValueError(f"There is no {', '.join(sorted(unknown))}.")
        for name, value in changes.items():
            wanted = (int, float) if name == "delay" else (int,)
            if not isinstance(value, wanted) or isinstance(value, bool) or not 0 <= value < 10_000:
                raise ValueError(f"{name} is a number from 0 on.")
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; without a body the connection is dropped, with ``is_cut`` in the middle of it."""

    status: int = 200
    body: bytes | None = None
    content_type: str = soap.CONTENT_TYPE
    is_cut: bool = False


class Sandbox:
    """The service itself, without the network. It remembers which trips were marked as reconciled."""

    def __init__(
        self,
        trips: TripSource,
        *,
        behavior: Behavior | None = None,
        user_id: str = "sandbox",
        password: str = "sandbox",
        merchant: str = "sandbox",
    ) -> None:
        self.behavior = behavior or Behavior()
        self.calls = 0
        self.drops = 0
        #: Record number → the receipt that settled it.
        self.receipts: dict[str, int] = {}
        self._trips = trips
        self._credentials = {"UserId": user_id, "Password": password, "Merchant": merchant}

    async def answer(self, path: str, method: str, body: bytes) -> Answer:
        """Answer an HTTP request: SOAP calls, and ``/control`` to look at and change the behavior."""
        if path == "/control":
            return self._control(method, body)
        if method != "POST":
            return Answer(405, b"SOAP calls are POST requests.\n", "text/plain")
        self.calls += 1
        if self.behavior.delay:
            await asyncio.sleep(self.behavior.delay)
        if self._is_turn(self.behavior.drop_every):
            self.drops += 1
            return Answer(body=self._answer_call(body).body, is_cut=True) if self.drops % 2 == 0 else Answer()
        if self._is_turn(self.behavior.error_every):
            return Answer(503, b"Not now.\n", "text/plain")
        return self._answer_call(body)

    def _is_turn(self, every: int) -> bool:
        return every > 0 and self.calls % every == 0

    def _control(self, method: str, body: bytes) -> Answer:
        try:
            if method == "POST":
                changes = json.loads(body or b"{}")
                if not isinstance(changes, dict):
                    raise ValueError("A JSON object is expected.")
                self.behavior = self.behavior.changed(changes)
        except ValueError as problem:
            return Answer(400, json.dumps({"error": str(problem)}).encode(), "application/json")
        state = {**asdict(self.behavior), "calls": self.calls, "reconciled": len(self.receipts)}
        return Answer(200, json.dumps(state).encode(), "application/json")

    def _answer_call(self, body: bytes) -> Answer:
        try:
            if self._is_turn(self.behavior.fault_every):
                raise _fault("soap:Server", "Server was unable to process request.")
            call = _read_call(body)
            values = {child.name: child.text for child in call.children}
            if any(values.get(name) != value for name, value in self._credentials.items()):
                raise _fault("soap:Client", "Invalid user, password or merchant.")
            result = self._call(call.name, values)
        except CurbFault as fault:
            text = (
                f"<faultcode>{fault.facts['fault_code']}</faultcode><faultstring>{escape(fault.message)}</faultstring>"
            )
            return Answer(500, soap.wrap(f"<soap:Fault>{text}</soap:Fault>"))
        if self._is_turn(self.behavior.garble_every):
            result = result[: len(result) // 2] or "<"
        name = call.name
        return Answer(
            200,
            soap.wrap(
                f'<{name}Response xmlns="{soap.NAMESPACE}"><{name}Result>{escape(result)}</{name}Result>'
                f"</{name}Response>"
            ),
        )

    def _call(self, method: str, values: dict[str, str]) -> str:
        match method:
            case soap.TRIP_LOG:
                return self._list_trips(values)
            case soap.CARD_TRANSACTIONS:
                return self._list_transactions(values)
            case soap.RECONCILIATION:
                return self._reconcile(values)
        raise _fault("soap:Client", f"There is no method {method}.")

    def _list_trips(self, values: dict[str, str]) -> str:
        receipt = _read_number(values.get("RECON_STAT", ""))
        records = []
        for trip in self._find(values, "DATE_FROM", "DATE_TO"):
            if values.get("DRIVERID") not in (None, "", trip.record["DRIVER"]):
                continue
            if values.get("CABNUMBER") not in (None, "", trip.record["CABNUMBER"]):
                continue
            if receipt >= 0 and self.receipts.get(trip.record["ID"], 0) != receipt:
                continue
            record = "<RECORD {}/>".format(" ".join(f"{name}={quoteattr(text)}" for name, text in trip.record.items()))
            records += [record] * (2 if _is_nth(trip, self.behavior.duplicate_every) else 1)
        return "<trips>{}</trips>".format("\n".join(records)) if records else ""

    def _list_transactions(self, values: dict[str, str]) -> str:
        wanted = values.get("TranType", "ALL")
        rows = []
        for trip in self._find(values, "fromDateTime", "ToDateTime"):
            if values.get("CabNumber") not in (None, "", trip.record["CABNUMBER"]):
                continue
            number = f"{trip.record['PERIOD']}{trip.record['ID']}"
            if trip.is_card:
                rows.append((TransactionState.APPROVED, number, trip))
                if _is_nth(trip, self.behavior.duplicate_every):
                    rows.append((TransactionState.DUPLICATE, f"{number}D", trip))
            elif trip.record["T"] == "$" and _is_nth(trip, self.behavior.declined_every):
                rows.append((TransactionState.DECLINED, f"{number}N", trip))
        reported = [_write_transaction(number, trip) for state, number, trip in rows if wanted in ("ALL", state)]
        return "<trans>{}</trans>".format("\n".join(reported)) if reported else ""

    def _reconcile(self, values: dict[str, str]) -> str:
        receipt = _read_number(values.get("RECON_STAT", ""))
        if receipt <= 0:
            raise _fault("soap:Client", "RECON_STAT is a receipt number above zero.")
        record_ids = [record_id for record_id in values.get("ListIDs", "").split(",") if record_id]
        self.receipts.update(dict.fromkeys(record_ids, receipt))
        return str(len(record_ids))

    def _find(self, values: dict[str, str], from_name: str, to_name: str) -> list[SandboxTrip]:
        from_at = _read_moment(values.get(from_name, ""), time.min)
        to_at = _read_moment(values.get(to_name, ""), time(23, 59, 59))
        late = self.behavior.late_every
        return [self._alter(trip) for trip in self._trips.list_trips(from_at, to_at) if not _is_nth(trip, late)]

    def _alter(self, trip: SandboxTrip) -> SandboxTrip:
        """The trip as the behavior would have it."""
        record = trip.record
        if trip.is_card and _is_nth(trip, self.behavior.amended_every):
            record = _add(record, "TIPS", LATER_TIP)
        if _is_nth(trip, self.behavior.fund_every):
            record = _add(record, FUND, FUND_AMOUNT)
        return replace(trip, record=record)


def _read_call(body: bytes) -> Element:
    try:
        envelope = read_tree(body)
    except UnreadableXml as problem:
        raise _fault("soap:Client", f"The request {problem}.") from None
    soap_body = envelope.find("Body")
    if soap_body is None or not soap_body.children:
        raise _fault("soap:Client", "The request has no body.")
    return soap_body.children[0]


def _read_moment(text: str, time_of_day: time) -> datetime:
    for pattern in ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M"):
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - a wall clock in New York
        except ValueError:
            continue
    try:
        return datetime.combine(datetime.strptime(text, "%m/%d/%Y").date(), time_of_day)  # noqa: DTZ007
    except ValueError:
        raise _fault("soap:Client", f"{text[:40]!r} is not a date.") from None


def _read_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _fault("soap:Client", "RECON_STAT is a number.") from None


def _add(record: dict[str, str], name: str, amount: Decimal) -> dict[str, str]:
    """The record with more in one of its parts, and in its total."""
    part, total = (Decimal(record.get(one, "0").replace(",", "") or 0) for one in (name, "TOTAL_AMOUNT"))
    return record | {name: f"{part + amount:.2f}", "TOTAL_AMOUNT": f"{total + amount:.2f}"}


def _is_nth(trip: SandboxTrip, every: int) -> bool:
    return every > 0 and trip.number % every == every - 1


def _write_transaction(number: str, trip: SandboxTrip) -> str:
    end = trip.record["END_DATE"].partition(" ")[2][:5]
    values = {
        "TRIPDATE": f"{trip.start:%m/%d/%Y}",
        "TRIPTIMESTART": f"{trip.start:%H:%M}",
        "TRIPTIMEEND": end,
        "DATETIME": trip.record["END_DATE"],
        **{name: trip.record.get(attribute, "") for name, attribute in TRANSACTION_ELEMENTS.items()},
        "CC_TYPE": "VISA",
    }
    children = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
    return f"<tran ROWID={quoteattr(number)}>{children}</tran>"


def _fault(code: str, text: str) -> CurbFault:
    """What the sandbox answers with when it does not do what it is asked."""
    return CurbFault(text, fault_code=code)
