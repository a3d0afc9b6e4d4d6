"""How the fleet's own promises stand, in figures: the close, audits, seals, backups, what waits to be told outside."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.models import AuditRun
from core.selectors import find_last_backup, find_oldest_unnumbered
from dtr import selectors as dtr
from dtr.selectors import CloseStanding
from ledger.selectors import Sealing, get_sealing

#: The audits run each night; an older run is none.
AUDIT_GOOD_FOR = timedelta(hours=26)
#: So are backups taken, by a timer that is none of ours.
BACKUP_GOOD_FOR = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class AuditStanding:
    run: AuditRun
    finished_at: datetime
    is_old: bool

    @property
    def findings(self) -> int:
        return self.run.findings


@dataclass(frozen=True, slots=True)
class BackupStanding:
    """The last that `manage.py backup` took and recorded; of one that was taken otherwise nothing is known here."""

    taken_at: datetime
    bytes: int
    is_old: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """``audit`` is None where none ever ended, ``backup`` where none was ever taken; ``unnumbered_since`` where every
    event has its number.
    """

    close: CloseStanding
    audit: AuditStanding | None
    seals: Sealing
    backup: BackupStanding | None
    unnumbered_since: datetime | None


def read_standing(*, now: datetime) -> Standing:
    """Read it, by seven statements at the most."""
    run = dtr.find_last_audit()
    audit = None
    if run is not None and run.finished_at is not None:
        audit = AuditStanding(run, run.finished_at, now - run.finished_at > AUDIT_GOOD_FOR)
    last = find_last_backup()
    backup = BackupStanding(last.taken_at, last.size, now - last.taken_at > BACKUP_GOOD_FOR) if last else None
    return Standing(
        close=dtr.read_close_standing(now=now),
        audit=audit,
        seals=get_sealing(),
        backup=backup,
        unnumbered_since=find_oldest_unnumbered(),
    )
