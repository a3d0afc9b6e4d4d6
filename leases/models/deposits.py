"""What became of a lease's deposit: one row each time it is settled, never changed."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.words import say_full_day
from leases.models.drivers import Driver
from leases.models.leases import Lease

ZERO = Decimal("0.00")


class DepositSettlement(models.Model):
    """A settlement as it was handed out, in dollars: what the deposit paid, what went back, and what is kept.

    The money is the ledger's. ``items`` are the lines of the printed settlement as they stood then
    (:class:`leases.services.SettlementItem`); ``payout_reference`` names the payout, where something went back.
    """

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="settlements")
    #: Whose deposit it is.
    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="deposit_settlements")
    settled_on = models.DateField("settled on")
    settled_at = models.DateTimeField("settled", db_default=Now(), editable=False)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500)
    #: Installments of plans that were called in.
    posted = models.PositiveIntegerField(default=0)
    received = models.DecimalField("received in all", max_digits=12, decimal_places=2)
    held = models.DecimalField("held before", max_digits=12, decimal_places=2)
    from_credits = models.DecimalField("paid from own credits", max_digits=12, decimal_places=2, default=ZERO)
    applied = models.DecimalField("paid from the deposit", max_digits=12, decimal_places=2, default=ZERO)
    released = models.DecimalField("paid back", max_digits=12, decimal_places=2, default=ZERO)
    kept = models.DecimalField("kept as deposit", max_digits=12, decimal_places=2, default=ZERO)
    payout_reference = models.CharField("payout", max_length=20, blank=True)
    items = models.JSONField(default=list)

    class Meta:
        db_table = "leases_deposit_settlements"
        verbose_name = "deposit settlement"
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(received__gte=models.F("held"), from_credits__gte=0, applied__gte=0, kept__gte=0)
                & Q(held=models.F("applied") + models.F("released") + models.F("kept")),
                name="leases_deposit_settlements_add_up",
            ),
            models.CheckConstraint(
                condition=Q(released=0, payout_reference="") | Q(Q(released__gt=0), ~Q(payout_reference="")),
                name="leases_deposit_settlements_name_payout",
            ),
        ]

    def __str__(self) -> str:
        return f"Settlement of {say_full_day(self.settled_on)}"
