"""``make screenshots``: a dozen pictures of the demo fleet, for docs/pictures.md and two of them for the README.

It serves a demo of its own in a folder that is gone afterwards, and draws each page in Chromium as a person of a role
sees it. ``python -m tests.browser.pictures FOLDER`` puts them elsewhere.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import CHROMIUM, WITHOUT
from tests.browser.demo import ROOT, served, sign_in

PICTURES = ROOT / "docs" / "pictures"
WIDE, PHONE = (1280, 900), (390, 844)
#: A driver of the demo who owes something, has a cab, plans and a history.
_DRIVER = "jeudy"


def _stay(page: Page) -> None:
    """The page is what is drawn."""


def _type_an_amount(page: Page) -> None:
    """From the counter to a payment that is filled by priority."""
    _open_payment(page)
    page.locator("[name=amount]").fill("400.00")
    page.get_by_role("button", name="Fill by priority").click()
    page.wait_for_timeout(500)


def _open_payment(page: Page) -> None:
    page.locator("main input[name=q]").fill(_DRIVER)
    page.locator("main a", has_text="Jeudy").first.click()


def _open_driver(page: Page) -> None:
    page.locator("main a[href*='/admin/drivers/']", has_text="Jeudy").first.click()
    page.wait_for_load_state("networkidle")


def _search_anything(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type(_DRIVER, delay=30)
    page.wait_for_timeout(1500)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn: whose page at which address, after which acts, how wide, light or dark."""

    name: str
    login: str
    path: str
    act: Callable[[Page], None] = _stay
    size: tuple[int, int] = WIDE
    is_dark: bool = False


ALL = [
    Picture("home-supervisor", "supervisor", "/admin/"),
    Picture("home-supervisor-dark", "supervisor", "/admin/", is_dark=True),
    Picture("home-supervisor-phone", "supervisor", "/admin/", size=PHONE),
    Picture("counter", "cashier", "/admin/"),
    Picture("payment", "cashier", "/admin/", _type_an_amount),
    Picture("payment-phone", "cashier", "/admin/", _type_an_amount, size=PHONE),
    Picture("driver", "supervisor", f"/admin/find/?q={_DRIVER}", _open_driver),
    Picture("find-anything", "supervisor", "/admin/", _search_anything),
    Picture("current-balances", "auditor", "/admin/reports/current-balances/"),
    Picture("aging-dark", "auditor", "/admin/reports/aging/", is_dark=True),
    Picture("payments", "supervisor", "/admin/ledger/interimpayment/"),
    Picture("review-queue", "office", "/admin/tickets/ticket/queue/"),
]


def main(folder: Path) -> int:
    """Draw them all into the folder; say so where there is no Chromium."""
    if not CHROMIUM:
        print(WITHOUT, file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with served() as address, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for picture in ALL:
            _draw(browser, address, picture, folder)
            print(f"  {picture.name}", flush=True)
    return 0


def _draw(browser: Browser, address: str, picture: Picture, folder: Path) -> None:
    context = sign_in(browser, address, picture.login, size=picture.size, is_dark=picture.is_dark)
    (page,) = context.pages
    if picture.path != "/admin/":
        page.goto(urljoin(address, picture.path), wait_until="networkidle")
    picture.act(page)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / f"{picture.name}.png", animations="disabled")
    context.close()


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
