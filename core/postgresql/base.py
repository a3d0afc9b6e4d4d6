"""PostgreSQL as Django has it; only a COMMIT is noted before it is sent."""

from typing import Any

from django.db.backends.postgresql import base

from core.outages import note_commit


class DatabaseWrapper(base.DatabaseWrapper):
    def _commit(self) -> Any:
        note_commit()
        return super()._commit()  # type: ignore[misc]  # unknown to the stubs
