"""What of the schema stands in the way of spreading it by driver: `python -m bench.scaling.catalog [--all]`.

Read from the catalog of a freshly migrated database, so that it stays true. Citus spreads a table by a column; then a
key, a unique rule and an exclusion must have that column among theirs, a foreign key must go from one spread table to
another along it (or to a table that every node has a copy of), and a trigger sees one shard's rows only. ``--all``
names each with what becomes of it, in markdown, as it stands in `docs/scaling.md`, and fails where it does not, or
where something has come of which nobody has said what becomes; without it they are counted by kind.
"""

import re
import sys
import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bench.scaling.servers import PROJECT, Cluster, WentWrong, expect, redis_on, run_folder

COLUMN = "driver_id"
#: The drivers' own table, which is spread by its key.
_DRIVERS = "leases_driver"
#: Tables that would be given the driver of what their rows belong to.
_GIVEN = {
    "core_webhook_deliveries", "curb_amount_remarks", "curb_card_transactions", "dtr_lines", "ledger_named_authors",
    "ledger_named_vehicles", "ledger_slip_checks", "ledger_transfers", "loans_loaninstallment", "loans_loanpayoff",
    "repairs_repairinstallment", "repairs_repairline", "tickets_changes",
}  # fmt: skip
_WIDTH = 120

_TABLES = """
    SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = %s AND a.attnotnull),
        EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = %s)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1
"""
_RULES = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, i.indisprimary,
        ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND (i.indisunique OR i.indisexclusion) ORDER BY 1, 2
"""
_KEYS = """
    SELECT k.conrelid::regclass::text, k.conrelid::regclass || '.' || string_agg(a.attname, '+'),
        k.confrelid::regclass::text
    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
    WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace GROUP BY k.oid ORDER BY 2
"""
#: What holds a reference refuses as a foreign key does, or by one of these functions, which ask for more than that.
_TRIGGERS = """
    SELECT t.tgrelid::regclass::text, t.tgname, p.proname, (t.tgtype & 1) = 1,
        t.tgnewtable IS NOT NULL OR t.tgoldtable IS NOT NULL,
        p.prosrc ~ '23503|_hold_named' OR p.proname IN (
            'ledger_project_postings', 'ledger_check_lease', 'dtr_refuse_late_line', 'dtr_check_seal',
            'ledger_check_seal', 'ledger_check_journal_batch', 'ledger_check_sum_run', 'ledger_check_transfer',
            'ledger_check_slip')
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal ORDER BY 1, 2
"""
_SEQUENCES = "SELECT c.relname FROM pg_class c WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY 1"
_LOCKS = """
    SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND prosrc ~ 'pg_advisory|FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE|LOCK TABLE' ORDER BY 1
