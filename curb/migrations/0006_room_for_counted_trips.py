"""A trip is written twice, when it comes and when a close counts it: its second entries find room beside the first.

None of a trip's indexes is of what the close changes alone, so each of these is given an entry more. Where a page is
full PostgreSQL first looks for entries that nobody needs any longer, in vain, and then splits it: a seventh of the time
of counting. In the end the pages are as many either way. What stands already is left as it is; it has been counted.
"""

from django.db import migrations

_TWICE = ("pkey", "record", "driver_id_41790b4a", "lease_id_1303b6a1", "file_id_ae0f5013", "newest", "of_a_cab")


class Migration(migrations.Migration):
    dependencies = [
        ("curb", "0005_voids_of_openings"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[f"ALTER INDEX curb_trips_{name} SET (fillfactor = 50)" for name in _TWICE],
            reverse_sql=[f"ALTER INDEX curb_trips_{name} RESET (fillfactor)" for name in _TWICE],
        ),
    ]
