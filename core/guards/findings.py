"""What differs from what was shipped, each in a sentence."""

from collections.abc import Iterator

from core.guards.catalog import Key, read_catalog, read_strangers
from core.guards.shipped import read_shipped, share_of
from core.guards.words import cut, tell_difference

#: What a table that somebody made for themselves has, and harms nothing.
_HARMLESS = ("table", "column", "constraint", "index", "sequence")


def find_changed_guards(app_label: str) -> Iterator[str]:
    """Yield a sentence for each thing of an app that the database has lost, has otherwise, or has besides.

    Asked of ``core``, also for what is on tables of packages, and for what no app answers for.
    """
    shipped, standing = read_shipped(app_label), read_catalog(share_of(app_label))
    tables = {key.table for key in shipped if key.what == "table"}
    for key in sorted(shipped.keys() | standing.keys()):
        was, now = shipped.get(key), standing.get(key)
        if now is None:
            yield f"The {key} is missing."
        elif was is None:
            if key.what not in _HARMLESS or key.table in tables:
                yield f"The {key} is none that was shipped: {cut(now)}."
        elif was != now:
            yield f"The {key} was changed: {tell_difference(now, was)}."
    for key, owner in sorted(_find_strangers(shipped).items()):
        yield f"The {key} belongs to {owner}, and what the program was made with does not."


def _find_strangers(shipped: dict[Key, str]) -> dict[Key, str]:
    return {key: owner for key, owner in read_strangers().items() if key in shipped}
