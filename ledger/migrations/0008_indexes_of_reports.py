"""What reports ask of the whole history has an index that does not grow with it, or is found from its end."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_kept_sums")]

    operations = [
        migrations.AddIndex(
            "ledgerbalance",
            models.Index(fields=["posting"], condition=models.Q(("status", "OPEN")), name="ledger_balances_open"),
        ),
        migrations.AddIndex(
            "ledgerposting",
            models.Index(fields=["lease"], condition=models.Q(("kind", "DEPOSIT")), name="ledger_postings_deposit"),
        ),
        migrations.AlterField(
            "interimpayment",
            "driver",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="leases.driver",
            ),
        ),
        migrations.AddIndex(
            "interimpayment", models.Index(fields=["driver", "received_on"], name="ledger_payments_driver")
        ),
        migrations.AddIndex("payout", models.Index(fields=["paid_on", "paid_by"], name="ledger_payouts_by_day")),
        migrations.AddIndex("payout", models.Index(fields=["dtr_number"], name="ledger_payouts_of_dtr")),
    ]
