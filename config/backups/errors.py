"""Why a backup was not taken, not restored or not told of: one sentence for whoever runs the server."""


class BackupRefused(Exception):
    """Nothing was written, or what was is taken back; the sentence says why, and what to do."""


class NotRecorded(Exception):
    """The backup is there and whole, and *Status* will not tell of it; the sentence says why."""
