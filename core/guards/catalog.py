"""What stands in the database: tables, columns, constraints, triggers, functions, and all else that could undo a guard.

Everything is read from catalogs that are open to every role. PostgreSQL itself puts definitions into words, under an
empty search path, so that they depend on nobody's settings.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from core.guards.words import settle


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a thing is (``trigger``), the table that it is on (or an empty text), and its name."""

    what: str
    table: str
    name: str

    def __str__(self) -> str:
        if self.what == "table":
            return f"table {self.table}"
        return f"{self.what} {self.name} on {self.table}" if self.table else f"{self.what} {self.name}"


@dataclass(frozen=True, slots=True)
class Share:
    """Which things are meant: those on these tables, or on none and with a name that begins so; or all but those."""

    tables: tuple[str, ...]
    prefixes: tuple[str, ...]
    is_the_rest: bool = False


ALL = Share((), (), is_the_rest=True)


def read_catalog(share: Share) -> dict[Key, str]:
    """Return the definition of each thing of a share."""
    parameters: dict[str, Any] = {
        "tables": list(share.tables),
        "prefixes": list(share.prefixes),
        "is_the_rest": share.is_the_rest,
    }
    found: dict[Key, str] = {}
    with _empty_search_path(), connection.cursor() as cursor:
        for sql in THINGS:
            cursor.execute(_SHARED.format(sql), parameters)
            for what, table, name, definition in cursor.fetchall():
                found[Key(what, table, name)] = settle(definition)
    return found


def read_strangers() -> dict[Key, str]:
    """Return the tables and functions that are not of the owner of the others, and whose they are."""
    with _empty_search_path(), connection.cursor() as cursor:
        cursor.execute(_STRANGERS)
        return {Key(what, table, name): owner for what, table, name, owner in cursor.fetchall()}


@contextmanager
def _empty_search_path() -> Iterator[None]:
    # A failure rolls back to here, and the path with it.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        (usual,) = cursor.fetchone()
        cursor.execute("SELECT set_config('search_path', 'pg_catalog', true)")
        yield
        cursor.execute("SELECT set_config('search_path', %s, true)", [usual])


_SHARED = """
    SELECT what, on_table, name, definition FROM ({}) AS thing (what, on_table, name, definition)
    WHERE CASE WHEN on_table <> '' THEN on_table = ANY (%(tables)s)
        ELSE EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) AS p WHERE starts_with(name, p)) END
        <> %(is_the_rest)s
"""

#: Schemas of ours or of whoever made some: not PostgreSQL's own, nor what lasts for a session.
_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_NAME = "CASE n.nspname WHEN 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END"
_CLASSES = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
#: What an extension brought is the extension's.
_NO_EXTENSION = """NOT EXISTS (
    SELECT FROM pg_depend e WHERE e.objid = {}.oid AND e.classid = '{}'::regclass AND e.deptype = 'e')"""
_STATES = """CASE {} WHEN 'A' THEN 'always on' WHEN 'O' THEN 'on, but for replication'
    WHEN 'R' THEN 'on for replication alone' ELSE 'off' END"""

_TABLES = f"""
    SELECT 'table', {_NAME}, '', concat_ws(', ',
        CASE c.relkind WHEN 'r' THEN 'a table' WHEN 'p' THEN 'a partitioned table' ELSE c.relkind::text END,
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
        CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END)
    FROM {_CLASSES}
    WHERE c.relkind IN ('r', 'p') AND {_OURS} AND {_NO_EXTENSION.format("c", "pg_class")}
"""

_CHILDREN = f"""
    SELECT 'child table', {_NAME}, (SELECT k.relnamespace::regnamespace || '.' || k.relname FROM pg_class k
        WHERE k.oid = i.inhrelid), 'whose rows are read as the table''s own'
    FROM pg_inherits i JOIN {_CLASSES} ON c.oid = i.inhparent
    WHERE c.relkind IN ('r', 'p') AND {_OURS}
"""

_COLUMNS = f"""
    SELECT 'column', {_NAME}, a.attname::text, concat_ws(' ',
        format_type(a.atttypid, a.atttypmod),
        (SELECT 'COLLATE ' || l.collname FROM pg_collation l
            WHERE l.oid = a.attcollation AND l.collname <> 'default'),
        CASE WHEN a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = a.attrelid
            AND k.contype = 'n' AND NOT k.convalidated AND k.conkey = ARRAY[a.attnum]) THEN 'NOT NULL' END,
        CASE WHEN a.attgenerated <> '' THEN 'GENERATED (' || pg_get_expr(d.adbin, d.adrelid) || ') '
            || CASE a.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END
            ELSE 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END,
        CASE a.attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY BY DEFAULT' END)
    FROM pg_attribute a JOIN {_CLASSES} ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND {_OURS}
        AND {_NO_EXTENSION.format("c", "pg_class")}
"""

