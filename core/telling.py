"""Work that takes a while, told in the log: what was done once it stands, and what was refused."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from core.errors import DomainError


def tell_done(logger: logging.Logger, words: str, *facts: Any) -> None:
    """Log what was done, once its transaction is over: a preview, which is rolled back, says nothing."""
    tell(logging.INFO, logger, words, *facts)


def tell(level: int, logger: logging.Logger, words: str, *facts: Any) -> None:
    """Do the same at another level than INFO."""
    transaction.on_commit(lambda: logger.log(level, words, *facts))


@contextmanager
def telling_refusals(logger: logging.Logger, words: str, *facts: Any) -> Iterator[None]:
    """Log a refusal as one WARNING, behind what was refused, and let it go on to whoever asked."""
    try:
        yield
    except DomainError as refusal:
        if not refusal.was_told:
            logger.warning(f"{words}: %s", *facts, refusal.message)
            refusal.was_told = True
        raise
