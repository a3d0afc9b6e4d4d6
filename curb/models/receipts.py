"""Card transactions as CURB's service reported them, and receipts of settled trips, which are reported to it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from curb.rules import DOUBTFUL_STATES, TransactionState

TRANSACTION_STATE_LABELS = {
    TransactionState.APPROVED.value: "Approved",
    TransactionState.DECLINED.value: "Declined",
    TransactionState.DUPLICATE.value: "Duplicate",
}


class CardTransaction(models.Model):
    """A card transaction, kept as received; never changed. It credits nobody: the trip it belongs to does.

    Amounts are dollars; refunds and chargebacks are negative. What CURB reports as card money is compared with these.
    """

    row_id = models.CharField("row", max_length=40)
    #: The same row as it came before, with other figures or in another list; it stays as it was received.
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    #: False once an amended row has superseded it.
    is_current = models.BooleanField(default=True, db_default=True)
    state = models.CharField(max_length=3, choices=TRANSACTION_STATE_LABELS)
    file = models.ForeignKey("curb.TripFile", models.PROTECT, related_name="transactions", verbose_name="received in")
    #: The element as it came, and its children by name.
    raw = models.TextField()
    received = models.JSONField()
    received_at = models.DateTimeField("received", db_default=Now())

    #: Without zeros before it, as a trip's.
    license = models.CharField(max_length=20, blank=True)
    cab = models.CharField(max_length=20, blank=True)
    service_number = models.CharField(max_length=20, blank=True)
    start_at = models.DateTimeField("start")
    end_at = models.DateTimeField("end", null=True, blank=True)
    fare = models.DecimalField(max_digits=8, decimal_places=2)
    tips = models.DecimalField(max_digits=8, decimal_places=2)
    extras = models.DecimalField(max_digits=8, decimal_places=2)
    tolls = models.DecimalField(max_digits=8, decimal_places=2)
    mta_tax = models.DecimalField("MTA tax", max_digits=8, decimal_places=2)
    improvement = models.DecimalField("improvement surcharge (TIF)", max_digits=8, decimal_places=2)
    congestion = models.DecimalField("congestion surcharge", max_digits=8, decimal_places=2)
    airport = models.DecimalField("airport fee", max_digits=8, decimal_places=2)
    cbd = models.DecimalField("CBD toll", max_digits=8, decimal_places=2)
    ehail = models.DecimalField("e-hail fee", max_digits=8, decimal_places=2)
    amount = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        db_table = "curb_card_transactions"
        ordering = ["-start_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["row_id"], condition=Q(is_current=True), name="curb_card_transactions_row"),
            models.CheckConstraint(
                condition=Q(state__in=list(TRANSACTION_STATE_LABELS)), name="curb_card_transactions_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(license__regex=r"^0[0-9]*$"), name="curb_card_transactions_license_is_a_key"
            ),
        ]
        indexes = [
            models.Index(fields=["-start_at", "-id"], name="curb_card_transactions_newest"),
            # In which lists an amended row was before.
            models.Index(fields=["row_id"], condition=Q(is_current=False), name="curb_card_rows_superseded"),
            # What a new file's trips are paired with, however many transactions there are by then.
            models.Index(
                fields=["cab", "license", "service_number", "amount"],
                condition=Q(state__in=[state.value for state in DOUBTFUL_STATES], is_current=True),
                name="curb_card_rows_doubtful",
            ),
        ]

    def __str__(self) -> str:
        return self.row_id


class Reconciliation(models.Model):
    """A receipt: these counted trips are settled, and CURB is to know it. Its number is the receipt number at CURB.

    Made once and sent until CURB has answered; sending it twice marks the same trips with the same number.
    """

    #: The Saturday of the closed week that counted its trips.
    week_end = models.DateField("week ending")
    #: Record numbers are unique within a period only, so a receipt is of one.
    period = models.CharField(max_length=6)
    created_at = models.DateTimeField("made", db_default=Now())
    attempts = models.PositiveIntegerField(default=0)
    #: Why the last attempt failed; blank once CURB has answered.
    last_error = models.CharField(max_length=500, blank=True, default="")
    confirmed_at = models.DateTimeField("confirmed", null=True, blank=True)

    class Meta:
        db_table = "curb_reconciliations"
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["id"], condition=Q(confirmed_at=None), name="curb_reconciliations_to_send"),
        ]

    def __str__(self) -> str:
        return f"Receipt {self.pk}"
