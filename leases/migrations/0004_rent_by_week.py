"""The rent of some weeks is found by an index, without reading that of all weeks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leases", "0003_notes_on_vehicles_and_leases")]

    operations = [
        migrations.AddIndex(
            "leaseinstallment", models.Index(fields=["week_start"], name="leases_leaseinstallment_weeks")
        ),
    ]
