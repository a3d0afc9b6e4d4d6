"""What the product's role may do with a table, in words for `config/grants.py`; how it comes about is `core.grants`."""

from dataclasses import dataclass

#: Every column but the one that the database draws.
ALL = ("*",)


@dataclass(frozen=True, slots=True)
class Access:
    """Reading, which everything may be, and what else is granted.

    ``inserts`` and ``updates`` never reach an id that the database draws, unless it ``gives_ids``: then it may be given
    too, as Django's own tables expect.
    """

    inserts: bool = False
    updates: tuple[str, ...] = ()
    deletes: bool = False
    gives_ids: bool = False
    #: Its statistics are made by hand, after much has come in at once.
    analyzes: bool = False


#: Written by the database's own triggers, or by migrations.
READ = Access()
#: Rows come in and stay as they are.
APPEND = Access(inserts=True)
#: Nothing is to be kept from the product here.
ORDINARY = Access(inserts=True, updates=ALL, deletes=True, gives_ids=True)
ANALYZED = Access(inserts=True, updates=ALL, deletes=True, gives_ids=True, analyzes=True)


def keep(*updates: str) -> Access:
    """Rows come in and are never deleted; of one that is there, these columns change."""
    return Access(inserts=True, updates=updates)
