"""Several sessions at once: real threads, each with a connection of its own, that begin together."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connections

from core.errors import DomainError

#: Longer than any lock is waited for; a thread that is not back by then hangs.
PATIENCE = 60


def run_together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs in threads that begin at once; return, in their order, what each returned or how it was refused.

    A refusal is an answer. Whatever else a job raises is raised here, and a job that hangs fails the test.
    """
    outcomes: list[Any] = [None] * len(jobs)
    failures: list[BaseException] = []
    ready = threading.Barrier(len(jobs))

    def run(place: int, job: Callable[[], Any]) -> None:
        try:
            ready.wait(timeout=PATIENCE)
            outcomes[place] = job()
        except DomainError as refusal:
            outcomes[place] = refusal
        except BaseException as failure:  # raised again where the test sees it
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=row, daemon=True) for row in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]
    return outcomes


def list_winners(outcomes: Iterable[Any]) -> list[Any]:
    """What the jobs returned that were not refused."""
    return [outcome for outcome in outcomes if not isinstance(outcome, DomainError)]


def count_refusals(outcomes: Iterable[Any]) -> dict[type[DomainError], int]:
    """How many jobs were refused, by the error."""
    return dict(Counter(type(outcome) for outcome in outcomes if isinstance(outcome, DomainError)))
