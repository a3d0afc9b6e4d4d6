"""Each lease, vehicle and author that a posting ever named, once: here their foreign keys sit (see ``guards.sql``).

The projection fills these tables, and nothing ever leaves them.
"""

from django.conf import settings
from django.db import models


class NamedLease(models.Model):
    lease = models.OneToOneField(
        "leases.Lease", models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )

    class Meta:
        db_table = "ledger_named_leases"
        default_permissions = ()

    def __str__(self) -> str:
        return f"Lease {self.pk}"


class NamedVehicle(models.Model):
    vehicle = models.OneToOneField(
        "leases.Vehicle", models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )

    class Meta:
        db_table = "ledger_named_vehicles"
        default_permissions = ()

    def __str__(self) -> str:
        return f"Vehicle {self.pk}"


class NamedAuthor(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )

    class Meta:
        db_table = "ledger_named_authors"
        default_permissions = ()

    def __str__(self) -> str:
        return f"User {self.pk}"
