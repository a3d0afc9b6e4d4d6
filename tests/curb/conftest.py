"""A sandbox on a free port, the client's way to it, and patience that does not wait."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from core import transactions
from curb.client import CurbAccount, Patience
from curb.sandbox import Behavior, GeneratedTrips, Sandbox, TripSource, run_in_thread

PAIRS = [("5000001", "9Z90"), ("5000002", "9Z91")]


async def do_not_wait(seconds: float) -> None:
    """Stands in for asyncio.sleep."""


@pytest.fixture
def at_once() -> Patience:
    """As patient as usual, without the waits between the attempts."""
    return Patience(sleep=do_not_wait, timeout=5)


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[Sandbox, CurbAccount]]]:
    """Starts sandboxes, which stop when the test ends."""
    with ExitStack() as running:

        def start(trips: TripSource | None = None, **behavior: Any) -> tuple[Sandbox, CurbAccount]:
            sandbox = Sandbox(trips or GeneratedTrips(PAIRS), behavior=Behavior(**behavior))
            url = running.enter_context(run_in_thread(sandbox))
            return sandbox, CurbAccount(url=url, user_id="sandbox", password="sandbox", merchant="sandbox")

        yield start


@pytest.fixture
def connect(serve: Callable[..., tuple[Sandbox, CurbAccount]], settings: Any) -> Callable[..., Sandbox]:
    """Starts a sandbox and has the settings name it."""

    def start(trips: TripSource | None = None, **behavior: Any) -> Sandbox:
        sandbox, account = serve(trips, **behavior)
        settings.CURB_URL, settings.CURB_USER_ID = account.url, account.user_id
        settings.CURB_PASSWORD, settings.CURB_MERCHANT = account.password, account.merchant
        return sandbox

    return start


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits longer than a fifth of a second for a lock."""
    monkeypatch.setattr(transactions, "LOCK_TIMEOUT", "200ms")
