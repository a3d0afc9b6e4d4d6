"""Two hosts close one week: `python -m bench.scaling.hosts [DRIVERS]` (root, iproute2).

PostgreSQL and Redis listen on a bridge; each host is a network namespace with a worker of the product that reaches them
by its own cable. The week is closed four times, each time from the same files: by both; by both, of whom one loses all
its processes halfway (SIGKILL); by both, of whom one loses its cable within a batch and is not told; and that once more
with the server's own settings, by which it believes for two hours that the host is still there: its batch stands until
somebody ends that session. Each time the week must be closed once, each driver have one DTR, every kind of posting be
there as often for one driver as for the next, and all audits find nothing.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.scaling.servers import (
    OWNER,
    PROJECT,
    Cluster,
    WentWrong,
    environment,
    expect,
    redis_on,
    run_folder,
    run_python,
)

#: The longest a close may take before we say that it hangs.
_PATIENCE_SECONDS = 300
#: A host that is gone is noticed by the server after about so many seconds (idle + interval × count).
_KEEPALIVES = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "2",
               "tcp_user_timeout": "15000"}  # fmt: skip

#: So long a host that is gone is left standing before somebody ends its sessions.
_UNTOLD_SECONDS = 90
#: Batches that are done, whether the week is closed, and whether a host is within a transaction for a while already.
_STANDING = """
    SELECT count(*), count(*) FILTER (WHERE b.done_at IS NOT NULL), bool_and(w.state = 'CLOSED'), EXISTS (
        SELECT FROM pg_stat_activity
        WHERE client_addr = %s AND xact_start < clock_timestamp() - interval '20 milliseconds')
    FROM dtr_close_batches b JOIN dtr_week_closes w ON w.week_end = b.week_end
