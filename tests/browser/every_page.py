"""``python -m tests.browser.every_page [FOLDER [LOGIN …]]``: each kind of page of a demo, in each of its looks.

Without a login all roles walk, and each looks where none did before it; with some, each of them looks wherever it may,
and its pictures begin with its name. For each page it prints what axe-core calls serious or critical, what is wider
than the phone, and what the browser's console said. In FOLDER a picture of each is kept, to be looked at. ``ADDRESS``
is of a demo that is served already; ``LOOKS`` names the looks, all four without it (``LOOKS="light-390 dark-1280"``).

It takes some minutes, and tells each page in ``walked.txt`` of FOLDER as soon as it was read. The tests do the same
with one page of each template.
"""

import os
import re
import sys
from collections import Counter, deque
from contextlib import nullcontext
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.browser.axe import AXE, RUN, SETTLED
from tests.browser.chromium import CHROMIUM, WITHOUT
from tests.browser.demo import served, sign_in

LOGINS = ("supervisor", "cashier", "office", "auditor", "admin")
LOOKS = {"light-1280": (False, 1280), "light-390": (False, 390), "dark-1280": (True, 1280), "dark-390": (True, 390)}
_LINK = re.compile(r"""\bhref=["']([^"'#]+)""")
_LEFT_OUT = re.compile(r"/(logout|jsi18n)/|\.(csv|xlsx|pdf|zip|txt)\b|/(csv|xlsx|pdf|file|journal|template)/|format=")
#: What one template draws for every list, record and report: two of each are walked.
_ALIKE = re.compile(r"/(history|history/0|delete|print|views/save|rows/[^/]+)/$")
_TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def main(folder: Path | None, logins: tuple[str, ...] = ()) -> int:
    """Walk as each role, tell what is wrong, and return 1 if any kind of page has something wrong."""
    if not set(logins) <= set(LOGINS):
        print(f"The logins of a demo are {', '.join(LOGINS)}.", file=sys.stderr)
        return 1
    looks = tuple(os.environ.get("LOOKS", "").split()) or tuple(LOOKS)
    if not set(looks) <= set(LOOKS):
        print(f"The looks of a page are {', '.join(LOOKS)}.", file=sys.stderr)
        return 1
    if not CHROMIUM:
        print(WITHOUT, file=sys.stderr)
        return 1
    looked_at: set[str] = set()
    wrong = pages = 0
    demo = nullcontext(os.environ["ADDRESS"]) if os.environ.get("ADDRESS") else served()
    with demo as address, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for login in logins or LOGINS:
            context = sign_in(browser, address, login, size=(1280, 900), is_dark=False)
            known = set() if logins else looked_at
            before = len(known)
            wrong += _walk(context, address, login, known, looks, folder, f"{login}-" if logins else "")
            pages += len(known) - before
            context.close()
    print(f"{pages} kinds of pages, {wrong} of them with something wrong")
    return min(wrong, 1)


def _walk(
    context: BrowserContext,
    address: str,
    login: str,
    looked_at: set[str],
    looks: tuple[str, ...],
    folder: Path | None,
    prefix: str,
) -> int:
    (page,) = context.pages
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    queue, wrong = deque([urljoin(address, "/admin/")]), 0
    seen: set[str] = set()
    alike: Counter[str] = Counter()
    while queue:
        target = queue.popleft()
        kind = _kind_of(target)
        if kind in seen:
            continue
        seen.add(kind)
        if drawn := _ALIKE.search(kind):
            alike[drawn[1]] += 1
            if alike[drawn[1]] > 2:
                continue
        said.clear()
        try:
            answer = page.goto(target, wait_until="networkidle")
        except Exception as failure:  # what is a download, and not named as one
            print(f"{login} {target}: not opened ({str(failure).splitlines()[0]})", flush=True)
            continue
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        queue.extend(_list_links(page, address))
        if kind in looked_at:
            continue
        looked_at.add(kind)
        found = [f"console: {text}" for text in said] + _look(page, kind, looks, folder, prefix)
        if answer.status >= 400:
            found.append(f"answered {answer.status}")
        wrong += bool(found)
        for one in found:
            print(f"{login} {target}: {one}", flush=True)
        if folder is not None:
            with (folder / "walked.txt").open("a") as walked:
                walked.write(f"{login} {' '.join(looks)} {kind} {len(found)}\n")
    return wrong


def _look(page: Page, kind: str, looks: tuple[str, ...], folder: Path | None, prefix: str) -> list[str]:
    """What is wrong with the page that is open, in each of these looks."""
    page.evaluate(AXE)
    found = []
    for look in looks:
        is_dark, width = LOOKS[look]
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", is_dark)
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(SETTLED)
        found += [f"{look}: {finding}" for finding in page.evaluate(RUN)]
        if page.evaluate(_TOO_WIDE) > 0:
            found.append(f"{look}: wider than the window")
        if folder is not None:
            name = re.sub(r"\W+", "-", kind).strip("-") or "home"
            page.screenshot(path=folder / f"{prefix}{name[:80]}-{look}.png", full_page=True)
    page.evaluate("() => document.documentElement.classList.remove('dark')")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def _kind_of(address: str) -> str:
    """Its page, with the tab that is open: what else a list is asked shows the same page with fewer rows."""
    found = urlsplit(address)
    path = re.sub(r"/[^/]*\d[^/]*(?=/|$)", "/0", found.path)
    path = re.sub(r"/rows/[^/]+/$", "/rows/0/", path)
    tab = re.search(r"tab=([\w-]+)", found.query)
    return f"{path}{tab[1] if tab else ''}"


def _list_links(page: Page, address: str) -> list[str]:
    targets = [urljoin(page.url, unescape(link)) for link in _LINK.findall(page.content())]
    return [one for one in targets if one.startswith(f"{address}/admin/") and not _LEFT_OUT.search(one)]


if __name__ == "__main__":
    kept = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    raise SystemExit(main(kept, tuple(sys.argv[2:])))
