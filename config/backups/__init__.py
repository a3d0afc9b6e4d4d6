"""Backups: the database and the uploads in one encrypted file, and the proof that it can be restored.

``manage.py backup`` takes one (`taking`) and says so in the database (`recording`), ``manage.py restore`` restores one
and compares everything (`restoring`).
"""

from config.backups.errors import BackupRefused, NotRecorded
from config.backups.keeping import delete_outdated
from config.backups.keys import make_key, read_identities
from config.backups.recording import record_backup
from config.backups.restoring import Checked, check_backup, restore_backup
from config.backups.taking import Taken, take_backup

__all__ = [
    "BackupRefused",
    "Checked",
    "NotRecorded",
    "Taken",
    "check_backup",
    "delete_outdated",
    "make_key",
    "read_identities",
    "record_backup",
    "restore_backup",
    "take_backup",
]
