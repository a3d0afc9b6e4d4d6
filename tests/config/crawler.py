"""A visitor who opens every kind of link that there is, and types junk into every address."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from itertools import cycle
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.contrib.auth.models import User
from django.test import Client
from django.urls import Resolver404, resolve

#: What people and programs type where a number, a day or a few words belong.
JUNK = (
    *("%00", "a%00b", "%FF%FE", "'", "%F0%9F%9A%95", "x" * 300),
    *("-1", "99999999999999999999", "9999-99-99", "2026-02-30", "0001-01-01", "9999-12-31"),
)

_LINK = re.compile(r"""\bhref=["']([^"'#]+)""")
_FILE = re.compile(r"/file/\w+/$")
_NUMBER = re.compile(r"/\d+/")


@dataclass
class Visit:
    """What one visitor saw: each page opened, with its answer's status."""

    statuses: dict[str, int] = field(default_factory=dict)


def crawl(user: User, known: set[tuple[str, str]] | None = None) -> Visit:
    """Open Home and, from there on, each page and each parameter of a page once, as the user.

    What is ``known``, as others saw it, is passed over but for Home, and what is opened is known from then on.
    """
    client = Client(raise_request_exception=False)
    client.force_login(user)
    known = set() if known is None else known
    visit, queue = Visit(), deque(["/admin/"])
    known -= parts_of("/admin/")
    while queue:
        address = queue.popleft()
        parts = parts_of(address)
        if parts <= known:
            continue
        known |= parts
        answer = client.get(address)
        visit.statuses[address] = answer.status_code
        if answer.status_code in {301, 302}:
            queue.append(urljoin(address, answer["Location"]))
        elif answer.get("Content-Type", "").startswith("text/html"):
            queue.extend(list_links(address, answer.content.decode()))
    return visit


def list_failures(user: User, addresses: Iterable[str]) -> list[str]:
    """Open the addresses as the user, and return those that are answered by a failure of ours."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return [address for address in addresses if client.get(address).status_code >= 500]


def parts_of(address: str) -> set[tuple[str, str]]:
    """What an address has that another may not have: its page, and the name of each parameter.

    A list as a file is all of its rows: it is asked for once, and what narrows it narrows the list.
    """
    found = urlsplit(address)
    page = find_page(found.path) or found.path
    if _FILE.search(found.path):
        return {(page, "")}
    return {(page, ""), *((page, name) for name, _ in parse_qsl(found.query, keep_blank_values=True))}


def list_links(address: str, html: str) -> Iterator[str]:
    for link in _LINK.findall(html):
        target = urljoin(address, unescape(link))
        parts = urlsplit(target)
        if not parts.netloc and parts.scheme in {"", "http"} and is_page(parts.path):
            yield target


def is_page(path: str) -> bool:
    return path.startswith(("/admin/", "/api/")) and find_page(path) not in {None, "admin:logout"}


def find_page(path: str) -> str | None:
    """The page's name, of whatever record; None where there is none."""
    return _find_page(_NUMBER.sub("/1/", path))


@cache  # every page links to the same ones, and Django looks for each through all addresses that there are
def _find_page(path: str) -> str | None:
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


def list_junk(addresses: Iterable[str]) -> Iterator[str]:
    """Junk in each part of these addresses in turn: the number of a record, each parameter, and those of any list.

    A list as a file reads its parameters as the list does, so it is asked for no more than the rows of nobody.
    """
    junk = cycle(JUNK)
    for address in addresses:
        found = urlsplit(address)
        narrowed = "&q=nobody" if _FILE.search(found.path) else ""
        for name in [*dict(parse_qsl(found.query, keep_blank_values=True)), "q", "p", "o", "junk"]:
            yield f"{found.path}?{name}={next(junk)}{narrowed if name != 'q' else ''}"
        if re.search(r"/\d+/", found.path):
            yield re.sub(r"/\d+/(?!.*/\d+/)", f"/{next(junk)}/", found.path)
