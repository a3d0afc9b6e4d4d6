"""What guards the data is compared with what was shipped: each kind of change is made once, and told."""

import pytest

from core.guards import find_changed_guards, list_differing_files
from core.guards.shipped import list_own_apps
from core.guards.words import settle
from tests.guards import change_as_owner, is_superuser

pytestmark = pytest.mark.django_db

EMPTY_FUNCTION = "RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
APPEND_ONLY = "ON ledger_postings FOR EACH STATEMENT {} EXECUTE FUNCTION ledger_refuse_change()"
KEPT = "CREATE OR REPLACE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE " + APPEND_ONLY
ALWAYS = "; ALTER TABLE ledger_postings ENABLE ALWAYS TRIGGER ledger_postings_append_only"
CHANGED_TRIGGER = "The trigger ledger_postings_append_only on ledger_postings was changed"
LOST_TRIGGER = "The trigger ledger_postings_append_only on ledger_postings is missing."
STRANGE_FUNCTION = f"CREATE FUNCTION let_through() {EMPTY_FUNCTION};"

#: What is done, by which app's audit it is told, and the beginnings of all that is told.
CHANGES = {
    # Triggers
    "a trigger under another condition": (KEPT.format("WHEN (false)") + ALWAYS, "ledger", [CHANGED_TRIGGER]),
    "a trigger at fewer events": (
        KEPT.replace("UPDATE OR DELETE OR TRUNCATE", "DELETE").format("") + ALWAYS, "ledger", [CHANGED_TRIGGER],
    ),
    "a trigger at fewer columns": (
        KEPT.replace("UPDATE OR DELETE OR TRUNCATE", "UPDATE OF reason OR DELETE OR TRUNCATE").format("") + ALWAYS,
        "ledger", [CHANGED_TRIGGER],
    ),
    "a trigger at another time": (
        KEPT.replace("BEFORE", "AFTER").format("") + ALWAYS, "ledger", [CHANGED_TRIGGER],
    ),
    "a trigger with another function": (
        KEPT.format("").replace("ledger_refuse_change", "ledger_refuse_direct_write") + ALWAYS,
        "ledger", [CHANGED_TRIGGER],
    ),
    "a trigger with another argument": (
        "CREATE OR REPLACE TRIGGER ledger_payments_number BEFORE INSERT ON ledger_payments FOR EACH ROW"
        " EXECUTE FUNCTION core_draw_number('id');"
        " ALTER TABLE ledger_payments ENABLE ALWAYS TRIGGER ledger_payments_number",
        "ledger", ["The trigger ledger_payments_number on ledger_payments was changed"],
    ),
    "a trigger that a replication session skips": (
        "ALTER TABLE ledger_postings ENABLE TRIGGER ledger_postings_append_only", "ledger", [CHANGED_TRIGGER],
    ),
    "a trigger that is off": (
        "ALTER TABLE ledger_postings DISABLE TRIGGER ledger_postings_append_only", "ledger", [CHANGED_TRIGGER],
    ),
    "a trigger on another table under its name": (
        "DROP TRIGGER ledger_postings_append_only ON ledger_postings;"
        + KEPT.format("").replace("ON ledger_postings", "ON django_session"),
        "ledger core",
        [LOST_TRIGGER, "The trigger ledger_postings_append_only on django_session is none that was shipped"],
    ),
    "a trigger before all others": (
        STRANGE_FUNCTION + "CREATE TRIGGER a_first BEFORE INSERT ON ledger_payments FOR EACH ROW"
        " EXECUTE FUNCTION let_through()",
        "ledger core",
        ["The trigger a_first on ledger_payments is none", "The function let_through() is none that was shipped"],
    ),
    "a trigger on the users": (
        "CREATE TRIGGER a_first BEFORE UPDATE ON auth_user FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()",
        "core", ["The trigger a_first on auth_user is none that was shipped"],
    ),
    "a view in place of a table": (
        "ALTER TABLE golive_opening_rows RENAME TO kept; CREATE VIEW golive_opening_rows AS SELECT * FROM kept",
        "golive core", None,
    ),
    "a view that writes through a trigger": (
        STRANGE_FUNCTION + "CREATE VIEW owed AS SELECT * FROM ledger_balances;"
        " CREATE TRIGGER instead INSTEAD OF UPDATE ON owed FOR EACH ROW EXECUTE FUNCTION let_through()",
        "core",
        [
            "The function let_through() is none", "The trigger instead on owed is none",
            "The view owed is none that was shipped",
        ],
    ),
    "an event trigger": (
        "CREATE FUNCTION look_away() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
        " CREATE EVENT TRIGGER a_first ON ddl_command_start EXECUTE FUNCTION look_away()",
        "core", ["The event trigger a_first is none that was shipped", "The function look_away() is none"],
    ),
    # Rules, policies, children
    "a rule": (
        "CREATE RULE kept AS ON INSERT TO ledger_postings WHERE new.amount > 100 DO INSTEAD NOTHING",
        "ledger", ["The rule kept on ledger_postings is none that was shipped: CREATE RULE kept AS ON INSERT"],
    ),
    "rows that some do not see": (
        "CREATE POLICY few ON ledger_postings USING (amount < 100);"
        " ALTER TABLE ledger_postings ENABLE ROW LEVEL SECURITY",
        "ledger",
        [
            "The row-level-security policy few on ledger_postings is none",
            "The table ledger_postings was changed: it is “a table, row security”",
        ],
    ),
    "a table whose rows are read with ours": (
        "CREATE TABLE more () INHERITS (ledger_postings)",
        "ledger", ["The child table public.more on ledger_postings is none that was shipped"],
    ),
    "a table that a crash empties": (
        "ALTER TABLE leases_driver_tokens SET UNLOGGED",
        "leases", ["The table leases_driver_tokens was changed: it is “a table, unlogged”"],
    ),
    # Constraints
    "a check that lets everything through": (
        "ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_accounts;"
        " ALTER TABLE ledger_transfers ADD CONSTRAINT ledger_transfers_accounts CHECK (true)",
        "ledger", ["The constraint ledger_transfers_accounts on ledger_transfers was changed: it says “…CHECK (true)”"],
    ),
    "a check of what is new alone": (
        "ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_amount_positive; ALTER TABLE ledger_transfers"
        " ADD CONSTRAINT ledger_transfers_amount_positive CHECK (amount > 0 AND amount <> 'NaN') NOT VALID",
        "ledger", ["The constraint ledger_transfers_amount_positive on ledger_transfers was changed"],
    ),
    "a check that is gone": (
        "ALTER TABLE ledger_transfers DROP CONSTRAINT ledger_transfers_amount_positive",
        "ledger", ["The constraint ledger_transfers_amount_positive on ledger_transfers is missing."],
    ),
    "a check more": (
        "ALTER TABLE ledger_postings ADD CONSTRAINT small CHECK (amount < 1000000)",
        "ledger", ["The constraint small on ledger_postings is none that was shipped"],
    ),
    "a key to another table": (
        "ALTER TABLE ledger_named_leases DROP CONSTRAINT ledger_postings_lease_exists; ALTER TABLE ledger_named_leases"
        " ADD CONSTRAINT ledger_postings_lease_exists FOREIGN KEY (lease_id) REFERENCES leases_driver (id)",
        "ledger", ["The constraint ledger_postings_lease_exists on ledger_named_leases was changed"],
    ),
    "a key whose triggers are off": (
        "ALTER TABLE ledger_named_leases DISABLE TRIGGER ALL",
        "ledger",
        [
            "The constraint ledger_postings_lease_exists on ledger_named_leases was changed",
            "The trigger ledger_named_leases_kept on ledger_named_leases was changed",
            "The trigger ledger_named_leases_of_driver on ledger_named_leases was changed",
        ],
    ),
    "one of a kind, of fewer": (
        "DROP INDEX ledger_postings_reversed_once; CREATE UNIQUE INDEX ledger_postings_reversed_once"
        " ON ledger_postings (reverses_id) WHERE reverses_id > 1000",
        "ledger", ["The index ledger_postings_reversed_once on ledger_postings was changed"],
    ),
    "one of a kind, of no use any more": (
        "DROP INDEX ledger_postings_reversed_once",
        "ledger", ["The index ledger_postings_reversed_once on ledger_postings is missing."],
    ),
    "an index that calls a function": (
        "CREATE INDEX called ON ledger_postings (abs(amount))",
        "ledger", ["The index called on ledger_postings is none that was shipped"],
    ),
    "spans that may overlap": (
        "ALTER TABLE leases_leasedaysaway DROP CONSTRAINT leases_leasedaysaway_once_a_day",
        "leases", ["The constraint leases_leasedaysaway_once_a_day on leases_leasedaysaway is missing."],
    ),
    # Columns
    "a column that may be empty": (
        "ALTER TABLE ledger_postings ALTER driver_id DROP NOT NULL",
        "ledger", ["The column driver_id on ledger_postings was changed: it is “bigint”, and was shipped as"],
    ),
    "another default": (
        "ALTER TABLE ledger_postings ALTER posted_at SET DEFAULT '2026-01-01'",
        "ledger", ["The column posted_at on ledger_postings was changed"],
    ),
    "ids that can be chosen": (
        "ALTER TABLE core_events ALTER id DROP IDENTITY",
        "core",
        ["The column id on core_events was changed", "The sequence core_events_id_seq on core_events is missing."],
    ),
    "what is computed, computed no more": (
        "ALTER TABLE leases_driver ALTER license_key DROP EXPRESSION",
        "leases", ["The column license_key on leases_driver was changed"],
    ),
    "another type": (
        "ALTER TABLE ledger_postings ALTER description TYPE varchar(400)",
        "ledger", ["The column description on ledger_postings was changed: it is “character varying(400)"],
    ),
    "a column more": (
        "ALTER TABLE ledger_postings ADD aside integer",
        "ledger", ["The column aside on ledger_postings is none that was shipped"],
    ),
    "ids that go backwards": (
        "ALTER SEQUENCE ledger_postings_id_seq INCREMENT BY -1 MINVALUE -9 CYCLE",
        "ledger", ["The sequence ledger_postings_id_seq on ledger_postings was changed"],
    ),
    # Functions
    "a function that does nothing": (
        f"CREATE OR REPLACE FUNCTION ledger_refuse_change() {EMPTY_FUNCTION}",
        "ledger", ["The function ledger_refuse_change() was changed"],
    ),
    "a function that looks elsewhere first": (
        "ALTER FUNCTION ledger_check_lease() RESET search_path",
        "ledger", ["The function ledger_check_lease() was changed"],
    ),
    "a function with its owner's power": (
        "ALTER FUNCTION ledger_check_chart() SECURITY DEFINER",
        "ledger", ["The function ledger_check_chart() was changed"],
    ),
    "a function that is believed not to change": (
        "ALTER FUNCTION ledger_closed_through() IMMUTABLE",
        "ledger", ["The function ledger_closed_through() was changed"],
    ),
    "a function in another language": (
        "CREATE OR REPLACE FUNCTION ledger_closed_through() RETURNS date LANGUAGE sql STABLE AS 'SELECT NULL::date'",
        "ledger", ["The function ledger_closed_through() was changed"],
    ),
    "a function of another owner": (
        "CREATE ROLE somebody; GRANT CREATE ON SCHEMA public TO somebody;"
        " ALTER FUNCTION ledger_check_chart() OWNER TO somebody",
        "ledger", ["The function ledger_check_chart() belongs to somebody"],
    ),
    "a function that is found before ours": (
        "CREATE FUNCTION ledger_is_reopened(closed_day text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "ledger", ["The function ledger_is_reopened(closed_day text) is none that was shipped"],
    ),
    "a function in a schema of its own": (
        f"CREATE SCHEMA aside; CREATE FUNCTION aside.ledger_refuse_change() {EMPTY_FUNCTION}",
        "core", ["The function aside.ledger_refuse_change() is none that was shipped"],
    ),
    "an operator that is found before PostgreSQL's": (
        "CREATE FUNCTION never(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT false';"
        " CREATE OPERATOR = (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = never)",
        "core",
        [
            "The function never(character varying, character varying) is none",
            "The operator public.= (character varying, character varying) is none",
        ],
    ),
    # All that connects
    "a table of one's own under our name": (
        "CREATE SCHEMA aside; CREATE TABLE aside.ledger_postings (LIKE ledger_postings)",
        "core", ["The namesake aside.ledger_postings is none that was shipped"],
    ),
    "guards that are passed by whoever connects": (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database());"
        " END $$",
        "core", ["The setting session_replication_role of "],
    ),
}  # fmt: skip