# Constraints of NOT NULL are rows of their own since version 18; the columns tell them. A key between tables is held by
# triggers of its own, which a superuser can switch off.
_CONSTRAINTS = f"""
    SELECT 'constraint', {_NAME}, k.conname::text, pg_get_constraintdef(k.oid)
        || CASE WHEN k.contype = 'f' THEN (
            SELECT CASE WHEN count(*) = 4 AND bool_and(t.tgenabled = 'O') THEN ''
                ELSE ' of whose triggers ' || count(*) FILTER (WHERE t.tgenabled = 'O') || ' are on' END
            FROM pg_trigger t WHERE t.tgconstraint = k.oid) ELSE '' END
    FROM pg_constraint k JOIN {_CLASSES} ON c.oid = k.conrelid
    WHERE k.contype NOT IN ('n', 't') AND {_OURS} AND {_NO_EXTENSION.format("c", "pg_class")}
"""

# An index that is not unique only makes reading fast, but for one that calls a function for each row.
_INDEXES = f"""
    SELECT 'index', {_NAME}, x.relname::text, pg_get_indexdef(i.indexrelid)
        || CASE WHEN i.indisvalid AND i.indisready AND i.indislive THEN '' ELSE ' (not in force)' END
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN {_CLASSES} ON c.oid = i.indrelid
    WHERE (i.indisunique OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND {_OURS}
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
        AND {_NO_EXTENSION.format("c", "pg_class")}
"""

_TRIGGERS = f"""
    SELECT 'trigger', {_NAME}, t.tgname::text, pg_get_triggerdef(t.oid) || ', ' || {_STATES.format("t.tgenabled")}
    FROM pg_trigger t JOIN {_CLASSES} ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND {_OURS}
"""

_RULES = f"""
    SELECT 'rule', {_NAME}, r.rulename::text, pg_get_ruledef(r.oid) || ' ' || {_STATES.format("r.ev_enabled")}
    FROM pg_rewrite r JOIN {_CLASSES} ON c.oid = r.ev_class
    WHERE {_OURS} AND (r.rulename <> '_RETURN' OR c.relkind NOT IN ('v', 'm'))
"""

_POLICIES = f"""
    SELECT 'row-level-security policy', {_NAME}, p.polname::text, concat_ws(' ', 'FOR ' || p.polcmd::text,
        'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        'CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
    FROM pg_policy p JOIN {_CLASSES} ON c.oid = p.polrelid WHERE {_OURS}
"""

_IDENTITIES = f"""
    SELECT 'sequence', {_NAME}, s.relname::text, format_type(q.seqtypid, NULL) || ' from ' || q.seqstart || ' by '
        || q.seqincrement || ', ' || q.seqmin || ' to ' || q.seqmax
        || CASE WHEN q.seqcycle THEN ', over and over' ELSE '' END
    FROM pg_sequence q JOIN pg_class s ON s.oid = q.seqrelid
        JOIN pg_depend o ON o.objid = s.oid AND o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass
            AND o.deptype IN ('a', 'i')
        JOIN {_CLASSES} ON c.oid = o.refobjid
    WHERE {_OURS}
"""

_VIEWS = f"""
    SELECT CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'view' END, '', {_NAME},
        coalesce(pg_get_viewdef(c.oid), 'elsewhere')
    FROM {_CLASSES} WHERE c.relkind IN ('v', 'm', 'f') AND {_OURS} AND {_NO_EXTENSION.format("c", "pg_class")}
"""

# Beyond the schema of ours a function is only of interest where it bears a name that is called here.
_FUNCTIONS = f"""
    SELECT 'function', '', CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END
            || f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')',
        concat_ws(', ', CASE f.prokind WHEN 'p' THEN 'procedure' ELSE 'returns ' || pg_get_function_result(f.oid) END,
            l.lanname, CASE f.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
            CASE WHEN f.proisstrict THEN 'strict' END, CASE WHEN f.prosecdef THEN 'security definer' END,
            CASE WHEN f.proleakproof THEN 'leakproof' END,
            CASE f.proparallel WHEN 's' THEN 'parallel safe' WHEN 'r' THEN 'parallel restricted' END,
            'set ' || array_to_string(f.proconfig, ' and '),
            'body ' || left(encode(sha256(convert_to(f.prosrc || coalesce(pg_get_function_sqlbody(f.oid), ''), 'UTF8')),
                'hex'), 16))
    FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace JOIN pg_language l ON l.oid = f.prolang
    WHERE {_OURS} AND {_NO_EXTENSION.format("f", "pg_proc")} AND (n.nspname = 'public' OR EXISTS (SELECT FROM pg_proc o
        WHERE o.proname = f.proname AND o.pronamespace IN ('public'::regnamespace, 'pg_catalog'::regnamespace)))
"""

