"""What a week's close looks at before it begins, and what a supervisor has overruled of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

_SATURDAY = 7  # in Django's `week_day`


class Check(models.TextChoices):
    """What is looked at before a week closes, in the order in which it is told."""

    WEEK_BEFORE = "WEEK_BEFORE", "The week before is closed"
    CURB_ANSWERS = "CURB_ANSWERS", "CURB has answered for each day"
    CARD_TRIPS = "CARD_TRIPS", "Card trips on each day"
    FEW_TRIPS = "FEW_TRIPS", "As many card trips as usual"
    UNREAD_RECORDS = "UNREAD_RECORDS", "Records that could not be read were looked at"
    AMOUNTS = "AMOUNTS", "Every amount of CURB's records belongs somewhere"
    LEFT_OUT = "LEFT_OUT", "Trips that pair with a declined or duplicate card row"
    AUDITS = "AUDITS", "The last audit found nothing about money"
    WAITING_TRIPS = "WAITING_TRIPS", "Trips that wait for somebody"
    REVIEW = "REVIEW", "Tickets in review"
    IDLE_LEASES = "IDLE_LEASES", "Leases without a trip"
    HELD_LEASES = "HELD_LEASES", "Leases on hold"


#: What a supervisor may overrule. A week before that is open is closed first, and an unread record is looked at.
MAY_BE_OVERRULED = (Check.CURB_ANSWERS, Check.CARD_TRIPS, Check.AUDITS)


class Overrule(models.Model):
    """A finding that stood in the way of a week's close, and why a supervisor let the week close in spite of it.

    It holds for exactly this finding: for another sentence, another day or another figure it says nothing. Rows are
    only added, and only before the week's close has begun.
    """

    week_end = models.DateField("week ending")
    check_name = models.CharField(
        "check", max_length=14, choices=[(check.value, check.label) for check in MAY_BE_OVERRULED]
    )
    finding = models.CharField(max_length=500)
    reason = models.CharField(max_length=500)
    overruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    overruled_at = models.DateTimeField("overruled", db_default=Now())

    class Meta:
        db_table = "dtr_overrules"
        ordering = ["id"]
        default_permissions = ("view",)
        permissions = [("overrule_check", "Can overrule what stands in the way of a week's close")]
        constraints = [
            models.CheckConstraint(condition=Q(week_end__week_day=_SATURDAY), name="dtr_overrules_ends_on_saturday"),
            models.CheckConstraint(
                condition=Q(check_name__in=[check.value for check in MAY_BE_OVERRULED]),
                name="dtr_overrules_may_be_overruled",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(finding=""), name="dtr_overrules_says_why"),
            models.UniqueConstraint(fields=["week_end", "check_name", "finding"], name="dtr_overrules_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_check_name_display()}: {self.finding}"
