"""How Home counts in words and draws bars. Pure."""

from decimal import Decimal


def count_of(count: int, what: str) -> str:
    """Return ``1,096 leases``, or ``1 lease``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def height_of(amount: Decimal, most: Decimal) -> int:
    """Return how high a bar stands of a hundred; what is there is seen, however little it is."""
    return max(round(100 * amount / most), 2) if amount > 0 else 0
