"""The words by which a driver is found."""

from django.db import models

from leases.models.drivers import Driver


class DriverToken(models.Model):
    """A beginning by which a driver is found: a word of theirs, or the end of one. Kept by the database alone.

    A name, a license and a telephone number are found by any part of at least three signs, because each end of them
    is a token; ``is_beginning`` tells where a token is a word from its start.
    """

    pk = models.CompositePrimaryKey("driver_id", "token")
    # A constraint would check each of the many rows of a driver; the audit of them does.
    driver = models.ForeignKey(Driver, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    token = models.TextField()
    is_beginning = models.BooleanField()

    class Meta:
        db_table = "leases_driver_tokens"
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["token", "driver"],
                opclasses=["text_pattern_ops", "int8_ops"],
                include=["is_beginning"],
                name="leases_driver_tokens_find",
            )
        ]

    def __str__(self) -> str:
        return self.token
