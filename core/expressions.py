"""Conditions said so that PostgreSQL asks an index, and Python says little."""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Exists, Field, Lookup, Q
from django.db.models.fields.related import ForeignObject

from core.columns import as_column, is_bigint, split_column


@Field.register_lookup
@ForeignObject.register_lookup  # which takes over none of a field's
class Among(Lookup):
    """``column__among=values`` for ``filter``: the column, of ids or texts, is one of these, however many they are.

    As ``in`` has it each of them is a parameter of its own, which costs Python more than the server needs to answer.
    A number that no bigint holds is no row's, nor is None, there as here; and of none nothing is asked.
    """

    lookup_name = "among"
    rhs: Iterable[Any]

    def get_prep_lookup(self) -> list[object]:
        return list(self.rhs)  # read more than once where a condition stands twice in a statement

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        is_id = self.lhs.output_field.db_type(connection) in ("bigint", "integer")  # integers are compared as bigints
        those = [value for value in self.rhs if value is not None and (not is_id or is_bigint(value))]
        if not those:
            raise EmptyResultSet
        if is_id:
            return f"{column} = ANY({split_column('bigint')})", (*parameters, as_column(those))
        return f"{column} = ANY(%s::text[])", (*parameters, [str(text) for text in those])  # it may be of any signs


def is_of_batch(column: str, ids: Collection[int]) -> Q:
    """Return a condition for ``filter``: the column is one of a batch's numbers, which stand together.

    It says so as a range too. Before version 17 PostgreSQL rather reads a week whole than looks up a list in the second
    column of an index, where it has heard of no row of that week; and of the week that a close counts it has heard of
    none. So each batch read what all batches before it had written. A range is taken within an index by any version.
    """
    if not ids:
        return Q(**{f"{column}__in": ()})
    return Q(**{f"{column}__among": ids, f"{column}__gte": min(ids), f"{column}__lte": max(ids)})


class ExistsForRow(Exists):
    """Whether there is one, looked up by its index for each row that is shown.

    Of an EXISTS beside the columns PostgreSQL may make one reading of all of the other table, not knowing that a list
    shows fifty rows: so the list of payments read all balances three times. Not for what narrows a list.
    """

    template = "((%(subquery)s) IS NOT NULL)"
