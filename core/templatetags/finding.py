"""How results of a search are shown."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def mark_match(text: str, term: str) -> SafeString:
    """Mark what was typed where the text has it: bold and underlined, not by a color."""
    words = sorted({word for word in re.findall(r"\w+", term) if len(word) > 1}, key=len, reverse=True)
    if not words:
        return escape(text)
    parts = re.split(f"({'|'.join(map(re.escape, words))})", text, flags=re.IGNORECASE)
    # Of a split by one group, each second part is what matched.
    marked = "".join(
        f'<mark class="match">{escape(part)}</mark>' if at % 2 else escape(part) for at, part in enumerate(parts)
    )
    return mark_safe(marked)  # nosec B308  # each part is escaped above
