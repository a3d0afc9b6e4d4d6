"""What a posting's row may say is held by the projection, which looks at all rows of a statement (sql/guards.sql, 1)."""

from django.db import migrations

from core.upgrades import replace_functions

HELD = (
    "amount_positive",
    "reference_given",
    "entry_known",
    "dates_readable",
    "category_known",
    "shape",
    "description_of_opening",
    "description_readable",
    "income_of_loan",
)


def hold_rules(apps, editor):
    """Before the constraints go, which only a database of before has: at no moment does nothing hold these."""
    replace_functions(using=editor.connection.alias, names=("ledger_find_broken_rule", "ledger_project_postings"))


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0013_recoveries"),
    ]

    operations = [
        migrations.RunPython(hold_rules, migrations.RunPython.noop),
        migrations.RunSQL(
            sql="; ".join(
                f"ALTER TABLE ledger_postings DROP CONSTRAINT IF EXISTS ledger_postings_{rule}" for rule in HELD
            ),
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
