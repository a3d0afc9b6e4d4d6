"""How the rows of a list are written: short."""

import re

from django import template
from django.utils.safestring import SafeString, mark_safe
from unfold.templatetags.unfold_list import CHECKBOX_CLASSES, ROW_CLASSES

register = template.Library()

#: The look that Unfold gives each row, cell and box, and the one name by which ``admin.css`` gives it.
_LOOKS = {
    " ".join(ROW_CLASSES): "list-cell",
    " ".join(CHECKBOX_CLASSES): "action-checkbox list-cell",
    "data-row block border border-base-200 mb-3 relative rounded-default lg:table-row lg:border-none lg:mb-0 "
    "lg:rounded-none dark:border-base-800": "data-row list-row",
}
_INDENTED = re.compile(r"\s*\n\s*")


@register.filter
def shorten_rows(rows: SafeString) -> SafeString:
    """Write the look of a row or cell, which Unfold repeats in each by dozens of names, by one; and drop indents.

    A page of 50 rows is less than half as long then.
    """
    told = str(rows)
    for look, name in _LOOKS.items():
        told = told.replace(look, name)
    return mark_safe(_INDENTED.sub("\n", told))  # nosec B308  # safe already: only looks are renamed
