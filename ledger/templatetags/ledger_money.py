"""Dollars in templates, and what every paper has."""

import re
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.reports.columns import NOTHING, say_dollar_figure, say_figure
from ledger.categories import Category, Kind, PaymentMethod, TransferKind

register = template.Library()

#: What a line must not end within: a reference, a run of days.
_NUMBER = re.compile(r"\S*\d\S*[-–]\S+|\S+[-–]\S*\d\S*")


@register.filter
def dollars(amount: Decimal | None) -> str:
    """``$1,234.50``, and nothing for nothing."""
    return "" if amount is None else say_dollar_figure(amount)


@register.filter
def plain(amount: Decimal | None) -> str:
    """``1,234.50``, below zero with a true minus before it: in columns, where the head says dollars."""
    return "" if amount is None else say_figure(amount)


@register.filter
def figure(amount: Decimal) -> str:
    """As a row of a table has it: a dash for nothing."""
    return say_figure(amount) if amount else NOTHING


@register.filter
def category_label(category: str) -> str:
    return str(Category(category).label)


@register.filter
def kind_label(kind: str) -> str:
    """Of a posting or of a transfer: they have no kind in common."""
    return str(Kind(kind).label if kind in Kind.values else TransferKind(kind).label)


@register.filter
def method_label(method: str) -> str:
    return str(PaymentMethod(method).label)


@register.filter
def unbroken(words: str) -> SafeString:
    """The words, with each reference and each run of days on one line however narrow the paper is."""
    parts = words.split(" ")
    return format_html_join(
        " ", "{}", ((_keep_together(part),) if _NUMBER.fullmatch(part) else (part,) for part in parts)
    )


def _keep_together(part: str) -> SafeString:
    return format_html_join("", '<span class="nowrap">{}</span>', ((part,),))


@register.inclusion_tag("ledger/paper_head.html")
def fleet_head() -> dict[str, Any]:
    """Whose paper it is: the fleet's name, address and telephone number."""
    return {
        "fleet_name": settings.FLEET_NAME,
        "fleet_address": settings.FLEET_ADDRESS,
        "fleet_phone": settings.FLEET_PHONE,
    }