"""


@dataclass(frozen=True)
class Schema:
    """Tables by how they would lie: spread by the driver, spread once a row has one, or not by any driver."""

    spread: set[str]
    rather: set[str]
    other: set[str]


_SPREAD = "tables have a driver in each row"
_RATHER = "have one in some rows"
_GET = "are given one"
_OTHER = "have none"
_RULE = "keys, unique rules and exclusions of the first 17 lack the driver"
_RULE_RATHER = "of those with a driver in some rows lack it"
_RULE_GIVEN = "of those that are given one lack it"
_INTO = "foreign keys lead to one of the first 17 from another table"
_INTO_RATHER = "lead to a table with a driver in some rows"
_OUT = "lead from such tables to one that is not spread"
_ALONG = "lead to the drivers, along the driver"
_BETWEEN = "are between tables that have no driver"
_HELD = "triggers hold references"
_STATEMENT, _ROWS, _ROW = "triggers see the statement", "see a statement's rows", "see a row"
_NUMBER = "counters draw numbers without gaps"
_ORDER = "sequences of the first 17 draw ids that are an order"
_ORDER_RATHER = "are of those with a driver in some rows"
_ORDER_GIVEN = "are of those that are given one"
_LOCK = "functions take locks"
_KINDS = (
    _SPREAD, _RATHER, _GET, _OTHER, _RULE, _RULE_RATHER, _RULE_GIVEN, _INTO, _INTO_RATHER, _OUT, _ALONG, _BETWEEN,
    _HELD, _NUMBER, _ORDER, _ORDER_RATHER, _ORDER_GIVEN, _LOCK, _STATEMENT, _ROWS, _ROW,
)  # fmt: skip
#: Told by number alone in the document, and by name after it.
_COUNTED = (_STATEMENT, _ROWS, _ROW)

#: What becomes of all of a kind.
_SAYS = {
    _SPREAD: "spread",
    _RATHER: "a row that has none waits on one node, and moves to its driver's once it is matched",
    _GET: "that of what their row belongs to; rows that belong to no driver stay on one node",
    _OTHER: "a copy on every node where a reference leads to them (below), the others on one node",
    _OUT: "the aim is a copy on every node",
    _ALONG: "as they are, `leases_driver` being spread by its id",
    _BETWEEN: "as they are, where both are copies or on one node; of a table that is given the driver, the aim is a "
    "copy (`ledger_chart`, `curb_trip_files`, `auth_user`) or goes with it (`ledger_transfers`, "
    "`curb_card_transactions`)",
    _NUMBER: "on one node, in one transaction with the row, so every payment commits in two phases; or a number has "
    "its node's letter, which people see on paper",
    _ORDER: "a node draws its own. The cut of a DTR needs the order of one driver's ids alone. Seals would be a chain "
    "for each node (`ledger_seals_each_once` with the node), and the head that a DTR bears the heads of all",
    _ORDER_RATHER: "likewise; facts and events would be told in an order of each node's",
    _ORDER_GIVEN: "likewise; seals of transfers are a chain for each node too",
}

#: What becomes of each, by a pattern of its name; the first that fits. Where there is none, its name is enough.
_BECOMES: dict[str, list[tuple[str, str]]] = {
    _RULE: [
        (r".*_pkey", "the driver is put before the id; enough, as each id is drawn once"),
        (r"ledger_postings_reversed_once", "with the driver; enough, as a void is its original's driver's"),
        (
            r"ledger_balances_live_reference|curb_trip_counts_once_a_close",
            "with the driver; enough until a ticket or trip goes to another driver, which then is one transaction on "
            "two nodes that looks at both",
        ),
        (
            r"leases_leasedriver_once_a_day",
            "an exclusion: the driver as `driver_id WITH =` (extension btree_gist), which asks the same",
        ),
        (r".*_idempotency_key_key|.*_entry_key_key", "over all drivers: a table of keys on one node, written first"),
        (r".*_number_key", "over all drivers: left to the counter on one node (below)"),
        (
            r"leases_driver_one_of_a_license|repairs_repairinvoice_once",
            "over all drivers (licenses; a workshop's numbers): a table of them on one node, written first",
        ),
        (
            r"leases_leasedriver_one_primary",
            "over all drivers of a lease: left to the lease's own row, which names the primary driver already",
        ),
    ],
    _RULE_RATHER: [
        (r".*_pkey", "with the driver, where the row has one"),
        (
            r"curb_trips_record|curb_trips_superseded_once|tickets_tickets_number",
            "over what waits and what is matched: a table on one node, written first, a row for each trip and ticket",
        ),
        (r"core_events_each_once", "with the driver; enough, as the source's ids are drawn once"),
        (r"leases_papers_once_of_vehicle", "of vehicles, which have no driver: as it is, on one node"),
    ],
    _RULE_GIVEN: [
        (r".*_pkey", "with the driver"),
        (r"curb_card_transactions_.*", "over what waits and what is matched: a table on one node, as for trips"),
        (r"ledger_transfers_occurrence", "with the driver; enough, as a reference is one driver's or nobody's"),
        (r".*", "with the driver; enough, as what they name is one driver's"),
    ],
    _INTO: [
        (
            r"(loans|repairs)_.*",
            "the lines and installments are given the driver, and the key has it on both sides",
        ),
        (
            r"leases_(driver_notes|files|papers)\..*",
            "with the driver's own rows; what is of a vehicle or lease alone stays on one node, without the key",
        ),
        (
            r"ledger_.*",
            "a transfer of a posting, payment or loan, and a slip's line of a payment, are given the driver; those of "
            "none stay on one node, and the books are two tables",
        ),
        (r"curb_trip_corrections\..*", "a correction names two drivers: no key; drivers are never deleted instead"),
        (
            r"leases_lease\.primary_driver_id",
            "a copy may name no spread table, so no key; unless all drivers are a copy too, which would also save the "
            "rule of licenses, and write each change of a driver on every node",
        ),
    ],
    _INTO_RATHER: [
        (
            r"core_webhook_deliveries\..*|curb_amount_remarks\..*|tickets_changes\..*",
            "these are given the driver as well, and move with their row; remarks of a card transaction without a trip "
            "stay",
        ),
        (r"tickets_misc_charges\..*|tickets_tickets\..*", "the driver on both sides, who is the same"),
        (
            r"curb_trips\..*|curb_trip_corrections\..*",
            "versions and corrections of a trip can be of two drivers: no key, as trips are never deleted",
        ),
    ],
    _HELD: [
        (
            r"ledger_postings_project|dtr_lines_sealed",
            "both ends are one driver's, on one shard: as it is (balance, funding, what is reversed, payment, payout; "
            "a line's DTR). Lease, vehicle and author of a posting are named in `ledger_named_leases`, "
            "`ledger_named_vehicles` and `ledger_named_authors`, which have the keys",
        ),
        (r"ledger_.*lease(s)?_of_driver", "reads the lease's drivers: those of the own driver alone, as it is"),
        (
            r"(curb_trips|tickets_tickets|dtr_dtrs)_name_this_driver",
            "a driver's deletion asks the driver's shard; what waits names nobody: as it is",
        ),
        (
            r".*_name_this_(vehicle|lease|file)",
            "a deletion would ask every shard: vehicles, leases and files of tickets are never deleted instead",
        ),
        (
            r"curb_trips_names_.*|curb_trip_counts_checked|tickets_tickets_names_.*|dtr_dtrs_names_.*",
            "driver and trip are on the shard; vehicle, lease and file (`tickets_imports`) are a copy, of which a lock "
            "(FOR KEY SHARE) holds one node's; what a trip counted for another driver is not seen",
        ),
        (r"tickets_import_rows_.*", "rows on one node, files a copy: as it is"),
        (r"curb_.*_week_begun", "the closes are a copy: as it is"),
        (
            r"dtr_dtrs_of_open_week",
            "the account is on the shard; the closes are a copy, of which a lock (FOR KEY SHARE) holds one node's: who "
            "finishes a week would ask every shard whether a DTR is being sealed",
        ),
        (
            r"ledger_(seals|journal_batches|sum_runs)_follow",
            "name postings by a range of ids, and read how far the sequence is: one row for each node and range",
        ),
        (
            r"ledger_(transfers|slip_checks)_checked",
            "read the balance or payment that they name: with its driver, on its shard; the others as they are",
        ),
    ],
    _LOCK: [
        (r"ledger_lock_account|ledger_project_postings", "the account of a driver: as it is, on the shard"),
        (
            r"leases_keep_driver_lock|leases_refuse_locked_driver|loans_check_paid_out",
            "the row of a driver or of a loan: as it is, on the shard",
        ),
        (r"ledger_check_transfer", "the balance of what it books: as it is, with the driver"),
        (r"ledger_(enter|hold)_books", "the day of the books: a row on every node, closed over all at once"),
        (r"(curb|tickets)_hold_named", "what is named: on the shard, or one node's copy"),
        (r"dtr_check_seal", "the week's close: one node's copy"),
        (r"core_draw_number", "the counter, and the queue for it: on one node"),
        (r"ledger_check_seal|ledger_check_sum_run", "the end of a chain: one for each node"),
    ],
}  # fmt: skip


def main(tell_all: bool) -> None:
    """Make a database, and tell."""
    kinds = sort(*_read())
    for kind in _KINDS if not tell_all else ():
        print(f"{len(kinds[kind]):4}  {kind}")
    if tell_all:
        listed = "\n".join(list_in_markdown(kinds))
        print(listed)
        for kind in _COUNTED:
            print(f"\n{len(kinds[kind])} {kind}: {', '.join(kinds[kind])}")
        expect("docs/scaling.md has the list", listed in (PROJECT / "docs" / "scaling.md").read_text(), True)
    # The list is of use only as long as it knows what is most in the way.
    expect("postings are spread", "ledger_postings" in kinds[_SPREAD], True)
    expect("their key is in the way", "ledger_postings_pkey" in kinds[_RULE], True)


def _read() -> tuple[Schema, dict[str, list[Any]]]:
    """Return the tables and what stands on them, of a database that was just made."""
    asked = {"rules": _RULES, "keys": _KEYS, "triggers": _TRIGGERS, "sequences": _SEQUENCES, "locks": _LOCKS}
    with run_folder() as folder, redis_on("127.0.0.1", folder) as redis_url:
        server = Cluster(folder / "postgres")
        server.create()
        server.start()
        try:
            server.make_product(redis_url)
            with server.session() as session:
                found = {name: session.execute(statement).fetchall() for name, statement in asked.items()}
                tables = session.execute(_TABLES, [COLUMN, COLUMN]).fetchall()
        finally:
            server.stop("immediate")
    schema = Schema(
        spread={name for name, always, _ in tables if always} | {_DRIVERS},
        rather={name for name, always, has in tables if has and not always},
        other={name for name, _, has in tables if not has} - {_DRIVERS},
    )
    return schema, found


def sort(schema: Schema, found: dict[str, list[Any]]) -> dict[str, list[str]]:
    """Return what must change, by kind, each thing by its name; a foreign key by its column, and the aim of some."""
    kinds: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    kinds[_SPREAD], kinds[_RATHER] = sorted(schema.spread), sorted(schema.rather)
    kinds[_GET], kinds[_OTHER] = sorted(_GIVEN), sorted(schema.other - _GIVEN)
    expect("tables that would be given a driver, and are not there", _GIVEN - schema.other, set())
    ours = [(schema.spread, _RULE, _ORDER), (schema.rather, _RULE_RATHER, _ORDER_RATHER)]
    ours.append((_GIVEN, _RULE_GIVEN, _ORDER_GIVEN))
    for table, index, is_key, columns in found["rules"]:
        for tables, kind, _ in ours:
            if table in tables and COLUMN not in columns and not (table == _DRIVERS and is_key):
                kinds[kind].append(index)
    for table, column, to in found["keys"]:
        kind = _kind_of_key(schema, table, to)
        kinds[kind].append(f"{column} → {to}" if kind in (_OUT, _BETWEEN) else column)
    for table, name, function, is_row, has_rows, is_reference in found["triggers"]:
        if table in schema.spread:
            kinds[_ROW if is_row else _ROWS if has_rows else _STATEMENT].append(name)
        if is_reference:
            kinds[_HELD].append(name)
        if function == "core_draw_number":
            kinds[_NUMBER].append(table)
    for (name,) in found["sequences"]:
        table = re.sub(r"_(history_)?id_seq$", "", name)
        for tables, _, kind in ours:
            if table in tables:
                kinds[kind].append(name)
    kinds[_LOCK] = [name for (name,) in found["locks"]]
    return kinds


def _kind_of_key(schema: Schema, table: str, to: str) -> str:
    if to == _DRIVERS and table in schema.spread:
        return _ALONG
    if to in schema.spread:
        return _INTO
    if to in schema.rather:
        return _INTO_RATHER
    return _BETWEEN if table in schema.other else _OUT


def list_in_markdown(kinds: dict[str, list[str]]) -> list[str]:
    """Return the lines of the list: a kind, and what becomes of what is in it.

    :raises WentWrong: nobody has said what becomes of something
    """
    lines: list[str] = []
    for kind in _KINDS:
        names, says = kinds[kind], _SAYS.get(kind, "")
        if kind in _COUNTED:
            continue
        head = f"- **{len(names)} {kind}**"
        if kind in _BECOMES:
            lines += _wrap(f"{head}:", "  ")
            for what, those in _group(kind, names).items():
                lines += _wrap(f"  - {_shorten(those, kinds)}: {what}", "    ")
        elif kind == _OUT:
            lines += _wrap(f"{head}: {says}:", "  ")
            for aim in sorted({name.partition(" → ")[2] for name in names}):
                those = [name.partition(" → ")[0] for name in names if name.endswith(f" → {aim}")]
                goes = ", which is given the driver" if aim in _GIVEN else ""
                lines += _wrap(f"  - to `{aim}`{goes}: {_quote(those)}", "    ")
        elif kind in (_OTHER, _BETWEEN):
            aims = Counter(name.partition(" → ")[2] for name in names if " → " in name).most_common()
            told = ", ".join(f"{many} to `{aim}`" for aim, many in aims if many > 1)
            told += f", {sum(many == 1 for _, many in aims)} to as many others" if told else ""
            lines += _wrap(f"{head}{' (' if told else ''}{told}{')' if told else ''}: {says}", "  ")
        else:
            lines += _wrap(f"{head}: {_shorten(names, kinds)}: {says}", "  ")
    return lines


def _group(kind: str, names: list[str]) -> dict[str, list[str]]:
    """Return names by what becomes of them, in the order in which it is said."""
    groups: dict[str, list[str]] = {what: [] for _, what in _BECOMES[kind]}
    for name in names:
        for pattern, what in _BECOMES[kind]:
            if re.fullmatch(pattern, name):
                groups[what].append(name)
                break
        else:
            raise WentWrong(f"✗ {name}: nobody has said what becomes of it ({kind})")
    return {what: those for what, those in groups.items() if those}


def _shorten(names: list[str], kinds: dict[str, list[str]]) -> str:
    """Return names in backticks; where there is one of each table of a kind, that alone."""
    for tables in (kinds[_RATHER], kinds[_GET]):
        for shown, ending in (("_pkey", "_pkey"), ("_id_seq", "(_history)?_id_seq")):
            if {re.sub(f"{ending}$", "", name) for name in names} == set(tables) != set(names):
                return f"`…{shown}` of each of these {len(names)}"
    return _quote(names)


def _quote(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _wrap(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    main("--all" in sys.argv[1:])
