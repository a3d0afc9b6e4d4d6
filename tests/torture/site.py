"""The product as it is served, in a data folder of its own: embedded servers, web, worker and beat as processes.

This process holds the folder's servers as well, so that it can look at the database while others are killed.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil

from config.embedded import hold

PATIENCE = 90
DRIVERS = 8


class NoAnswer(Exception):
    """The request was sent and nothing came back: it may have been done, or not."""


class Site:
    def __init__(self, data_dir: Path, *, port: int = 0) -> None:
        self.data_dir = data_dir
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.port = port or _find_port()
        self.token = ""
        self.drivers: list[int] = []

    def start(self, name: str) -> None:
        """Start a part: web, worker or beat, as `config.serve` does."""
        celery = ["-m", "celery", "--quiet", "--app=config.celery"]
        commands = {
            "web": ["-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(self.port),
                    "--lifespan=off", "--log-level=critical", "--no-access-log"],
            "worker": [*celery, "worker", "--concurrency=2", "--loglevel=critical"],
            "beat": [*celery, "beat", "--loglevel=critical"],
        }  # fmt: skip
        pool = {} if name == "web" else {"DATABASE_POOL": "off"}
        with (self.data_dir / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *commands[name]],
                env={**os.environ, **pool},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End all parts, with what they started; none is needed any more."""
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                _, answer = self.ask("GET", "/healthz", None, timeout=5)
                if isinstance(answer, dict) and answer.get("database") == answer.get("redis") == "ok":
                    return
            except NoAnswer:
                pass
            assert time.monotonic() < deadline, "The site does not come up again."
            time.sleep(0.2)

    def ask(self, method: str, path: str, body: Any, *, key: str = "", timeout: float = 30) -> tuple[int, Any]:
        """One request; :class:`NoAnswer` when none came back whole."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text.startswith((b"{", b"[")) else text
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as failure:
            raise NoAnswer(str(failure)) from failure
        finally:
            connection.close()

    def hold_servers(self) -> None:
        """Have PostgreSQL and Redis run; those that were killed are started again."""
        from django.db import connection

        connection.close()
        hold(self.data_dir)

    def servers(self, name: str) -> list[psutil.Process]:
        """The processes of an embedded server of this folder."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.name() == name and (
                    str(self.data_dir) in " ".join(process.cmdline()) or process.cwd().startswith(str(self.data_dir))
                ):
                    found.append(process)
            except psutil.Error:
                continue
        return found


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def site(*parts: str, weeks: int = 0, folder: Path | None = None) -> Iterator[Site]:
    """A fleet in a fresh data folder with these parts running, leased for ``weeks`` full weeks that are over."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the parts are ended whoever ends us
    with tempfile.TemporaryDirectory(prefix="torture-", ignore_cleanup_errors=True) as made:
        path = (folder or Path(made)) / "data"
        os.environ |= {"DATA_DIR": str(path), "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ |= {"API_REQUESTS_PER_MINUTE": "0", "API_REFUSED_PER_MINUTE": "0"}
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        import django

        django.setup()
        from django.conf import settings

        assert path == settings.DATA_DIR, "The settings were read before the folder was chosen."
        # As the owner, which a process is from its start or never.
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], check=True)
        served = Site(path)
        found_fleet(served, weeks)
        try:
            for part in parts:
                served.start(part)
            if "web" in parts:
                served.wait_until_healthy()
            yield served
        finally:
            served.stop()


def found_fleet(served: Site, weeks: int) -> None:
    """A superuser with a token, and a few drivers with a lease each."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from core.services.tokens import create_api_token
    from core.weeks import week_of
    from curb import services as curb
    from leases import services as leases
    from tests.torture.fleet import license_of, medallion_of, noon, vin_of

    admin = User.objects.create(username="torture", is_staff=True, is_superuser=True)
    served.token = create_api_token(user=admin, name="torture", scope="ALL", now=timezone.now()).secret
    first = week_of(timezone.localdate()).start - timedelta(weeks=weeks)
    for number in range(DRIVERS):
        driver = leases.create_driver(
            first_name="Driver", last_name=str(number), tlc_license=license_of(number), actor=admin
        )
        cab = leases.register_vehicle(
            vin=vin_of(number), medallion=medallion_of(number), from_at=noon(first - timedelta(days=9)), actor=admin
        )
        leases.start_lease(
            driver_id=driver.pk,
            vehicle_id=cab.pk,
            lease_type="LONG_TERM",
            shift="FULL",
            start_on=first,
            end_on=first + timedelta(weeks=weeks + 40, days=-1),
            weekly_amount=Decimal(300 + number),
            actor=admin,
        )
        served.drivers.append(driver.pk)
    curb.expect_card_trips(since=None, reason="Trips come by chance.", actor=admin)


def list_findings() -> list[str]:
    """What all audits find."""
    from core.audits import examine, list_audits

    return [f"{found.audit.name}: {text}" for found in examine(list_audits()) for text in found.findings]
