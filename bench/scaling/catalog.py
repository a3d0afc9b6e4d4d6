"""What of the schema stands in the way of spreading it by driver: `python -m bench.scaling.catalog [--all]`.

Read from the catalog of a freshly migrated database, so that it stays true. Citus spreads a table by a column; then a
key, a unique rule and an exclusion must have that column among theirs, a foreign key must go from one spread table to
another along it (or to a table that every node has a copy of), and a trigger sees one shard's rows only. ``--all``
names each; without it they are counted by kind, and the first few named.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass

from bench.scaling.servers import Cluster, expect, redis_on, run_folder

COLUMN = "driver_id"
#: Tables of a driver's own that are spread by another column of the same meaning, or could get it from their parent.
_DRIVERS = "leases_driver"
_NAMED = 6

_TABLES = """
    SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = %s AND a.attnotnull),
        EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = %s)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1
"""
_RULES = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,
        CASE WHEN i.indisprimary THEN 'key' WHEN i.indisexclusion THEN 'exclusion' ELSE 'unique' END,
        ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND (i.indisunique OR i.indisexclusion) ORDER BY 1, 2
"""
_KEYS = """
    SELECT conrelid::regclass::text, conname, confrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
_TRIGGERS = """
    SELECT t.tgrelid::regclass::text, t.tgname, p.proname, (t.tgtype & 1) = 1,
        t.tgnewtable IS NOT NULL OR t.tgoldtable IS NOT NULL, p.prosecdef
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal ORDER BY 1, 2
"""
_SEQUENCES = "SELECT c.relname FROM pg_class c WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY 1"
_LOCKS = """
    SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND prosrc ~ 'pg_advisory|FOR (NO KEY )?UPDATE|FOR SHARE' ORDER BY 1
"""


@dataclass(frozen=True)
class Schema:
    """Tables by how they would lie: spread by the driver, or not by any driver."""

    spread: set[str]
    rather: set[str]
    other: set[str]


def main(tell_all: bool) -> None:
    """Make a database, and tell."""
    with run_folder() as folder, redis_on("127.0.0.1", folder) as redis_url:
        server = Cluster(folder / "postgres")
        server.create()
        server.start()
        try:
            server.make_product(redis_url)
            with server.session() as session:
                found: dict[str, list[tuple[str, ...]]] = {
                    name: session.execute(asked).fetchall()
                    for name, asked in (
                        ("rules", _RULES), ("keys", _KEYS), ("triggers", _TRIGGERS), ("sequences", _SEQUENCES),
                        ("locks", _LOCKS),
                    )
                }  # fmt: skip
                tables = session.execute(_TABLES, [COLUMN, COLUMN]).fetchall()
        finally:
            server.stop("immediate")
    schema = Schema(
        spread={name for name, always, _ in tables if always} | {_DRIVERS},
        rather={name for name, always, has in tables if has and not always},
        other={name for name, _, has in tables if not has} - {_DRIVERS},
    )
    kinds = sort(schema, found)
    for kind, names in kinds.items():
        shown = names if tell_all else names[:_NAMED]
        more = f", and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        print(f"{len(names):4}  {kind}\n        {', '.join(shown)}{more}")
    # The list is of use only as long as it knows what is most in the way.
    expect("postings are spread", "ledger_postings" in schema.spread, True)
    expect("their key is in the way", any("ledger_postings_pkey" in name for name in kinds[_KEY]), True)


_KEY = "keys and unique rules of spread tables that lack the driver"
_FOREIGN = "foreign keys between spread tables that lack the driver"


def sort(schema: Schema, found: dict[str, list[tuple[str, ...]]]) -> dict[str, list[str]]:
    """Return what must change, by kind, each thing by its name."""
    kinds: dict[str, list[str]] = defaultdict(list)
    kinds["tables with a driver in each row: spread"] = sorted(schema.spread)
    kinds["tables with a driver in some rows: neither, until each row has one"] = sorted(schema.rather)
    kinds["tables without: a copy on every node, on one node alone, or a driver added"] = sorted(schema.other)
    for table, index, what, columns in found["rules"]:
        if table in schema.spread and COLUMN not in columns and not (table == _DRIVERS and index.endswith("_pkey")):
            kinds[_KEY].append(f"{index} ({what}: {', '.join(columns) or 'an expression'})")
    for table, name, to in found["keys"]:
        if table in schema.spread and to in schema.spread and to != _DRIVERS:
            kinds[_FOREIGN].append(f"{name} ({table} → {to})")
        elif table not in schema.spread and to in schema.spread:
            kinds["foreign keys to a spread table from one that is not: refused"].append(f"{name} ({table} → {to})")
        elif table in schema.spread and to not in schema.spread:
            kinds["foreign keys from a spread table: their aim must be a copy on every node"].append(f"{name} → {to}")
    for table, name, function, is_row, has_rows, is_definer in found["triggers"]:
        if table in schema.spread:
            how = "each row" if is_row else "the statement's rows" if has_rows else "the statement"
            kinds[f"triggers of spread tables, for {how}"].append(name + (" (as the owner)" if is_definer else ""))
        if function == "core_draw_number":
            kinds["numbers without gaps, from one counter"].append(f"{table} ({name})")
    owners = {name.removesuffix("_id_seq"): name for (name,) in found["sequences"]}
    kinds["sequences of spread tables, whose ids are an order now"] = [
        name for table, name in owners.items() if table in schema.spread
    ]
    kinds["functions of the database that take locks"] = [name for (name,) in found["locks"]]
    return dict(kinds)


if __name__ == "__main__":
    main("--all" in sys.argv[1:])
