"""Acts on several rows of a list: what was asked, and what became of each row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ListAct(models.Model):
    """One act on rows that one person chose in a list: looked at first, and then done. Only they see it and go on."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_acts")
    #: The name of its page's address: ``ledger_interimpayment_void_several``.
    page = models.CharField(max_length=100)
    #: Where the rows were chosen: the list, as it was narrowed then.
    chosen_at = models.TextField()
    #: What was typed, by input, as it was sent; None while nothing was.
    typed = models.JSONField(null=True)
    is_confirmed = models.BooleanField(default=False)
    created_at = models.DateTimeField("begun", db_default=Now())
    looked_at = models.DateTimeField("looked at", db_default=Now())
    #: When a row was worked last.
    worked_at = models.DateTimeField("worked", db_default=Now())

    class Meta:
        db_table = "core_list_acts"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.page} {self.pk}"


class ListActRow(models.Model):
    """One of the rows; what became of it is written in the transaction that does it."""

    class Outcome(models.TextChoices):
        CHOSEN = "CHOSEN", "Not looked at yet"
        MAY = "MAY", "May be done"
        DONE = "DONE", "Done"
        LEFT = "LEFT", "Left alone"

    act = models.ForeignKey(ListAct, models.CASCADE, related_name="rows", db_index=False)
    record_id = models.BigIntegerField()
    name = models.TextField()
    #: What else tells the row, as it was when it was looked at.
    cells = models.JSONField(default=list)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    outcome = models.CharField(max_length=6, choices=Outcome.choices, default=Outcome.CHOSEN)
    #: Sentences: what would become of it, what did, or why it is left alone.
    told = models.JSONField(default=list)
    #: What looking at it gave this row, where that must not change: the number of its check.
    given = models.TextField(blank=True)

    class Meta:
        db_table = "core_list_act_rows"
        default_permissions = ()
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["act", "record_id"], name="core_list_act_rows_each_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["CHOSEN", "MAY", "DONE", "LEFT"]), name="core_list_act_rows_outcome_known"
            ),
        ]
        indexes = [models.Index(fields=["act"], condition=Q(outcome="MAY"), name="core_list_act_rows_not_done")]

    def __str__(self) -> str:
        return self.name
