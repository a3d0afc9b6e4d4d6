"""Payments a second over HTTP, beside the same service called in this process: ``python -m bench.paying [SECONDS]``.

64 clients, each with a driver of its own and a connection that stays open, pay as fast as they are answered: at one
process of uvicorn, and at one of granian for comparison. Server, clients and PostgreSQL share the machine's cores.
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

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django must be ready first
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.fleet import bench_database  # noqa: E402
from core.services import create_api_token  # noqa: E402
from leases.models import Driver  # noqa: E402
from ledger import services  # noqa: E402
from ledger.models import InterimPayment  # noqa: E402

CLIENTS = 64
SERVERS = {
    "uvicorn": ("-m", "uvicorn", "config.asgi:application", "--no-access-log", "--lifespan", "off", "--port"),
    "granian": ("-m", "granian", "--interface", "asginl", "--no-access-log", "config.asgi:application", "--port"),
}


def main(seconds: float) -> None:
    """Measure each server and the service in turn, three times, and print the medians."""
    with bench_database():
        drivers = [
            Driver.objects.create(first_name="Bench", last_name=f"Driver {n}", tlc_license=f"{n:07d}").pk
            for n in range(CLIENTS)
        ]
        user = User.objects.create_superuser("bench")
        token = create_api_token(user=user, name="bench", scope="ALL", now=timezone.now()).secret
        told: dict[str, list[float]] = {}
        waits: dict[str, list[float]] = {}
        for _ in range(3):
            told.setdefault("service", []).append(_call(drivers, user, seconds))
            for name in SERVERS:
                with _serve(name) as port:
                    took = asyncio.run(_pay(port, token, drivers, seconds))
                told.setdefault(name, []).append(len(took) / seconds)
                waits.setdefault(name, []).extend(took)
        paid = InterimPayment.objects.count()
    own = statistics.median(told["service"])
    print(f"{paid:,} payments\n\n{'':10} {'payments/s':>11} {'of service':>11} {'p50 ms':>8} {'p95 ms':>8}")
    print(f"{'service':10} {own:11,.0f}")
    for name in SERVERS:
        rate, cuts = statistics.median(told[name]), statistics.quantiles(waits[name], n=20)
        print(f"{name:10} {rate:11,.0f} {rate / own:11.2f} {cuts[9] * 1000:8.0f} {cuts[18] * 1000:8.0f}")


def _call(drivers: list[int], user: User, seconds: float) -> float:
    """Call the service one payment after the other; return how many a second."""
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        services.apply_interim_payment(
            payment_amount=Decimal("10.00"),
            allocations={},
            driver_id=drivers[done % CLIENTS],
            payment_method="CASH",
            idempotency_key=secrets.token_hex(8),
            effective_on=timezone.localdate(),
            actor=user,
        )
        done += 1
    return done / seconds


@contextmanager
def _serve(name: str) -> Iterator[int]:
    """Start one process of a server on a free port, with the bench's database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    given = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{given['USER']}@/{given['NAME']}?host={given['HOST']}",
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
        yield port
    finally:
        server.terminate()
        server.wait()


async def _pay(port: int, token: str, drivers: list[int], seconds: float) -> list[float]:
    """Have every client pay until the time is over; return how long each payment took, in seconds."""
    for driver_id in drivers[:4]:  # the server has imported and connected all it needs
        await _client(port, token, driver_id, until=0.0)
    until = time.perf_counter() + seconds
    took = await asyncio.gather(*(_client(port, token, driver_id, until=until) for driver_id in drivers))
    return [one for each in took for one in each]


async def _client(port: int, token: str, driver_id: int, *, until: float) -> list[float]:
    """Pay once, and again until then, each with a key of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = f'{{"driver_id": {driver_id}, "payment_amount": "10.00", "payment_method": "CASH"}}'.encode()
    took = []
    while True:
        head = (
            "POST /api/ledger/interim-payment HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
            f"Authorization: Bearer {token}\r\nIdempotency-Key: {secrets.token_hex(8)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}"
        )
        start = time.perf_counter()
        writer.write(f"{head}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        lines = answer.decode().lower().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
        told = await reader.readexactly(length)
        if " 201 " not in lines[0]:
            raise SystemExit(f"{lines[0]}: {told.decode()}")
        took.append(time.perf_counter() - start)
        if time.perf_counter() >= until:
            writer.close()
            return took


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
