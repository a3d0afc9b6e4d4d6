"""Facts told to programs outside: those of rows that change, and the number under which each fact is told.

Both are only added to; ``core/sql/guards.sql`` sees to it, and writes the facts.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Fact(models.Model):
    """What an act changed of a row, written by a trigger of the row's table in the act's own transaction."""

    kind = models.CharField(max_length=40)
    #: Of whom; a fact of the fleet's has none. No foreign key: it is told as it was.
    driver_id = models.BigIntegerField(null=True)
    data = models.JSONField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_facts"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Event(models.Model):
    """A fact with its number, the ``id``: whoever has read up to a number has missed none below it.

    What it tells stands in the row ``source_id`` of the table ``source``.
    """

    kind = models.CharField(max_length=40)
    driver_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=63)
    source_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "core_events"
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="core_events_each_once")]
        indexes = [models.Index(fields=["kind", "id"], name="core_events_by_kind")]

    def __str__(self) -> str:
        return f"Event {self.pk}: {self.kind}"


class EventMark(models.Model):
    """How far the rows of a table are numbered.

    All up to ``through`` are. Those up to ``pending`` will be, once the transactions are over that were adding rows
    when it was set: ``writers``, by what PostgreSQL calls them.
    """

    source = models.CharField(primary_key=True, max_length=63)
    through = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(null=True)
    writers = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "core_event_marks"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.source} through {self.through}"
