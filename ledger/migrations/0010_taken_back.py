"""Which payments were taken back, and how much of each, is read from the few rows that say so."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_days_due")]

    operations = [
        migrations.AddIndex(
            "ledgerposting",
            models.Index(fields=["payment"], condition=Q(reverses=F("balance")), name="ledger_postings_taken_back"),
        ),
    ]
