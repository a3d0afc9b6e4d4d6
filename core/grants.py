"""The product's role in the database: what it is granted after each migration, and whether that is what it has.

Migrations run as the owner of everything. The product logs in as a role that owns nothing, so that no statement of it,
wherever it came from, can switch a guard off, rewrite what is kept, or give a row an id of its choice. With one role
for both, the triggers alone hold; then nothing is granted, and nothing audited.
"""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper

from core.privileges import ALL, Access

#: What is granted of what: table, column (or none, for all of it), privilege.
Privilege = tuple[str, str, str]

_OWNER = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('public.django_migrations')"

_COLUMNS = """
    SELECT c.relname, a.attname, a.attidentity <> ''
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
     ORDER BY 1, a.attnum
"""

_SEQUENCES = """
    SELECT t.relname, s.relname
      FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
      JOIN pg_class t ON t.oid = d.refobjid
     WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace AND d.classid = 'pg_class'::regclass
"""

#: Ours: what an extension or a type brought is its own.
_FUNCTIONS = """
    SELECT p.proname, p.oid::regprocedure::text
      FROM pg_proc p JOIN pg_class m ON m.oid = to_regclass('public.django_migrations') AND m.relowner = p.proowner
     WHERE p.pronamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype IN ('e', 'i'))
     ORDER BY 2
"""

#: Everything granted to the role or to everybody; 0 is everybody.
_GRANTED = """
    WITH granted AS (
        -- As a text: a name has 63 characters, and a function's parameters are more.
        SELECT c.relname::text AS name, '' AS part, x.* FROM pg_class c, aclexplode(c.relacl) x
         WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT c.relname, a.attname, x.*
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) x
         WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT p.oid::regprocedure::text, '', x.*
          FROM pg_proc p JOIN pg_class m ON m.oid = to_regclass('public.django_migrations') AND m.relowner = p.proowner,
               aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
         WHERE p.pronamespace = 'public'::regnamespace
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype IN ('e', 'i'))
        UNION ALL
        SELECT 'schema ' || n.nspname, '', x.* FROM pg_namespace n, aclexplode(n.nspacl) x
         WHERE x.privilege_type = 'CREATE'
        UNION ALL
        SELECT 'this database', '', x.*
          FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
         WHERE d.datname = current_database() AND x.privilege_type <> 'CONNECT'
        UNION ALL
        SELECT 'setting ' || s.parname, '', x.* FROM pg_parameter_acl s, aclexplode(s.paracl) x
    )
    SELECT name, part, privilege_type, grantee = 0, is_grantable FROM granted
     WHERE grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = %s))
     ORDER BY 1, 2, 3
"""

_OWNED = """
    SELECT 'the relation ' || relname FROM pg_class WHERE relowner = %(role)s::regrole
    UNION ALL SELECT 'the function ' || proname FROM pg_proc WHERE proowner = %(role)s::regrole
    UNION ALL SELECT 'the schema ' || nspname FROM pg_namespace WHERE nspowner = %(role)s::regrole
    UNION ALL SELECT 'the database ' || datname FROM pg_database WHERE datdba = %(role)s::regrole
    ORDER BY 1
"""

#: What every role that may connect can make, since the functions for it are PostgreSQL's own and everybody's.
_LARGE_OBJECTS = """
    SELECT pg_get_userbyid(lomowner), count(*), min(oid)::bigint FROM pg_largeobject_metadata GROUP BY 1 ORDER BY 1
"""

_ATTRIBUTES = """
    SELECT a.name FROM pg_roles r, LATERAL (VALUES
        ('SUPERUSER', rolsuper), ('CREATEDB', rolcreatedb), ('CREATEROLE', rolcreaterole),
        ('REPLICATION', rolreplication), ('BYPASSRLS', rolbypassrls)) AS a (name, has)
     WHERE rolname = %s AND has
"""

_MEMBER_OF = """
    SELECT pg_get_userbyid(roleid) FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = %s)
"""


def grant_privileges(*, using: str) -> None:
    """Take everything from the product's role and from everybody, and grant what `config/grants.py` says.

    To be run after each migration, as the owner. It may run at any time, and again; with one role it does nothing.

    :raises CommandError: the product's role does not exist
    """
    role = settings.DATABASE_ROLE
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if role in ("", _fetch(cursor, "SELECT current_user")[0][0]):
            return
        if not _fetch(cursor, "SELECT 1 FROM pg_roles WHERE rolname = %s", [role]):
            raise CommandError(
                f"The product's role {role} (of DATABASE_URL) does not exist. Create it, as docs/operations.md says, "
                "and migrate again."
            )
        quoted = connections[using].ops.quote_name(role)
        # Two who migrate at once would change the same rows of the catalog.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('core.grants'))")
        for statement in _write_statements(cursor, quoted):
            cursor.execute(statement)


