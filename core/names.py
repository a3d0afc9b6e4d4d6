"""What people of the office are called where something they did is told: by their name, by their login without one."""

from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim


def name_author(author: Any) -> str:
    """Return who did it; nobody is the system."""
    return (author.get_full_name() or author.get_username()) if author else "the system"


def name_column(path: str) -> Coalesce:
    """Return the name of the user at the end of a foreign key, as a column; nobody's is empty."""
    whole = Trim(Concat(f"{path}__first_name", Value(" "), f"{path}__last_name"))
    return Coalesce(NullIf(whole, Value("")), F(f"{path}__username"), Value(""))


def name_sql(alias: str) -> str:
    """Return the name of a user's row in SQL; null where there is no row."""
    whole = f"trim(concat({alias}.first_name, ' ', {alias}.last_name))"
    return f"coalesce(nullif({whole}, ''), {alias}.username)"
