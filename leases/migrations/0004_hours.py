from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the filling: PostgreSQL alters no table whose rows the same transaction has just changed."""

    dependencies = [
        ("leases", "0003_fill_spans"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("shift", "FULL"), ("shift_from", None), ("shift_until", None)),
                    models.Q(
                        models.Q(("shift", "FULL"), _negated=True),
                        ("shift_from__isnull", False),
                        ("shift_until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="leases_lease_hours_of_shift",
            ),
        ),
    ]