"""


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@dataclass
class Host:
    """A network namespace with a cable to the bridge, and the product's worker in it."""

    name: str
    address: str
    cable: str
    log: Path
    worker: "subprocess.Popen[bytes] | None" = None

    def start(self, variables: dict[str, str]) -> None:
        """Plug its cable in, and start a worker of one process."""
        _ip("link", "set", self.cable, "up")
        self.log.unlink(missing_ok=True)
        command = [
            "ip", "netns", "exec", self.name, sys.executable, "-m", "celery", "--quiet", "--app=config.celery",
            "worker", "--concurrency=1", "--loglevel=info", "--hostname", f"worker@{self.name}", "--without-gossip",
            "--without-mingle",
        ]  # fmt: skip
        given = environment(**variables, DATABASE_POOL="off", LOG_LEVEL="INFO")
        with self.log.open("ab") as log:
            self.worker = subprocess.Popen(
                command, cwd=PROJECT, env=given, stdout=log, stderr=log, start_new_session=True
            )

    def lose_power(self) -> None:
        """Kill all its processes at once."""
        if self.worker is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def lose_cable(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        _ip("link", "set", self.cable, "down")

    def count_done(self) -> int:
        """Return how many batches it did, by its own log."""
        return len(re.findall(r"done for \d+ drivers", self.log.read_text(errors="replace")))


@contextmanager
def network(folder: Path) -> Iterator[tuple[str, list[Host]]]:
    """Make a bridge and two namespaces on it; yield the bridge's address and the hosts."""
    run = os.getpid() % 250
    bridge, net = f"fsb{run}", f"10.99.{run}"
    hosts = [Host(f"fleet-h{n}-{run}", f"{net}.{n + 1}", f"fsv{run}-{n}", folder / f"host{n}.log") for n in (1, 2)]
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"{net}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for host in hosts:
            _ip("netns", "add", host.name)
            _ip("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.name)
            _ip("link", "set", host.cable, "master", bridge, "up")
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "eth0")
            for link in ("lo", "eth0"):
                _ip("-n", host.name, "link", "set", link, "up")
        yield f"{net}.1", hosts
    finally:
        for host in hosts:
            host.lose_power()
            subprocess.run(["ip", "netns", "del", host.name], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["ip", "link", "del", bridge], stderr=subprocess.DEVNULL, check=False)


def main(drivers: int) -> None:
    """Make a fleet once, and close its week four times, each time from the same files."""
    if os.geteuid() != 0:
        raise SystemExit("Namespaces need root.")
    with run_folder() as folder, network(folder) as (address, hosts):
        server = Cluster(folder / "postgres", address, f"{address}/24")
        with redis_on(address, folder) as redis_url:
            server.create()
            server.start()
            server.make_product(redis_url)
            owner = server.product(redis_url, role=OWNER)
            run_python("-m", "bench.scaling.week", "make", str(drivers), **owner)
            server.stop()
        subprocess.run(["cp", "--archive", server.data, folder / "made"], check=True)
        for trouble in ("none", "power", "cable", "cable, and the server is not told either"):
            shutil.rmtree(server.data)
            subprocess.run(["cp", "--archive", folder / "made", server.data], check=True)
            with redis_on(address, folder) as redis_url:
                try:
                    server.start(**({} if trouble.endswith("either") else _KEEPALIVES))
                    _close(drivers, trouble, server, redis_url, hosts)
                finally:
                    for host in hosts:
                        host.lose_power()
                    server.stop("immediate")


def _close(drivers: int, trouble: str, server: Cluster, redis_url: str, hosts: list[Host]) -> None:
    product = server.product(redis_url)
    for host in hosts:
        host.start({**product, "DATA_DIR": str(host.log.with_suffix(""))})
    _wait_for_workers(hosts)
    print(f"\n{drivers:,} drivers, two hosts; trouble: {trouble}", flush=True)
    took = _watch(server, product, trouble, hosts)
    done = [host.count_done() for host in hosts]
    batches = server.ask("SELECT count(*) FROM dtr_close_batches")
    print(f"  closed in {took:.1f} s: {drivers / took:,.0f} drivers a second; batches done by each: {done}")
    _tell_shares(batches, done, trouble)
    server.analyze()
    print(run_python("-m", "bench.scaling.week", "check", str(drivers), **product), end="", flush=True)


def _tell_shares(batches: int, done: list[int], trouble: str) -> None:
    expect("both did some of it", min(done) > 0, True)
    if trouble == "none":
        expect("batches done, by the logs of both", sum(done), batches)
    elif not batches - 2 <= sum(done) <= batches:
        # What was committed as the cable went was not told any more by its log.
        raise WentWrong(f"✗ {batches} batches, and the logs tell of {done}")


def _wait_for_workers(hosts: list[Host]) -> None:
    deadline = time.monotonic() + 60
    while not all("ready" in host.log.read_text(errors="replace") for host in hosts):
        if time.monotonic() > deadline:
            raise WentWrong("✗ a worker is not ready: " + hosts[0].log.read_text() + hosts[1].log.read_text())
        time.sleep(0.2)


def _watch(server: Cluster, product: dict[str, str], trouble: str, hosts: list[Host]) -> float:
    """Begin the close, make the trouble halfway, and return the seconds until the week was closed."""
    began = looked = time.monotonic()
    lost_at = 0.0
    # Watched from its first batch on: what begins it may take longer to end than the close itself.
    aside = _do_aside("start", product)
    with server.session() as session:
        while True:
            row = session.execute(_STANDING, [hosts[1].address]).fetchone()
            assert row is not None
            batches, done, is_closed, at_work = row
            now = time.monotonic()
            if is_closed:
                aside.wait()
                return float(server.ask("SELECT extract(epoch FROM finished_at - started_at) FROM dtr_week_closes"))
            if trouble != "none" and not lost_at and 2 * done >= batches > 0 and at_work:
                if not _make_trouble(server, trouble, hosts[1]):
                    continue
                lost_at = now
                print(f"  after {done} batches host 2 lost its {trouble}", flush=True)
            if lost_at and trouble.endswith("either") and now - lost_at > _UNTOLD_SECONDS:
                _end_by_hand(server, hosts[1])
                trouble = "told"
            if now - looked > 15 and aside.poll() is not None:  # beat would, each minute
                aside, looked = _do_aside("resume", product), now
            if now - began > _PATIENCE_SECONDS:
                raise WentWrong(f"✗ the close hangs after {done} batches")
            time.sleep(0.02)


def _do_aside(what: str, product: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Have the product do something while we watch."""
    return subprocess.Popen([sys.executable, "-m", "bench.scaling.week", what], cwd=PROJECT, env=environment(**product))


def _make_trouble(server: Cluster, trouble: str, host: Host) -> bool:
    """Make it; return whether it came within a batch."""
    if trouble == "power":
        host.lose_power()
        return True
    host.lose_cable()
    time.sleep(0.5)
    asked = "SELECT count(*) FROM pg_stat_activity WHERE client_addr = %s AND xact_start IS NOT NULL"
    if server.ask(asked, host.address):
        return True
    _ip("link", "set", host.cable, "up")  # it was between two batches: nothing is held by it
    return False


def _end_by_hand(server: Cluster, host: Host) -> None:
    """Do what somebody must do where the server does not find out by itself."""
    held = server.ask("SELECT count(*) FROM pg_stat_activity WHERE client_addr = %s AND state <> 'idle'", host.address)
    expect(f"after {_UNTOLD_SECONDS} seconds the session of host 2 still holds its batch", held > 0, True)
    server.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE client_addr = %s", host.address)
    print("  its sessions were ended by hand", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
