"""The people of the office: Django's users under a name of ours, and whose first password waits to be changed."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Person(User):
    """Somebody who signs in. Their roles are groups (``core/groups.py``); a superuser is *an administrator*."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        permissions = [
            ("manage_person", "Can make logins, give roles and first passwords, and lock people out"),
        ]
        verbose_name = "person"
        verbose_name_plural = "people"

    def __str__(self) -> str:
        name = self.get_full_name()
        return f"{name} ({self.get_username()})" if name else self.get_username()


class FirstPassword(models.Model):
    """Somebody was given their password by another: until they have chosen their own, nothing opens to them.

    The password itself is kept nowhere but as the user's, which is a slow hash.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="first_password"
    )
    given_at = models.DateTimeField("given", db_default=Now())
    #: None where it was given at the server's terminal.
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    #: A letter that is found later opens nothing.
    good_to = models.DateTimeField("good to")

    class Meta:
        db_table = "core_first_passwords"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(good_to__gt=F("given_at")), name="core_first_passwords_good_for_a_time"),
        ]

    def __str__(self) -> str:
        return f"First password of {self.user}"
