"""What a service would do just now: it is run, looked at, and rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from core.transactions import busy_by_name, set_lock_timeout


@contextmanager
def rolled_back() -> Iterator[None]:
    """Run what stands inside as one transaction, and undo all of it at its end. What is read inside may be kept.

    What raises is undone as well, and raised.

    :raises Busy: a lock was not had in time
    """
    with busy_by_name(), transaction.atomic():
        set_lock_timeout()
        yield
        transaction.set_rollback(True)
