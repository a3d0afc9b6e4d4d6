"""PostgreSQL as Django has it; a COMMIT is noted before it is sent, and parameters may travel beside a statement."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

from core.outages import note_commit


class DatabaseWrapper(base.DatabaseWrapper):
    def _commit(self) -> Any:
        note_commit()
        return super()._commit()  # type: ignore[misc]  # unknown to the stubs

    def execute_last(self, sql: str, params: Sequence[Any]) -> None:
        """Execute the last statement of the running block: of the outermost, with its COMMIT, in one message.

        Django's own COMMIT then finds nothing to do, and does the rest of what belongs to it.
        """
        is_outermost = self.in_atomic_block and not self.savepoint_ids
        if is_outermost:
            note_commit()
        with self.cursor() as cursor:
            cursor.execute(f"{sql}; COMMIT" if is_outermost else sql, params)

    def bound_cursor(self) -> CursorWrapper:
        """Return a cursor that sends parameters beside the statement: :func:`core.statements.bound_cursor`."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor: CursorWrapper = self._prepare_cursor(base.ServerBindingCursor(self.connection))  # type: ignore[attr-defined, call-arg]
        return cursor
