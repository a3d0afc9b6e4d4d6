"""Each lease with its driver, each vehicle and author that a posting ever named, once (see ``guards.sql``).

Here their foreign keys sit, and a lease is seen to be its driver's when the pair first comes.

The projection fills these tables, and nothing ever leaves them.
"""

from django.conf import settings
from django.db import models


class NamedLease(models.Model):
    pk = models.CompositePrimaryKey("lease_id", "driver_id")
    lease = models.ForeignKey("leases.Lease", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    driver = models.ForeignKey("leases.Driver", models.PROTECT, related_name="+", db_constraint=False, db_index=False)

    class Meta:
        db_table = "ledger_named_leases"
        default_permissions = ()

    def __str__(self) -> str:
        return f"Lease {self.lease_id} of driver {self.driver_id}"


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
