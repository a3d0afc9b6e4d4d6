"""What came from CURB is kept as it came: whether its guards stand."""

from collections.abc import Iterator

from core import guards
from core.audits import audit


@audit(
    "curb.guards",
    "Every guard of the trips and of the receipts at CURB is there, always on, and as it was written.",
)
def find_missing_guards() -> Iterator[str]:
    yield from guards.find_missing_guards("curb")
