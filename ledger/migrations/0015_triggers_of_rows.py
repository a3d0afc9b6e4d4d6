"""Recoveries are asked for by the projection, what a void's trigger waits for is said in fewer words, and two rows are
returned as two rows.

PostgreSQL reads the WHEN of each row's trigger anew for every statement that posts (sql/transfers.sql, recoveries.sql).
"""

from django.db import migrations

from core.upgrades import replace_functions


def hold_recoveries(apps, editor):
    """Before their trigger goes, which only a database of before has: at no moment does nothing hold them."""
    names = ("ledger_check_recovery", "ledger_project_postings", "ledger_void_untouched")
    replace_functions(using=editor.connection.alias, names=names)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0014_rules_of_rows"),
    ]

    operations = [
        # What a function returns can't be replaced.
        migrations.RunSQL(
            sql="DROP FUNCTION IF EXISTS ledger_void_untouched(text, text, bigint, text[], date, text, integer)",
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunPython(hold_recoveries, migrations.RunPython.noop),
        migrations.RunSQL(
            sql="""
                DROP TRIGGER IF EXISTS ledger_postings_recovers_what_was_given ON ledger_postings;
                DROP FUNCTION IF EXISTS ledger_check_recovery();
                DROP TRIGGER ledger_postings_void_mirrored ON ledger_postings;
                CREATE CONSTRAINT TRIGGER ledger_postings_void_mirrored AFTER INSERT ON ledger_postings
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.reverses_id = NEW.balance_id)
                    EXECUTE FUNCTION ledger_check_voided_cause();
                ALTER TABLE ledger_postings ENABLE ALWAYS TRIGGER ledger_postings_void_mirrored;
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
