"""Payments a second over HTTP, beside the same service called in this process.

64 clients, each with a driver of its own and a connection that stays open, pay as fast as they are answered: at one
process of uvicorn, and in the full bench at one of granian for comparison. Server, clients and PostgreSQL share the
machine's cores.
"""

import asyncio
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count

import psutil
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from bench.measure import Row, Timing, compare, measured
from bench.registry import Asked
from core.services import create_api_token
from ledger import services

CLIENTS = 64
_cents = count(1_000)
ROUNDS = 3
SHORT_SECONDS, FULL_SECONDS = 3.0, 10.0
#: Before it is measured each has imported and connected all it needs, and its sessions have prepared what they are
#: asked again: this process once, each server that is started anew.
WARM_UP_SECONDS = 0.7
#: As `config.serve` starts it.
_QUIET = ("--log-level", "warning", "--no-access-log")
SERVERS = {
    "uvicorn": ("-m", "uvicorn", "config.asgi:application", *_QUIET, "--lifespan", "off", "--port"),
    "granian": ("-m", "granian", "--interface", "asginl", "--no-access-log", "config.asgi:application", "--port"),
}


def run(asked: Asked) -> Iterator[Row]:
    """Measure each server and the service in turn."""
    seconds = FULL_SECONDS if asked.is_full else SHORT_SECONDS
    names = list(SERVERS) if asked.is_full else ["uvicorn"]
    drivers = list(asked.lease_of)[:CLIENTS]
    user = User.objects.create_superuser("bench")
    token = create_api_token(user=user, name="bench", scope="ALL", now=timezone.now()).secret
    rounds: dict[str, list[tuple[Timing, Timing]]] = {name: [] for name in names}
    waits: dict[str, list[float]] = {name: [] for name in names}
    megabytes: dict[str, list[float]] = {name: [] for name in names}
    _call(drivers, user, WARM_UP_SECONDS)  # which opens their accounts
    for _ in range(ROUNDS):
        for name in names:
            # Half before and half after: what stands grows with each payment, and a machine changes its speed.
            before = _call(drivers, user, seconds / 2)
            with _serve(name) as (port, server):
                took = asyncio.run(_pay(port, token, drivers, seconds))
                family = [server, *server.children(recursive=True)]
                megabytes[name].append(max(process.memory_info().rss for process in family) / 2**20)
            after = _call(drivers, user, seconds / 2)
            own = Timing(before.rows + after.rows, before.seconds + after.seconds)
            rounds[name].append((Timing(len(took), seconds), own))
            waits[name] += took
    for name in names:
        aimed = name == "uvicorn"
        what = f"{CLIENTS} clients pay over HTTP, {name}"
        cuts = [cut * 1000 for cut in statistics.quantiles(waits[name], n=20)]
        yield compare(what, "loop: apply_interim_payment in one process", rounds[name], aim="≥ 0.6" if aimed else "")
        yield measured(
            f"{what}: p95", "ms", [cuts[18]], yardstick=[cuts[9]], beside="its own p50", aim="≤ 4" if aimed else ""
        )
        yield measured(f"{what}: memory", "MB", [max(megabytes[name])], aim="≤ 300 MB" if aimed else "")


def _call(drivers: list[int], user: User, seconds: float) -> Timing:
    """Call the service one payment after the other for so long."""
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        services.apply_interim_payment(
            payment_amount=_next_amount(),
            allocations={},
            driver_id=drivers[done % CLIENTS],
            payment_method="CASH",
            idempotency_key=secrets.token_hex(8),
            effective_on=timezone.localdate(),
            actor=user,
        )
        done += 1
    return Timing(done, time.perf_counter() - start)


def _next_amount() -> Decimal:
    """Dollars that were not paid before: of the same amount within minutes the service asks whether it is a mistake."""
    return Decimal(next(_cents)) / 100


@contextmanager
def _serve(name: str) -> Iterator[tuple[int, psutil.Process]]:
    """Start one process of a server on a free port, with the bench's database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    given = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{given['USER']}@:{given['PORT'] or 5432}/{given['NAME']}?host={given['HOST']}",
        "DATABASE_POOL": "on",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "127.0.0.1",
        "API_REQUESTS_PER_MINUTE": "0",
        "BEHIND_PROXY": "1",  # which ends TLS: without it every call is sent to https
        "LOG_LEVEL": "ERROR",
    }
    server = subprocess.Popen([sys.executable, *SERVERS[name], str(port)], env=environment)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


async def _pay(port: int, token: str, drivers: list[int], seconds: float) -> list[float]:
    """Have every client pay until the time is over; return how long each payment took, in seconds."""
    for lasting in (WARM_UP_SECONDS, seconds):
        until = time.perf_counter() + lasting
        took = await asyncio.gather(*(_client(port, token, driver_id, until=until) for driver_id in drivers))
    return [one for each in took for one in each]


async def _client(port: int, token: str, driver_id: int, *, until: float) -> list[float]:
    """Pay once, and again until then, each with a key of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took: list[float] = []
    start = time.perf_counter()
    while True:
        body = f'{{"driver_id": {driver_id}, "payment_amount": "{_next_amount()}", "payment_method": "CASH"}}'.encode()
        head = (
            "POST /api/ledger/interim-payment HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
            f"Authorization: Bearer {token}\r\nIdempotency-Key: {secrets.token_hex(8)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}"
        )
        writer.write(f"{head}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        lines = answer.decode().lower().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
        told = await reader.readexactly(length)
        now = time.perf_counter()
        if " 201 " in lines[0]:
            took.append(now - start)
            start = now
        elif " 503 " not in lines[0]:  # no room for it: asked again, and the wait counts
            raise SystemExit(f"{lines[0]}: {told.decode()}")
        if now >= until:
            writer.close()
            return took
