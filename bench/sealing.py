"""Seal postings, and verify them whole, beside one bare pass over them that digests each row."""

from collections.abc import Callable, Iterator

from django.db import connection

from bench.databases import settle
from bench.measure import Row, Timing, compare, measure, say_cpu
from bench.posting import EACH, make_obligations
from bench.registry import Asked
from ledger import services as ledger

SHORT, FULL = 200_000, 1_000_000
BESIDE = "bare pass: sha256 of each row"


class SealsBroken(Exception):
    """The seals that were just made do not verify."""


def run(asked: Asked) -> Iterator[Row]:
    """Measure both, and a bare pass after each."""
    wanted = FULL if asked.is_full else SHORT
    for _ in range(-(-wanted // (EACH * len(asked.lease_of)))):
        ledger.create_obligations(make_obligations(asked.lease_of, EACH))
    settle()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_postings")
        (postings,) = cursor.fetchone()
    sealing = _time("sealed", postings, ledger.seal_rows)
    bare = [_time_bare(postings)]
    verifying = _time("verified", postings, _verify)
    bare.append(_time_bare(postings))
    yield compare(f"seal {postings:,} postings", BESIDE, [(sealing, one) for one in bare])
    yield compare(f"verify {postings:,} postings whole", BESIDE, [(verifying, one) for one in bare])


def _verify() -> None:
    found = ledger.verify_seals(is_whole=True).check
    if found.findings:
        raise SealsBroken(f"{found.findings} findings in {found.seals} seals.")


def _time(what: str, rows: int, work: Callable[[], object]) -> Timing:
    took, ours, theirs = measure(work)
    print(f"  {what}: {took:.1f} s, {say_cpu(rows, ours, theirs)}", flush=True)
    return Timing(rows, took)


def _time_bare(rows: int) -> Timing:
    def read() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(sha256(convert_to(p::text, 'UTF8'))) FROM ledger_postings p")
            cursor.fetchone()

    return Timing(rows, measure(read)[0])
