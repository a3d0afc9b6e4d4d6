"""What a ticket waits for, and who may put it back in the queue; the database holds no list of these words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0003_names_by_statement"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="ticket",
            options={
                "default_permissions": ("view", "add"),
                "ordering": ["-id"],
                "permissions": [
                    ("assign_ticket", "Can assign tickets to drivers"),
                    (
                        "correct_ticket",
                        "Can correct, dispute and dismiss tickets, let the fleet pay them, and put them back in the queue",
                    ),
                    (
                        "lay_aside_ticket",
                        "Can dismiss tickets in review that no cab of ours had, or of the congestion zone",
                    ),
                ],
            },
        ),
        migrations.AlterField(
            model_name="historicalticket",
            name="waits_for",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Nothing"),
                    ("VEHICLE", "No cab of ours had this plate or tag then"),
                    ("LEASE", "Nobody held the cab then"),
                    ("DRIVER", "More than one driver may have had the cab"),
                    ("LICENSE", "No driver has this TLC license"),
                    ("CONGESTION", "Congestion zone: passengers pay it trip by trip"),
                    ("REFUND", "Refund of a toll that is not charged to one driver"),
                    ("KIND", "Of a kind that is not known: whose is it?"),
                    ("SIGN", "A toll above zero: a charge, or a refund?"),
                    ("CONTRADICTS", "What it tells contradicts itself"),
                    ("TRIP", "The driver of the trip is on no lease of the cab"),
                    ("RESTORED", "It was put back: whose is it?"),
                ],
                default="",
                max_length=12,
                verbose_name="waits for",
            ),
        ),
        migrations.AlterField(
            model_name="importrow",
            name="waits_for",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Nothing"),
                    ("VEHICLE", "No cab of ours had this plate or tag then"),
                    ("LEASE", "Nobody held the cab then"),
                    ("DRIVER", "More than one driver may have had the cab"),
                    ("LICENSE", "No driver has this TLC license"),
                    ("CONGESTION", "Congestion zone: passengers pay it trip by trip"),
                    ("REFUND", "Refund of a toll that is not charged to one driver"),
                    ("KIND", "Of a kind that is not known: whose is it?"),
                    ("SIGN", "A toll above zero: a charge, or a refund?"),
                    ("CONTRADICTS", "What it tells contradicts itself"),
                    ("TRIP", "The driver of the trip is on no lease of the cab"),
                    ("RESTORED", "It was put back: whose is it?"),
                ],
                default="",
                max_length=12,
                verbose_name="waits for",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="waits_for",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Nothing"),
                    ("VEHICLE", "No cab of ours had this plate or tag then"),
                    ("LEASE", "Nobody held the cab then"),
                    ("DRIVER", "More than one driver may have had the cab"),
                    ("LICENSE", "No driver has this TLC license"),
                    ("CONGESTION", "Congestion zone: passengers pay it trip by trip"),
                    ("REFUND", "Refund of a toll that is not charged to one driver"),
                    ("KIND", "Of a kind that is not known: whose is it?"),
                    ("SIGN", "A toll above zero: a charge, or a refund?"),
                    ("CONTRADICTS", "What it tells contradicts itself"),
                    ("TRIP", "The driver of the trip is on no lease of the cab"),
                    ("RESTORED", "It was put back: whose is it?"),
                ],
                default="",
                max_length=12,
                verbose_name="waits for",
            ),
        ),
    ]
