"""Dollars in templates."""

from decimal import Decimal

from django import template

from ledger.categories import Category, Kind, PaymentMethod
from ledger.money import format_dollars

register = template.Library()


@register.filter
def dollars(amount: Decimal | None) -> str:
    """``$1,234.50``, and nothing for nothing."""
    return "" if amount is None else format_dollars(amount)


@register.filter
def plain(amount: Decimal | None) -> str:
    """``1,234.50``: in columns, where the head says dollars."""
    return "" if amount is None else f"{amount:,.2f}"


@register.filter
def category_label(category: str) -> str:
    return str(Category(category).label)


@register.filter
def kind_label(kind: str) -> str:
    return str(Kind(kind).label)


@register.filter
def method_label(method: str) -> str:
    return str(PaymentMethod(method).label)
