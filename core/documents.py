"""How many files are kept of what a reference names, told by the app that keeps them.

An app says in its AppConfig's ``ready`` that it tells them, and whoever shows a record of a driver's asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Documents:
    """So many files; the page that lists them, and the page that adds one, where the user may open it."""

    count: int
    url: str
    add_url: str = ""

    def __str__(self) -> str:
        return f"{self.count} document{'' if self.count == 1 else 's'}"


#: Gets who asks, the driver and the reference; None for whoever may not see files.
TellDocuments = Callable[[Any, int, str], Documents | None]

_tellers: list[TellDocuments] = []


def register_documents(tell: TellDocuments) -> None:
    """Have ``tell`` be asked which files are kept of a driver's payment, charge or plan."""
    _tellers[:] = [tell]


def find_documents(user: Any, driver_id: int, reference_id: str) -> Documents | None:
    """Return which files are kept of it; None where nobody keeps any, or the user may not see them."""
    return _tellers[0](user, driver_id, reference_id) if _tellers else None
