"""What the sign-in page asks, and who is signed in."""

from django import template
from django.conf import settings

from core.groups import say_roles

register = template.Library()
register.filter("roles", say_roles)


@register.simple_tag
def is_mail_set() -> bool:
    """Return whether anything can be mailed."""
    return bool(settings.MAIL_IS_SET)
