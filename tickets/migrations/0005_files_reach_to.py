"""A file says to which moment its rows reach, so that Home need not read them."""

from django.db import migrations, models

_FILES_OF_BEFORE = """
    UPDATE tickets_imports SET reaches_to = told.newest FROM (
        SELECT import_id, max(row.at) AS newest FROM tickets_import_rows AS row
        JOIN tickets_imports AS file ON file.id = row.import_id
        WHERE row.state <> 'ERROR' AND row.at <= file.staged_at GROUP BY import_id
    ) AS told WHERE told.import_id = tickets_imports.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0004_put_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticketimport",
            name="reaches_to",
            field=models.DateTimeField(blank=True, null=True, verbose_name="reaches to"),
        ),
        migrations.RunSQL(sql=_FILES_OF_BEFORE, reverse_sql=migrations.RunSQL.noop),
    ]
