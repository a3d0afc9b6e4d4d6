"""PgBouncer in front, in transaction mode: `python -m bench.scaling.pooler [DRIVERS] [SECONDS]`.

``PGBOUNCER=/path`` names another one than the installed. Web and worker reach the database by it alone, in ten sessions
of the server's. 64 clients pay over HTTP while a worker closes a week of so many drivers; every page of health and of
figures is asked meanwhile. Then: every payment answered is a row, the week is closed once, all audits find nothing; no
session of the server has a setting that a transaction left behind, an advisory lock or a prepared statement, and the
server never had more sessions than the pool. The same payments straight to PostgreSQL are the yardstick.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg

from bench.scaling.servers import (
    OWNER,
    PROJECT,
    ROLE,
    Cluster,
    WentWrong,
    end,
    environment,
    expect,
    find_free_port,
    redis_on,
    run_folder,
    run_python,
    wait_for,
)
from config.embedded import service_user

POOL = 10
#: From here on it knows of prepared statements in transaction mode.
_KEEPS_PREPARED = (1, 21)
_TOKEN = "bench-token-of-the-figures"
#: What the product sets for a transaction, and what would hurt another one if it stayed.
_SETTINGS = ("lock_timeout", "statement_timeout", "ledger.today", "search_path", "cursor_tuple_fraction", "timezone")


def find_pooler() -> tuple[str, tuple[int, int]]:
    """Return the program, and its version."""
    program = os.environ.get("PGBOUNCER") or shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        raise SystemExit("There is no pgbouncer (on Debian: apt-get install pgbouncer).")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = (int(part) for part in said.split()[1].split(".")[:2])
    return program, (major, minor)


@contextmanager
def pooler(server: Cluster, folder: Path, *, prepared: int = 0) -> Iterator[Cluster]:
    """Run PgBouncer before ``server``; yield what stands for the server behind it."""
    program, _ = find_pooler()
    front = Cluster(folder, port=find_free_port(), password=server.password)
    home = folder / "pgbouncer"
    home.mkdir(exist_ok=True)
    (home / "users").write_text("".join(f'"{role}" "{server.password}"\n' for role in (ROLE, OWNER)))
    lines = [
        "[databases]", f"fleet = host={server.address} port={server.port} dbname=fleet", "[pgbouncer]",
        "listen_addr = 127.0.0.1", f"listen_port = {front.port}", "unix_socket_dir =", "auth_type = scram-sha-256",
        f"auth_file = {home / 'users'}", "pool_mode = transaction", f"default_pool_size = {POOL}",
        "max_client_conn = 500", "server_reset_query =", "admin_users = " + ROLE,
        *([f"max_prepared_statements = {prepared}"] if prepared else []),
    ]  # fmt: skip
    (home / "ini").write_text("\n".join([*lines, ""]))
    for path in (home, home / "users", home / "ini"):
        service_user.give(path)
    become = service_user.become() if service_user.is_needed() else []
    with (folder / "pgbouncer.log").open("wb") as log:
        running = subprocess.Popen([*become, program, "-q", str(home / "ini")], stdout=log, stderr=log)
    try:
        wait_for("127.0.0.1", front.port)
        yield front
    finally:
        end(running)


@contextmanager
def web(variables: dict[str, str], log: Path) -> Iterator[int]:
    """Run a web process of 64 threads, and yield its port."""
    port = find_free_port()
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--no-access-log", "--lifespan=off"]
    given = environment(
        **{"WORKER_THREADS": "64", **variables}, API_REQUESTS_PER_MINUTE="0", BEHIND_PROXY="1", METRICS_TOKEN=_TOKEN
    )
    with log.open("ab") as out:
        running = subprocess.Popen([*command, "--port", str(port)], cwd=PROJECT, env=given, stdout=out, stderr=out)
    try:
        wait_for("127.0.0.1", port)
        yield port
    finally:
        end(running)


@contextmanager
def worker(variables: dict[str, str], log: Path) -> Iterator[None]:
    """Run a worker of one process."""
    command = ["-m", "celery", "--quiet", "--app=config.celery", "worker", "--concurrency=1", "--loglevel=info"]
    given = environment(**variables, DATABASE_POOL="off", LOG_LEVEL="INFO")
    with log.open("ab") as out:
        running = subprocess.Popen([sys.executable, *command], cwd=PROJECT, env=given, stdout=out, stderr=out)
    try:
        yield
    finally:
        end(running)


def main(drivers: int, seconds: float) -> None:
    """Run it, and say what was seen."""
    with run_folder() as folder, redis_on("127.0.0.1", folder) as redis_url:
        server = Cluster(folder / "postgres")
        server.create()
        server.start(max_connections="100")
        try:
            server.make_product(redis_url)
            run_python("-m", "bench.scaling.week", "make", str(drivers), **server.product(redis_url, role=OWNER))
            tills = run_python("-m", "bench.scaling.tills", "make", **server.product(redis_url))
            _, version = find_pooler()
            print(f"PgBouncer {version[0]}.{version[1]}", flush=True)
            for prepared in (0, 100) if version >= _KEEPS_PREPARED else (0,):
                with pooler(server, folder, prepared=prepared) as front:
                    print(f"  max_prepared_statements = {prepared}")
                    _show_prepared(front)
            with pooler(server, folder) as front:
                _work(server, front, redis_url, folder, drivers, tills, seconds)
        finally:
            server.stop("immediate")


def _show_prepared(front: Cluster) -> None:
    """Tell what becomes of prepared statements, which the product does not use behind a pooler."""
    failures = 0
    sessions = [psycopg.connect(front.url(ROLE), autocommit=True, prepare_threshold=0) for _ in range(2)]
    try:
        for n in range(40):
            # In turn, so both come to the same session of the server's, each with names of its own for its statements.
            try:
                with sessions[n % 2].transaction():
                    sessions[n % 2].execute(f"SELECT %s::int + {n % 2}", [n])
            except psycopg.Error:
                failures += 1
    finally:
        for session in sessions:
            session.close()
    print(f"  prepared statements, tried apart: {failures} of 40 failed", flush=True)


def _work(
    server: Cluster,
    front: Cluster,
    redis_url: str,
    folder: Path,
    drivers: int,
    tills: str,
    seconds: float,
    rounds: int = 3,
) -> None:
    straight = server.product(redis_url)
    behind = {**straight, "DATABASE_URL": front.url(ROLE)}
    rates: dict[str, list[float]] = {"straight": [], "behind": []}
    answered, most = 0, 0
    seen: list[int] = []
    for n in range(rounds):
        for name, variables in (("straight", straight), ("behind", behind)):
            with web(variables, folder / "web.log") as port:
                stop = threading.Event()
                closing = name == "behind" and n == rounds - 1
                if name == "behind":
                    watchers = [
                        threading.Thread(target=_count_sessions, args=(server, stop, seen)),
                        threading.Thread(target=_ask_pages, args=(port, stop)),
                    ]
                    for watcher in watchers:
                        watcher.start()
                try:
                    if closing:
                        with worker(behind, folder / "worker.log"):
                            run_python("-m", "bench.scaling.week", "start", **behind)
                            took = _pay(port, tills, seconds)
                            _wait_until_closed(server)
                    else:
                        took = _pay(port, tills, seconds)
                finally:
                    stop.set()
                    if name == "behind":
                        for watcher in watchers:
                            watcher.join()
            answered += len(took) + 4  # four come before the clock runs
            if not closing:
                rates[name].append(len(took) / seconds)
            p95 = 1000 * took[int(len(took) * 0.95)]
            print(
                f"  {name:9}{' while a week closes' if closing else '':21}{len(took) / seconds:6.0f}/s p95 {p95:.0f} ms"
            )
    most = max(seen)
    if rates["behind"]:
        ratio = statistics.median(rates["behind"]) / statistics.median(rates["straight"])
        print(f"  behind PgBouncer {ratio:.2f} of straight")
    print(f"  server sessions of the product at most {most} for 64 threads")
    expect("the server had no more sessions than the pool", most <= POOL, True)
    expect("payments answered, and rows", server.ask("SELECT count(*) FROM ledger_payments"), answered)
    server.analyze()
    print(run_python("-m", "bench.scaling.week", "check", str(drivers), **behind), end="")
    _look_for_leaks(server, front)


def _pay(port: int, tills: str, seconds: float) -> list[float]:
    given = environment(DATABASE_URL="postgresql://unused", REDIS_URL="redis://unused", SECRET_KEY="unused")
    command = [sys.executable, "-m", "bench.scaling.tills", "pay", str(port), str(seconds)]
    done = subprocess.run(command, cwd=PROJECT, env=given, input=tills, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise WentWrong("✗ a payment was refused")
    took: list[float] = json.loads(done.stdout)
    return took


def _count_sessions(server: Cluster, stop: threading.Event, seen: list[int]) -> None:
    with server.session() as session:
        while not stop.wait(0.1):
            row = session.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [ROLE]).fetchone()
            seen.append(row[0] if row else 0)


def _ask_pages(port: int, stop: threading.Event) -> None:
    while not stop.wait(0.3):
        for page in ("readyz", "healthz", "metrics"):
            asked = Request(f"http://127.0.0.1:{port}/{page}", headers={"Authorization": f"Bearer {_TOKEN}"})
            try:
                urlopen(asked, timeout=10).close()
            except HTTPError:
                pass  # a part of it is not here (beat), or it is slow: it has asked all the same
            except OSError:
                return


def _wait_until_closed(server: Cluster) -> None:
    deadline = time.monotonic() + 300
    while server.ask("SELECT state FROM dtr_week_closes") != "CLOSED":
        if time.monotonic() > deadline:
            raise WentWrong("✗ the close hangs")
        time.sleep(0.2)


def _look_for_leaks(server: Cluster, front: Cluster) -> None:
    """Look into all sessions of the pool, at once, for what a transaction may have left there."""
    asked = ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in _SETTINGS)
    sessions = [psycopg.connect(front.url(ROLE)) for _ in range(POOL)]
    try:
        found, prepared = {}, 0
        for session in sessions:  # each is in its transaction, and so has a session of the server's for itself
            row = session.execute(
                f"SELECT pg_backend_pid(), (SELECT count(*) FROM pg_prepared_statements), {asked}"
            ).fetchone()
            assert row is not None
            prepared += row[1]
            found[row[0]] = row[2:]
    finally:
        for session in sessions:
            session.close()
    with psycopg.connect(server.url(ROLE)) as fresh:
        usual = fresh.execute(f"SELECT {asked}").fetchone()
    expect("sessions of the pool that were looked into", len(found), POOL)
    expect("statements prepared in them", prepared, 0)
    left = {backend: values for backend, values in found.items() if values != usual}
    expect("with settings that a transaction left behind", left, {})
    expect("advisory locks", server.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 500,
        float(sys.argv[2]) if len(sys.argv) > 2 else 6,
    )
