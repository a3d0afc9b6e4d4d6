"""Who may see how the product itself is doing: a permission, no table."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_people"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="auditrun",
            options={
                "default_permissions": ("add", "view"),
                "ordering": ["-id"],
                "permissions": [
                    ("read_reports", "Can read the reports of the office"),
                    ("read_control_reports", "Can read the reports of who did what with the money"),
                    ("see_status", "Can see how the product itself is doing"),
                ],
            },
        ),
    ]
