"""Dollars in templates, and what every paper has."""

import re
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from core.reports.columns import NOTHING, say_dollar_figure, say_figure
from core.words import lower_first
from ledger.categories import Category, Kind, PaymentMethod, TransferKind

register = template.Library()

_DOLLARS = re.compile(r"(\$[\d,]+\.\d\d)")


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
def stressed(sentence: str) -> SafeString:
    """A sentence whose first amount stands out: it is the answer, and what follows is what it is made of."""
    before, amount, after = (*_DOLLARS.split(sentence, maxsplit=1), "", "")[:3]
    return format_html("{}<strong>{}</strong>{}", before, amount, after) if amount else escape(before)


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
def method_in_words(method: str) -> str:
    """As it stands within a sentence: ``cash``, ``check``, ``ACH``."""
    return lower_first(str(PaymentMethod(method).label))


@register.inclusion_tag("ledger/paper_head.html")
def fleet_head() -> dict[str, Any]:
    """Whose paper it is: the fleet's name, address and telephone number."""
    return {
        "fleet_name": settings.FLEET_NAME,
        "fleet_address": settings.FLEET_ADDRESS,
        "fleet_phone": settings.FLEET_PHONE,
    }
