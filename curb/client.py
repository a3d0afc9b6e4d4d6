"""The client of CURB's web service: natively async, a few calls at a time, patient with a network that is not."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

import httpx

from curb import soap
from curb.errors import (
    CurbAnswerUnreadable,
    CurbError,
    CurbFault,
    CurbNotConfigured,
    CurbRefused,
    CurbUnreachable,
    UnreadableTripFile,
)
from curb.importers.transactions import ParsedTransactions, parse_transactions
from curb.importers.trips import ParsedTrips, parse_trips
from curb.importers.xml import MAX_BYTES
from curb.rules import TransactionState

#: Calls under way at once.
CONCURRENCY = 4
WALL_CLOCK = "%m/%d/%Y %H:%M:%S"
#: RECON_STAT of a question: below zero, trips whether they are reconciled or not.
ALL_TRIPS = "-1"
TOO_MANY_REQUESTS = 429

_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurbAccount:
    """Where CURB is, and who we are there. Its password shows in no log and no error."""

    url: str
    user_id: str
    password: str = field(repr=False)
    merchant: str

    def check(self) -> None:
        """:raises CurbNotConfigured: something is missing, or the password would travel in the clear"""
        missing = [
            name
            for name, value in (
                ("CURB_URL", self.url),
                ("CURB_USER_ID", self.user_id),
                ("CURB_PASSWORD", self.password),
                ("CURB_MERCHANT", self.merchant),
            )
            if not value
        ]
        if missing:
            raise CurbNotConfigured(f"CURB's service is not set up: {', '.join(missing)} not given.", missing=missing)
        address = urlsplit(self.url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise CurbNotConfigured("CURB_URL is not the address of a web service.")
        if address.scheme == "http" and not self.is_local:
            raise CurbNotConfigured("CURB_URL begins with http: the password would travel in the clear. Use https.")

    @property
    def is_local(self) -> bool:
        """Whether it is a sandbox on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a call is tried, and how long is waited: seconds, doubled from attempt to attempt, times a chance."""

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 20.0
    connect_timeout: float = 10.0
    timeout: float = 60.0
    #: For one attempt as a whole, however steadily its answer trickles.
    deadline: float = 300.0
    #: Between 0 and 1: spreads the calls of many clients that failed together.
    jitter: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def wait_after(self, attempt: int) -> None:
        wait = min(self.longest_wait, self.first_wait * 2 ** (attempt - 1))
        await self.sleep(wait * (0.5 + self.jitter() / 2))


@dataclass(frozen=True, slots=True)
class TripAnswer:
    """The trips of a window; ``content`` is the document as it came, empty where there were none."""

    content: bytes
    parsed: ParsedTrips


@dataclass(frozen=True, slots=True)
class TransactionAnswer:
    """The card transactions of one state in a window."""

    content: bytes
    parsed: ParsedTransactions
    state: TransactionState


class CurbClient:
    """Asks CURB; an async context manager, which keeps the connections between calls.

    Every call is bounded in time, in attempts and in the size of its answer. Moments are New York wall clocks, as CURB
    means them. Network errors, time-outs and HTTP 5xx are tried again; what is refused for good is not.
    """

    def __init__(
        self, account: CurbAccount, *, concurrency: int = CONCURRENCY, patience: Patience | None = None
    ) -> None:
        """:raises CurbNotConfigured: the account is not complete, or not fit to be used"""
        account.check()
        self._account = account
        self._patience = patience or Patience()
        self._slots = asyncio.Semaphore(concurrency)
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(self._patience.timeout, connect=self._patience.connect_timeout),
            limits=httpx.Limits(max_connections=concurrency),
            # A proxy of the environment has no business between us and a sandbox on this machine.
            trust_env=not account.is_local,
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def get_trips(
        self, *, from_at: datetime, to_at: datetime, license_: str = "", cab: str = "", receipt: str = ALL_TRIPS
    ) -> TripAnswer:
        """Return the trip log of a window: of every cab and driver, unless one is named.

        :raises CurbError: one of its kinds
        """
        content = await self._call(
            soap.TRIP_LOG,
            {
                "DRIVERID": license_,
                "CABNUMBER": cab,
                "DATE_FROM": from_at.strftime(WALL_CLOCK),
                "DATE_TO": to_at.strftime(WALL_CLOCK),
                "RECON_STAT": receipt,
            },
        )
        parsed = await _read_inner(soap.TRIP_LOG, content, parse_trips) if content else ParsedTrips([], [])
        return TripAnswer(content, parsed)

    async def get_transactions(
        self, *, from_at: datetime, to_at: datetime, state: TransactionState, cab: str = ""
    ) -> TransactionAnswer:
        """Return the card transactions of a window that CURB lists as approved, declined or duplicate.

        :raises CurbError: one of its kinds
        """
        content = await self._call(
            soap.CARD_TRANSACTIONS,
            {
                "fromDateTime": from_at.strftime(WALL_CLOCK),
                "ToDateTime": to_at.strftime(WALL_CLOCK),
                "CabNumber": cab,
                "TranType": state.value,
            },
        )
        parsed = (
            await _read_inner(soap.CARD_TRANSACTIONS, content, parse_transactions)
            if content
            else ParsedTransactions([], [])
        )
        return TransactionAnswer(content, parsed, state)

    async def mark_reconciled(self, *, receipt_number: int, record_ids: Collection[str], from_at: datetime) -> None:
        """Mark trips as settled by a receipt. Marking them again with the same number changes nothing.

        :raises CurbError: one of its kinds
        """
        await self._call(
            soap.RECONCILIATION,
            {
                "DATE_FROM": from_at.strftime(WALL_CLOCK),
                "RECON_STAT": str(receipt_number),
                "ListIDs": ",".join(record_ids),
            },
        )

    async def _call(self, method: str, parameters: Mapping[str, str]) -> bytes:
        request = soap.build_request(
            method,
            {
                "UserId": self._account.user_id,
                "Password": self._account.password,
                "Merchant": self._account.merchant,
                **parameters,
            },
        )
        attempt = 1
        while True:
            try:
                async with self._slots:
                    answer = await self._post(method, request)
                return soap.read_result(method, answer).encode()
            except (CurbUnreachable, CurbFault) as failure:
                if attempt >= self._patience.attempts or not _may_pass(failure):
                    raise self._without_secrets(failure, attempt) from None
            # Waiting takes no slot: meanwhile others are asked.
            await self._patience.wait_after(attempt)
            attempt += 1

    async def _post(self, method: str, request: bytes) -> bytes:
        """Return the body of the answer, or say why there is none."""
        try:
            async with (
                asyncio.timeout(self._patience.deadline),
                self._http.stream(
                    "POST", self._account.url, content=request, headers=soap.build_headers(method)
                ) as response,
            ):
                body = await _read_body(response)
        except (httpx.TransportError, httpx.DecodingError, TimeoutError) as failure:
            too_late = isinstance(failure, httpx.TimeoutException | TimeoutError)
            reason = "no answer in time" if too_late else type(failure).__name__
            raise CurbUnreachable(f"CURB did not answer {method}: {reason}.", method=method, reason=reason) from None
        if response.is_success:
            return body
        fault = soap.find_fault(body, method)
        if fault is not None:
            raise fault
        status = response.status_code
        if response.is_server_error or status == TOO_MANY_REQUESTS:
            raise CurbUnreachable(f"CURB answered {method} with HTTP {status}.", method=method, status=status)
        raise CurbRefused(f"CURB does not take {method}: HTTP {status}.", method=method, status=status)

    def _without_secrets(self, failure: CurbError, attempts: int) -> CurbError:
        """The failure with the number of attempts, and without the password should the server have repeated it."""
        message = failure.message.replace(self._account.password, "***")
        return type(failure)(message, **{**failure.facts, "attempts": attempts})


def _may_pass(failure: CurbError) -> bool:
    """Whether trying again can help: not where a fault says that the fault is ours."""
    return not (isinstance(failure, CurbFault) and failure.facts["fault_code"].rpartition(":")[2] == "Client")


async def _read_body(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > MAX_BYTES:
            raise CurbAnswerUnreadable(f"CURB's answer is larger than {MAX_BYTES // 1024 // 1024} MB.")
        parts.append(part)
    return b"".join(parts)


async def _read_inner(method: str, content: bytes, parse: Callable[[bytes], _Parsed]) -> _Parsed:
    try:
        # Off the event loop: a day of a large fleet takes a moment to read.
        return await asyncio.to_thread(parse, content)
    except UnreadableTripFile as problem:
        raise CurbAnswerUnreadable(
            f"The document inside CURB's answer to {method} can't be read. {problem.message}", method=method
        ) from None
