"""``python -m tests.torture``: act at random until the minutes are over or something is found."""

import argparse
import random
import signal
import sys
import time

from tests.torture.database import Clock, database_of_its_own


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--acts", type=int, default=0, help="stop after so many acts, whatever the minutes")
    parser.add_argument("--seed", type=int, default=None, help="the same seed does the same acts")
    parser.add_argument("--audit-every", type=int, default=500)
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    print(f"Seed {seed}.", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with database_of_its_own():
        from tests.torture.report import run

        ends_at = time.monotonic() + (asked.minutes * 60 if not asked.acts else 86_400)
        return run(seed=seed, clock=Clock(), acts=asked.acts, ends_at=ends_at, audit_every=asked.audit_every)


if __name__ == "__main__":
    sys.exit(main())
