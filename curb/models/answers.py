"""How far CURB's answers reach, and since when card trips are expected of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.words import say_full_day
from curb.rules import Question


class CurbAnswer(models.Model):
    """That CURB has answered a question about a New York day, and when it was last asked.

    An answer without rows is one, too. What was asked while the day went on is no answer about the rest of it.
    """

    day = models.DateField()
    question = models.CharField(max_length=5, choices=[(question.value, question.label) for question in Question])
    asked_at = models.DateTimeField("asked")

    class Meta:
        db_table = "curb_answers"
        ordering = ["-day", "question"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "question"], name="curb_answers_one_each"),
            models.CheckConstraint(
                condition=Q(question__in=[question.value for question in Question]), name="curb_answers_question_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.question}"


class CardTripsExpected(models.Model):
    """Since which day card money comes through the fleet, as said at a moment; the newest row holds.

    Without a day none is expected. Rows are only added: they are the fact's history.
    """

    since = models.DateField("card trips expected since", null=True, blank=True)
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField("set", db_default=Now())
    #: The first import of card trips says so once, where nobody has said anything before.
    by_import = models.BooleanField(default=False)

    class Meta:
        db_table = "curb_card_trips_expected"
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("expect_card_trips", "Can say since when card trips are expected")]
        verbose_name = verbose_name_plural = "card trips expected"
        constraints = [
            models.UniqueConstraint(
                fields=["by_import"], condition=Q(by_import=True), name="curb_card_trips_expected_one_first_import"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="curb_card_trips_expected_says_why"),
        ]

    def __str__(self) -> str:
        return f"expected since {say_full_day(self.since)}" if self.since else "not expected"
