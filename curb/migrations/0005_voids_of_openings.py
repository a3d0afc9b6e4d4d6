"""What the trigger of voids waits for is said in fewer words, which are read for every statement that posts."""

from django.db import migrations

from core.upgrades import replace_functions


def know_their_names(apps, editor):
    """Which of them are of trips is the function's to see, before it is asked of all."""
    replace_functions(using=editor.connection.alias, names=("curb_check_void",))


class Migration(migrations.Migration):
    dependencies = [
        ("curb", "0004_counts_by_driver_and_week"),
    ]

    operations = [
        migrations.RunPython(know_their_names, migrations.RunPython.noop),
        migrations.RunSQL(
            sql="""
                DROP TRIGGER curb_trip_counts_voided_together ON ledger_postings;
                CREATE CONSTRAINT TRIGGER curb_trip_counts_voided_together AFTER INSERT ON ledger_postings
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.reverses_id = NEW.balance_id)
                    EXECUTE FUNCTION curb_check_void();
                ALTER TABLE ledger_postings ENABLE ALWAYS TRIGGER curb_trip_counts_voided_together;
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
