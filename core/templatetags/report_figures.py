"""Figures as reports show them."""

from decimal import Decimal

from django import template

from core.reports.columns import say_figure

register = template.Library()


@register.filter
def figure(amount: Decimal | None) -> str:
    return "" if amount is None else say_figure(amount)
