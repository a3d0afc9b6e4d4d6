"""Miscellaneous charges: a lost key, a towing, and what an operator adds to tickets."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from leases.models import Driver, Lease, Vehicle
from tickets import rules
from tickets.models.tickets import Ticket


class ChargeType(models.Model):
    """What a miscellaneous charge may be for, and what it usually amounts to.

    One that names a kind of ticket is a fee added to each such ticket when it is charged. The law limits what may be
    added: so fees are off until somebody turns them on, and says under which rule.
    """

    name = models.CharField(max_length=80, unique=True)
    default_amount = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal("0.01"))]
    )
    added_to = models.CharField(
        "added to each", max_length=6, choices=Ticket.Kind, blank=True, help_text="Blank: charged by hand only."
    )
    is_active = models.BooleanField("in use", default=False)
    citation = models.CharField("rule that allows it", max_length=200, blank=True)

    history = HistoricalRecords()

    class Meta:
        db_table = "tickets_charge_types"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(default_amount=None) | Q(default_amount__gt=0, default_amount__lt=Decimal(10**10)),
                name="tickets_charge_types_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(added_to="") | Q(is_active=False) | Q(~Q(citation=""), default_amount__isnull=False),
                name="tickets_charge_types_fee_allowed",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a fee in use without its amount or its rule, at the field that is missing."""
        if self.added_to and self.is_active and not self.citation:
            raise ValidationError({"citation": "A fee added to tickets names the rule that allows it."})
        if self.added_to and self.is_active and self.default_amount is None:
            raise ValidationError({"default_amount": "A fee added to tickets has an amount."})


class MiscCharge(models.Model):
    """One miscellaneous charge to a driver. Reference: ``MISC-88``. Whether it is paid or voided, the ledger knows."""

    charge_type = models.ForeignKey(ChargeType, models.PROTECT, related_name="charges", verbose_name="for")
    driver = models.ForeignKey(Driver, models.PROTECT, related_name="misc_charges")
    lease = models.ForeignKey(Lease, models.PROTECT, null=True, blank=True, related_name="misc_charges")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, blank=True, related_name="misc_charges")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    charged_on = models.DateField("charged")
    due_on = models.DateField("due")
    note = models.CharField(max_length=500, blank=True)
    #: Of the agreement that the driver signed for it.
    paper_number = models.CharField("signed paper's number", max_length=40, blank=True)
    #: Makes a repeated entry harmless.
    entry_key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    #: The ticket that it was added to, where it is a fee.
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, blank=True, related_name="fees")
    void_reason = models.CharField("voided because", max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        db_table = "tickets_misc_charges"
        verbose_name = "miscellaneous charge"
        ordering = ["-id"]
        default_permissions = ("view", "add")
        permissions = [("void_misccharge", "Can void miscellaneous charges")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lt=Decimal(10**10)), name="tickets_misc_charges_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.reference_id

    @property
    def reference_id(self) -> str:
        return rules.name_charge(self.pk)
