"""What the sign-in page asks."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def is_mail_set() -> bool:
    """Return whether anything can be mailed."""
    return bool(settings.MAIL_IS_SET)
