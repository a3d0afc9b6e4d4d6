"""What a ticket and a file's row name is asked once for a statement (sql/named.sql); no index that nobody reads."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("curb", "0003_counts_by_batch"),
        ("leases", "0002_guards"),
        ("tickets", "0002_guards"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="importrow",
            name="tickets_import_rows_by_state",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="tickets_tickets_for_refunds",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="tickets_tickets_at",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="tickets_tickets_plate",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="tickets_tickets_tag",
        ),
        migrations.AlterField(
            model_name="importrow",
            name="file",
            field=models.ForeignKey(
                db_column="import_id",
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="tickets.ticketimport",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="driver",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="leases.driver",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="file",
            field=models.ForeignKey(
                blank=True,
                db_column="import_id",
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="tickets.ticketimport",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="lease",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="leases.lease",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="refund_of",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="tickets.ticket",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="trip",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="curb.trip",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="vehicle",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="leases.vehicle",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["at", "amount"], name="tickets_tickets_by_moment"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("plate", ""), _negated=True), fields=["plate"], name="tickets_tickets_plated"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("tag", ""), _negated=True), fields=["tag"], name="tickets_tickets_tagged"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("refund_of__isnull", False)), fields=["refund_of"], name="tickets_tickets_refunded"
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "named.sql").read_text(),
            reverse_sql=(SQL / "named_reverse.sql").read_text(),
        ),
    ]
