"""No table of ours has an index that another of its indexes begins with: it costs each row, and misleads the planner.

That takes a week that it has no statistics of for two rows, and the week's own index for the shorter way to a hundred
drivers of it: each batch of a close then read all DTRs that were sealed before.
"""

import pytest
from django.db import connection

_BEGINNINGS_OF_OTHERS = """
    SELECT short.indexrelid::regclass::text FROM pg_index AS short
    JOIN pg_index AS long ON long.indrelid = short.indrelid AND long.indexrelid <> short.indexrelid
        AND starts_with(long.indkey::text, short.indkey::text || ' ')
        AND starts_with(long.indclass::text, short.indclass::text || ' ')
    JOIN pg_class AS its ON its.oid = short.indrelid JOIN pg_namespace AS home ON home.oid = its.relnamespace
    WHERE home.nspname = 'public' AND NOT short.indisunique
        AND short.indpred IS NULL AND long.indpred IS NULL AND short.indexprs IS NULL AND long.indexprs IS NULL
    ORDER BY 1
"""


@pytest.mark.django_db
def test_no_index_is_the_beginning_of_another() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BEGINNINGS_OF_OTHERS)
        twice = [name for (name,) in cursor.fetchall()]

    assert [name for name in twice if not name.startswith(("auth_", "axes_", "django_"))] == []


@pytest.mark.django_db
def test_an_index_that_another_begins_with_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("CREATE TEMPORARY TABLE pairs (first int, second int)")
        cursor.execute("CREATE INDEX ON pairs (first)")
        cursor.execute("CREATE INDEX ON pairs (first, second)")
        cursor.execute(_BEGINNINGS_OF_OTHERS.replace("home.nspname = 'public'", "its.relname = 'pairs'"))

        assert cursor.fetchall() == [("pairs_first_idx",)]
