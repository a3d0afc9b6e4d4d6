"""A payment is written and posted by one statement (sql/singles.sql): what posted one that was written is gone."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0011_by_whom"),
    ]

    operations = [
        migrations.RunSQL(
            sql="DROP FUNCTION IF EXISTS ledger_post_payment(bigint, text, text, text, text, bigint[], numeric[])",
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
