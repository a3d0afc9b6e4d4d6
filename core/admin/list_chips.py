"""What a list is filtered by, in words, each with the address of the list without it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import ValidationError

from core.words import say_full_day

#: Of more values than these a chip tells how many there are.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Chip:
    """``Received`` ``from Nov 21, 2026 to Nov 25, 2026``; ``url`` is the list without it."""

    label: str
    value: str
    url: str


def list_chips(changes: ChangeList) -> list[Chip]:
    """Return what narrows the list, what was searched for first, and last what only its address says."""
    return [*_of_search(changes), *_of_filters(changes), *_of_address(changes)]


def _of_search(changes: ChangeList) -> Iterator[Chip]:
    if changes.query:
        yield Chip("Found by", changes.query, changes.get_query_string({SEARCH_VAR: None}))


def _of_filters(changes: ChangeList) -> Iterator[Chip]:
    for spec in changes.filter_specs:
        given = {name: _one(value) for name, value in spec.used_parameters.items() if _one(value) not in ("", None)}
        if given:
            without = changes.get_query_string(remove=[str(name) for name in spec.expected_parameters()])
            yield Chip(_upper_first(str(spec.title)), _say(spec, given), without)


def _of_address(changes: ChangeList) -> Iterator[Chip]:
    """Filters that have no input on the page: an address of another page brought them."""
    named = {name for spec in changes.filter_specs for name in spec.expected_parameters()}
    for name, values in changes.get_filters_params().items():
        if name not in named:
            path, _, lookup = name.rpartition("__")
            label = (path if lookup in ("exact", "isnull", "in") else name).replace("__", " ").replace("_", " ")
            if path in ("pk", "id") and lookup == "in":
                label = str(changes.opts.verbose_name)
            told = [one for value in values for one in (str(value).split(",") if lookup == "in" else [str(value)])]
            value = ", ".join(told) if len(told) <= MOST_NAMED else f"{len(told):,} of them"
            if lookup == "isnull":
                value = "none" if value in ("True", "1") else "any"
            yield Chip(_upper_first(label.removesuffix(" id")), value, changes.get_query_string(remove=[name]))


def _say(spec: Any, given: dict[str, Any]) -> str:
    ends = [(end, value) for name, value in given.items() for end in ("from", "to") if f"_{end}" in name[-7:]]
    if ends:
        return " ".join(_say_end(ends))
    value = next(iter(given.values()))
    field = getattr(spec, "field", None)
    if field is None:
        return str({str(key): told for key, told in spec.lookup_choices}.get(str(value), value))
    if field.flatchoices:
        return str({str(key): told for key, told in field.flatchoices}.get(str(value), value))
    if field.related_model is not None and not next(iter(given)).endswith("isnull"):
        # What a week close is called is the filter's own title: "Week ending" is said once.
        return _without(str(spec.title), _find_name(field.related_model, value))
    return {"1": "Yes", "True": "Yes", "0": "No", "False": "No"}.get(str(value), str(value))


def _say_end(ends: list[tuple[str, Any]]) -> Iterator[str]:
    """A moment comes as a day and an hour, both under the name of its end."""
    for end in ("from", "to"):
        told = [_say_day(str(value)) for which, value in ends if which == end]
        if told:
            yield " ".join((end, *told))


def _say_day(value: str) -> str:
    try:
        return say_full_day(date.fromisoformat(value))
    except ValueError:
        return value


def _find_name(model: Any, value: Any) -> str:
    try:
        record = model._default_manager.filter(pk=value).first()
    except (ValueError, TypeError, ValidationError):
        record = None
    return str(value if record is None else record)


def _without(title: str, told: str) -> str:
    return told[len(title) :].strip() if told.lower().startswith(f"{title.lower()} ") else told


def _one(value: Any) -> Any:
    return value[-1] if isinstance(value, list) and value else value


def _upper_first(words: str) -> str:
    return words[:1].upper() + words[1:]
