"""A list of what falls due in some days reads the pages that have it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_indexes_of_reports")]

    operations = [
        migrations.AddIndex(
            "ledgerposting", BrinIndex(fields=["due_on"], pages_per_range=32, name="ledger_postings_due")
        ),
    ]