def _write_statements(cursor: CursorWrapper, role: str) -> list[str]:
    database = _fetch(cursor, "SELECT quote_ident(current_database())")[0][0]
    statements = [
        f"REVOKE ALL ON DATABASE {database} FROM {role}",
        f"GRANT CONNECT ON DATABASE {database} TO {role}",
        # A trigger of a temporary table runs as deep as the guards' own, and takes a function that writes for others.
        f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC",
        f"REVOKE ALL ON SCHEMA public FROM {role}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}, PUBLIC",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}, PUBLIC",
    ]
    by_columns: dict[tuple[str, str], list[str]] = {}
    for name, column, privilege in sorted(_list_of_tables(cursor)):
        by_columns.setdefault((name, privilege), []).append(column)
    for (name, privilege), columns in by_columns.items():
        of = "" if columns == [""] else f" ({', '.join(map(_quote, columns))})"
        statements.append(f"GRANT {privilege}{of} ON {_quote(name)} TO {role}")
    for name, signature in _fetch(cursor, _FUNCTIONS):
        statements.append(f"REVOKE ALL ON ROUTINE {signature} FROM {role}, PUBLIC")
        if name in settings.FUNCTION_GRANTS:
            statements.append(f"GRANT EXECUTE ON ROUTINE {signature} TO {role}")
    return statements


def _list_of_tables(cursor: CursorWrapper) -> set[Privilege]:
    """Return what the role should have of each table that is there, and of its sequence."""
    table_grants: dict[str, Access] = settings.TABLE_GRANTS
    columns: dict[str, list[tuple[str, bool]]] = {}
    for table, column, is_drawn in _fetch(cursor, _COLUMNS):
        columns.setdefault(table, []).append((column, is_drawn))
    told: set[Privilege] = set()
    for table, access in table_grants.items():
        if table in columns:
            told |= {(table, *found) for found in _list_of_table(access, columns[table], cursor)}
    sequences = _fetch(cursor, _SEQUENCES)
    # The last id that was drawn is asked for; the sequence itself is never touched.
    told |= {(sequence, "", "SELECT") for table, sequence in sequences if not _gives_ids(table_grants.get(table))}
    return told


def _gives_ids(access: Access | None) -> bool:
    return access is None or access.gives_ids or not access.inserts


def _list_of_table(access: Access, columns: list[tuple[str, bool]], cursor: CursorWrapper) -> Iterator[tuple[str, str]]:
    yield "", "SELECT"
    if access.deletes:
        yield "", "DELETE"
    if access.analyzes and cursor.connection.info.server_version >= 170000:
        yield "", "MAINTAIN"
    free = [column for column, is_drawn in columns if access.gives_ids or not is_drawn]
    for privilege, wanted in (("INSERT", ALL if access.inserts else ()), ("UPDATE", access.updates)):
        if wanted != ALL:
            yield from ((column, privilege) for column in wanted)
        elif len(free) == len(columns):
            yield "", privilege
        else:
            yield from ((column, privilege) for column in free)


def find_differences() -> Iterator[str]:
    """Yield a sentence for each thing that the product's role, or everybody, has too much or too little.

    Nothing is said where the product works as the owner: then there is no second role to keep apart.
    """
    with connection.cursor() as cursor:
        role = _fetch(cursor, "SELECT current_user")[0][0]
        owners = _fetch(cursor, _OWNER)
        if owners and owners[0][0] == role:
            role = settings.DATABASE_ROLE  # the owner looks, as after a restore
        if not owners or role in ("", owners[0][0]):
            return
        expected = _list_of_tables(cursor)
        expected |= {
            (signature, "", "EXECUTE")
            for name, signature in _fetch(cursor, _FUNCTIONS)
            if name in settings.FUNCTION_GRANTS
        }
        granted = _fetch(cursor, _GRANTED, [role])
        had = {(name, part, privilege) for name, part, privilege, is_everybodys, _ in granted if not is_everybodys}
        had -= {("this database", "", "CONNECT")}
        yield from (f"{role} has {_tell(found)}, which it should not." for found in sorted(had - expected))
        yield from (f"{role} lacks {_tell(found)}." for found in sorted(expected - had))
        for name, part, privilege, is_everybodys, may_grant in granted:
            if is_everybodys:
                yield f"Everybody has {_tell((name, part, privilege))}, which nobody should."
            elif may_grant:
                yield f"{role} may grant {_tell((name, part, privilege))} to others."
        yield from _find_powers(cursor, role, owners[0][0])


def _find_powers(cursor: CursorWrapper, role: str, owner: str) -> Iterator[str]:
    for (name,) in _fetch(cursor, _OWNED, {"role": _quote(role)}):
        yield f"{role} owns {name}."
    for (name,) in _fetch(cursor, _ATTRIBUTES, [role]):
        yield f"{role} has the attribute {name}."
    for (name,) in _fetch(cursor, _MEMBER_OF, [role]):
        yield f"{role} is a member of {name}."
    if "SUPERUSER" in {name for (name,) in _fetch(cursor, _ATTRIBUTES, [owner])}:
        yield f"{owner}, as whom the guards write, is a superuser; an ordinary role is enough."


def find_large_objects() -> Iterator[str]:
    """Yield a sentence for each role that has large objects here: the product makes none, and no backup has them."""
    with connection.cursor() as cursor:
        for owner, count, first in _fetch(cursor, _LARGE_OBJECTS):
            yield (
                f"{owner} has large objects in this database ({count:,}, the first is {first}): the product makes "
                "none, and backups leave them out."
            )


def _tell(found: Privilege) -> str:
    name, part, privilege = found
    return f"{privilege} on {name}{f' ({part})' if part else ''}"


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _fetch(cursor: CursorWrapper, sql: str, parameters: Sequence[str] | dict[str, str] = ()) -> list[tuple]:
    cursor.execute(sql, parameters)
    return list(cursor.fetchall())
