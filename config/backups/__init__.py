"""Backups: the database and the uploads in one encrypted file, and the proof that it can be restored.

``manage.py backup`` takes one (`taking`), ``manage.py restore`` restores one and compares everything (`restoring`).
"""

from config.backups.errors import BackupRefused
from config.backups.keeping import delete_outdated
from config.backups.keys import make_key, read_identities
from config.backups.restoring import Checked, check_backup, restore_backup
from config.backups.taking import Taken, take_backup

__all__ = [
    "BackupRefused",
    "Checked",
    "Taken",
    "check_backup",
    "delete_outdated",
    "make_key",
    "read_identities",
    "restore_backup",
    "take_backup",
]
