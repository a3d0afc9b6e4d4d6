"""PostgreSQL as Django has it; a COMMIT is noted before it is sent, and parameters may travel beside a statement."""

from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

from core.outages import note_commit


class DatabaseWrapper(base.DatabaseWrapper):
    def _commit(self) -> Any:
        note_commit()
        return super()._commit()  # type: ignore[misc]  # unknown to the stubs

    def bound_cursor(self) -> CursorWrapper:
        """Return a cursor that sends parameters beside the statement: :func:`core.statements.bound_cursor`."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor: CursorWrapper = self._prepare_cursor(base.ServerBindingCursor(self.connection))  # type: ignore[attr-defined, call-arg]
        return cursor
