"""Why a backup was not taken, or not restored: one sentence for whoever runs the server."""


class BackupRefused(Exception):
    """Nothing was written, or what was is taken back; the sentence says why, and what to do."""
