"""Payments and payouts are found by the end of a check's number or a bank's reference."""

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Reverse, Upper


def by_end(name: str) -> models.Index:
    return models.Index(
        OpClass(Reverse(Upper("instrument_number")), "text_pattern_ops"),
        condition=~models.Q(instrument_number=""),
        name=name,
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_alone")]

    operations = [
        migrations.AddIndex("interimpayment", by_end("ledger_payments_by_end")),
        migrations.AddIndex("payout", by_end("ledger_payouts_by_end")),
    ]