_TYPES = f"""
    SELECT 'type', '', CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || t.typname,
        concat_ws(' ', t.typtype::text, format_type(r.rngsubtype, NULL), l.collname, pg_get_expr(t.typdefaultbin, 0),
            (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname) FROM pg_constraint k
                WHERE k.contypid = t.oid))
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_range r ON r.rngtypid = t.oid
        LEFT JOIN pg_collation l ON l.oid = r.rngcollation
    WHERE t.typtype IN ('b', 'd', 'e', 'r') AND t.typelem = 0 AND {_OURS} AND {_NO_EXTENSION.format("t", "pg_type")}
"""

_OPERATORS = f"""
    SELECT 'operator', '', n.nspname || '.' || o.oprname || ' (' || format_type(o.oprleft, NULL) || ', '
        || format_type(o.oprright, NULL) || ')', o.oprcode::text
    FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
    WHERE {_OURS} AND {_NO_EXTENSION.format("o", "pg_operator")}
    UNION ALL SELECT 'cast', '', format_type(k.castsource, NULL) || ' as ' || format_type(k.casttarget, NULL),
        coalesce(nullif(k.castfunc, 0)::regproc::text, 'as it is')
    FROM pg_cast k WHERE k.oid >= 16384 AND {_NO_EXTENSION.format("k", "pg_cast")}
"""

_EVENTS = f"""
    SELECT 'event trigger', '', v.evtname::text,
        v.evtevent || ' ' || v.evtfoid::regproc || ', ' || {_STATES.format("v.evtenabled")}
    FROM pg_event_trigger v WHERE {_NO_EXTENSION.format("v", "pg_event_trigger")}
"""

# Whoever connects finds these set; a table of the same name in a schema that is searched first is another one.
_SETTINGS = """
    SELECT 'setting', '', split_part(given, '=', 1) || ' of ' || coalesce(d.datname, 'every database') || ' and '
        || CASE s.setrole WHEN 0 THEN 'every role' ELSE pg_get_userbyid(s.setrole)::text END, given
    FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase CROSS JOIN unnest(s.setconfig) AS given
    WHERE (s.setdatabase = 0 OR d.datname = current_database())
        AND (given ~ '^(session_replication_role|local_preload_libraries|session_preload_libraries)='
            OR (given ~ '^search_path=' AND given !~ '^search_path="?(\\$user"?, )?"?public"?(, "?pg_temp"?)?$'))
"""

_SHADOWS = f"""
    SELECT 'namesake', '', n.nspname || '.' || c.relname, 'of a table of the program''s'
    FROM {_CLASSES} WHERE {_OURS} AND n.nspname <> 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND EXISTS (SELECT FROM pg_class o WHERE o.relname = c.relname AND o.relnamespace = 'public'::regnamespace)
"""

THINGS = (
    *(_TABLES, _CHILDREN, _COLUMNS, _CONSTRAINTS, _INDEXES, _TRIGGERS, _RULES, _POLICIES, _IDENTITIES),
    *(_VIEWS, _FUNCTIONS, _TYPES, _OPERATORS, _EVENTS, _SETTINGS, _SHADOWS),
)

# The owner is who owns the table that Django keeps its migrations in.
_OWNER = "(SELECT m.relowner FROM pg_class m WHERE m.oid = to_regclass('public.django_migrations'))"
_STRANGERS = f"""
    SELECT 'table', {_NAME}, '', pg_get_userbyid(c.relowner)::text
    FROM {_CLASSES} WHERE c.relkind IN ('r', 'p') AND {_OURS} AND c.relowner <> {_OWNER}
    UNION ALL SELECT 'function', '', f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')',
        pg_get_userbyid(f.proowner)::text
    FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
    WHERE f.pronamespace = 'public'::regnamespace AND f.proowner <> {_OWNER}
        -- Those of a range's type are PostgreSQL's own, whoever makes the type.
        AND l.lanname <> 'internal'
"""
