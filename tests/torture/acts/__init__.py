"""The acts, an app a module; importing this registers them all."""

from tests.torture.acts import (
    books,
    charges,
    corrections,
    counter,
    curb,
    deposits,
    desk,
    leases,
    loans,
    office,
    pages,
    repairs,
    tickets,
    webapi,
    week,
)

__all__ = [
    "books",
    "charges",
    "corrections",
    "counter",
    "curb",
    "deposits",
    "desk",
    "leases",
    "loans",
    "office",
    "pages",
    "repairs",
    "tickets",
    "webapi",
    "week",
]
