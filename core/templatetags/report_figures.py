"""Figures and references as pages show them."""

import re
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.reports.columns import say_figure

register = template.Library()

#: What a line must not end within: a reference, a run of days.
_NUMBER = re.compile(r"\S*\d\S*[-–]\S+|\S+[-–]\S*\d\S*")


@register.filter
def figure(amount: Decimal | None) -> str:
    return "" if amount is None else say_figure(amount)


@register.filter
def unbroken(words: str) -> SafeString:
    """The words, with each reference and each run of days on one line however narrow the paper is."""
    return format_html_join(
        " ",
        "{}",
        (
            (format_html('<span class="nowrap">{}</span>', part) if _NUMBER.fullmatch(part) else part,)
            for part in words.split(" ")
        ),
    )
