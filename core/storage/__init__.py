"""Where uploads lie: the storage that ``STORAGES["default"]`` names, and how what was on the disk before gets there."""

from core.storage.database import DatabaseStorage
from core.storage.moving import list_on_disk, move_upload

__all__ = ["DatabaseStorage", "list_on_disk", "move_upload"]
