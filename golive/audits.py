"""What must hold of go-live."""

from collections.abc import Iterator

from core import guards
from core.audits import audit


@audit("golive.guards", "What tells of opening balances is there, always on, and as it was written.")
def find_missing_guards() -> Iterator[str]:
    yield from guards.find_missing_guards("golive")
