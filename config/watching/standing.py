"""How the fleet's own promises stand, in figures: the close, the audits, the seals, what waits to be told outside."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.models import AuditRun
from core.selectors import find_oldest_unnumbered
from dtr import selectors as dtr
from dtr.selectors import CloseStanding
from ledger.selectors import Sealing, get_sealing

#: The audits run each night; an older run is none.
AUDIT_GOOD_FOR = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class AuditStanding:
    run: AuditRun
    finished_at: datetime
    is_old: bool

    @property
    def findings(self) -> int:
        return self.run.findings


@dataclass(frozen=True, slots=True)
class Standing:
    """``audit`` is None where none ever ended; ``unnumbered_since`` where every event has its number."""

    close: CloseStanding
    audit: AuditStanding | None
    seals: Sealing
    unnumbered_since: datetime | None


def read_standing(*, now: datetime) -> Standing:
    """Read it, by six statements at the most."""
    run = dtr.find_last_audit()
    audit = None
    if run is not None and run.finished_at is not None:
        audit = AuditStanding(run, run.finished_at, now - run.finished_at > AUDIT_GOOD_FOR)
    return Standing(
        close=dtr.read_close_standing(now=now),
        audit=audit,
        seals=get_sealing(),
        unnumbered_since=find_oldest_unnumbered(),
    )
