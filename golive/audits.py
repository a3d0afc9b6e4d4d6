"""What must hold of go-live."""

from collections.abc import Iterator

from core import guards
from core.audits import audit


@audit("golive.guards", "What guards the opening balances stands as it was shipped, and nothing else beside it.")
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("golive")
