"""What one person posted is found by an index; what the system posted has none of its own."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_taken_back")]

    operations = [
        migrations.AddIndex(
            "ledgerposting",
            models.Index(
                fields=["posted_by", "id"], condition=Q(posted_by__isnull=False), name="ledger_postings_by_whom"
            ),
        ),
    ]
