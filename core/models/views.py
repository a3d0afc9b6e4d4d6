"""Views of lists that people keep: how a list was narrowed and sorted, under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class SavedView(models.Model):
    """One list, narrowed and sorted, under a name of its owner's; a shared one is offered to whoever opens the list."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", db_index=False)
    #: The list's model: ``ledger.interimpayment``.
    list_name = models.CharField("list", max_length=100)
    name = models.CharField(max_length=40)
    #: What its address asks: ``method__exact=CHECK&o=-2``.
    query = models.CharField(max_length=2000, blank=True)
    is_shared = models.BooleanField("shared", default=False)
    created_at = models.DateTimeField("saved", db_default=Now())

    class Meta:
        db_table = "core_saved_views"
        ordering = ["name", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["owner", "list_name", "name"], name="core_saved_views_one_of_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="core_saved_views_named"),
        ]
        indexes = [
            models.Index(fields=["list_name"], condition=Q(is_shared=True), name="core_saved_views_shared"),
        ]

    def __str__(self) -> str:
        return self.name
