"""Run the whole product on one machine: `python -m config.serve`, and `--demo` for one with a demo fleet in it.

The web server, a Celery worker and the beat scheduler are children of this process. It starts again whoever of them
ends, and the embedded servers too, until it is told to stop or one of them can't start (`config.supervisor`). The
embedded servers then stop with their last user (`config.embedded`).
"""

import argparse
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType

from config.embedded import EmbeddedServerError
from config.embedded.folder import try_lock
from config.stores import Stores
from config.supervisor import CannotServe, Children, tell

_HOST = "127.0.0.1"
_READY_SECONDS = 90
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_SECONDS = 0.5

_DEMO_PASSWORD = "demo"  # nosec B105  # shown on the terminal: everybody shall know it
_DEMO_LOGINS = [
    ("cashier", "Cashier", "takes payments, prints receipts"),
    ("supervisor", "Supervisor", "voids, writes off, pays out, closes the week"),
    ("office", "Office", "leases, repairs, loans, tickets"),
    ("auditor", "Auditor", "reads everything, changes nothing"),
    ("admin", "Superuser", "everything"),
]


class Stopped(Exception):
    """Somebody asked us to stop."""


def main() -> int:
    """Serve until told to stop; say in one sentence why not."""
    parser = argparse.ArgumentParser(prog="python -m config.serve", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--demo", action="store_true", help="load the demo fleet first, unless it is there")
    demo = parser.parse_args().demo
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for number in _STOP_SIGNALS:
        signal.signal(number, _raise_stopped)
    children = Children()
    try:
        port = _read_port()
        from config import settings  # starts the embedded servers, and holds them as long as we live

        with _only_one_in(settings.DATA_DIR):
            _refuse_taken_port(port)
            try:
                serve(children, _find_stores(settings), port=port, demo=demo)
            finally:
                for number in _STOP_SIGNALS:
                    signal.signal(number, signal.SIG_IGN)  # being asked twice changes nothing
                children.stop()
    except (CannotServe, EmbeddedServerError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Stopped:
        print("\nStopped.")
    return 0


def serve(children: Children, stores: Stores, *, port: int, demo: bool) -> None:
    """Bring the database up to date, start everything, say where it is, and keep it up."""
    children.run("Migrating the database", "manage.py", "migrate", "--verbosity=0", as_owner=True)
    if demo:
        children.run("Loading the demo", "manage.py", "load_demo")
    web = ["--host", _HOST, "--port", str(port), "--lifespan=off", "--no-proxy-headers"]
    web += ["--log-level=warning", "--no-access-log"]
    children.start("web server", "-m", "uvicorn", "config.asgi:application", *web)
    # Celery's processes have one thread each and come from forks, so they use no connection pool.
    celery = ["-m", "celery", "--quiet", "--app=config.celery"]
    children.start("Celery worker", *celery, "worker", "--concurrency=2", "--loglevel=warning", DATABASE_POOL="off")
    # Beat writes its schedule inside its signal handler, where it can wait for a connection that it holds itself: we
    # kill one that takes too long (`Children.stop`), the kernel sends one signal only.
    beat = [*celery, "beat", "--loglevel=warning"]
    children.start("beat scheduler", *beat, when_orphaned=signal.SIGKILL, DATABASE_POOL="off")
    address = f"http://{_HOST}:{port}"
    _wait_until_healthy(f"{address}/healthz", children)
    _welcome(address, demo=demo)
    while True:
        stores.keep()
        children.keep(stores)
        time.sleep(_LOOK_SECONDS)


def _find_stores(settings: ModuleType) -> Stores:
    given = settings.DATABASES["default"]
    options = {name: value for name, value in given["OPTIONS"].items() if name != "pool"}
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}  # nosec B105  # names
    return Stores(
        data_dir=settings.DATA_DIR,
        has_own_postgres=not settings.DATABASE_URL,
        has_own_redis=not os.environ.get("REDIS_URL"),
        database={**options, **{name: given[key] for key, name in names.items() if given.get(key)}},
        redis_url=settings.REDIS_URL,
        tell=tell,
    )


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _read_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotServe(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


@contextmanager
def _only_one_in(data_dir: Path) -> Iterator[None]:
    lock = try_lock(data_dir / "serve.lock")
    if lock is None:
        raise CannotServe(
            f"The data folder {data_dir} is already being served; stop that one, or set DATA_DIR to another folder."
        )
    with lock:
        yield


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise CannotServe(
                f"Port {port} cannot be used ({error.strerror}); set PORT to another, as in: make demo PORT=8001"
            ) from None


def _wait_until_healthy(url: str, children: Children) -> None:
    from config.heartbeat import worker_signed_in

    deadline = time.monotonic() + _READY_SECONDS
    answer = "the worker has not signed in"
    while time.monotonic() < deadline:
        children.refuse_if_one_ended()
        time.sleep(0.1)
        if not worker_signed_in():
            continue
        try:
            with urllib.request.urlopen(url, timeout=5):  # nosec B310  # our own address
                return
        except urllib.error.HTTPError as error:
            answer = error.read().decode(errors="replace")
        except OSError as error:
            answer = str(error)
    raise CannotServe(f"{url} is not well after {_READY_SECONDS} seconds: {answer}")


def _welcome(address: str, *, demo: bool) -> None:
    print(f"\n  {address}\n")
    if demo:
        print(f"  {'login':<12} {'password':<10} {'role':<12} who")
        for login, role, can_do in _DEMO_LOGINS:
            print(f"  {login:<12} {_DEMO_PASSWORD:<10} {role:<12} {can_do}")
    else:
        print("  The first time, make yourself a login:  .venv/bin/python manage.py add_person NAME --superuser")
    print("\n  Ctrl-C stops everything.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