#: What no owner of the tables may do. (Run once more as a superuser, with DATABASE_URL, to try these.)
OF_A_SUPERUSER = (
    "an event trigger",
    "a key whose triggers are off",
    "a function of another owner",
    "guards that are passed by whoever connects",
)


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_told(change: str) -> None:
    if change in OF_A_SUPERUSER and not is_superuser():
        pytest.skip("Only a superuser can do this.")
    sql, labels, told = CHANGES[change]
    change_as_owner(sql)
    findings = [finding for label in labels.split() for finding in find_changed_guards(label)]
    if told is None:
        assert findings
        return
    assert len(findings) == len(told), findings
    for finding, beginning in zip(findings, told, strict=True):
        assert finding.startswith(beginning)


def test_what_the_migrations_made_is_what_was_shipped() -> None:
    """Also that the files are not stale: ``make guards`` writes them anew."""
    assert list_differing_files() == []
    assert [finding for label in list_own_apps() for finding in find_changed_guards(label)] == []


def test_a_table_that_somebody_made_for_themselves_is_nobodys_concern() -> None:
    change_as_owner("CREATE TABLE notes (id bigint PRIMARY KEY, words text NOT NULL CHECK (words <> ''))")
    assert list(find_changed_guards("core")) == []


def test_what_a_dump_says_otherwise_is_the_same() -> None:
    assert settle("CHECK (((a)::text = ANY ((ARRAY['X'::character varying, 'Y'::character varying])::text[])))") == (
        settle("CHECK (((a)::text = ANY (ARRAY[('X'::character varying)::text, ('Y'::character varying)::text])))")
    )
    assert settle("CHECK ((((a > 1) AND (b < 2)) AND (c = 3)))") == settle("CHECK (((a > 1) AND (b < 2) AND (c = 3)))")
    assert settle("CHECK (((a OR b) AND c))") != settle("CHECK ((a OR (b AND c)))")
    assert settle("CHECK ((a = '(x AND y) AND z'::text))") == "CHECK (a = '(x AND y) AND z')"
