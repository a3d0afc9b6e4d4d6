"""Addresses of pages, worked out once: a list of fifty rows asks for two hundred, and Django looks for each anew."""

from functools import cache

from django.urls import get_script_prefix, reverse
from django.utils.functional import Promise, lazystr

#: A record that no address names otherwise.
_SOME_RECORD = 987_654_321_012_345


def page_url(name: str, *args: str) -> str:
    """Return the address of a page that is about no record."""
    return _page_url(get_script_prefix(), name, args)


def record_url(name: str, record_id: int) -> str:
    """Return the address of a record's page, which is named by its number alone."""
    before, after = _split_url(get_script_prefix(), name)
    return f"{before}{record_id}{after}"


def lazy_url(name: str, *args: str) -> Promise:
    """Return the address of a page that is about no record, to be asked for when the pages are known."""
    later: Promise = lazystr(_Later(name, args))
    return later


class _Later:
    def __init__(self, name: str, args: tuple[str, ...]) -> None:
        self._asked = name, args

    def __str__(self) -> str:
        return page_url(self._asked[0], *self._asked[1])


@cache
def _page_url(prefix: str, name: str, args: tuple[str, ...]) -> str:
    return reverse(name, args=args)


@cache
def _split_url(prefix: str, name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[_SOME_RECORD]).partition(str(_SOME_RECORD))
    return before, after
