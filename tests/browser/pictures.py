"""``make screenshots``: a dozen pictures of the demo fleet, for docs/pictures.md and two of them for the README.

It serves a demo of its own in a folder that is gone afterwards, and draws each page in Chromium as a person of a role
sees it. ``python -m tests.browser.pictures FOLDER`` puts them elsewhere.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import CHROMIUM, WITHOUT

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDE, PHONE = (1280, 900), (390, 844)
_READY_SECONDS = 600
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
    scheme: str = "light"


ALL = [
    Picture("home-supervisor", "supervisor", "/admin/"),
    Picture("home-supervisor-dark", "supervisor", "/admin/", scheme="dark"),
    Picture("home-supervisor-phone", "supervisor", "/admin/", size=PHONE),
    Picture("counter", "cashier", "/admin/"),
    Picture("payment", "cashier", "/admin/", _type_an_amount),
    Picture("payment-phone", "cashier", "/admin/", _type_an_amount, size=PHONE),
    Picture("driver", "supervisor", f"/admin/find/?q={_DRIVER}", _open_driver),
    Picture("find-anything", "supervisor", "/admin/", _search_anything),
    Picture("current-balances", "auditor", "/admin/reports/current-balances/"),
    Picture("aging-dark", "auditor", "/admin/reports/aging/", scheme="dark"),
    Picture("payments", "supervisor", "/admin/ledger/interimpayment/"),
    Picture("review-queue", "office", "/admin/tickets/ticket/queue/"),
]


def main(folder: Path) -> int:
    """Draw them all into the folder; say so where there is no Chromium."""
    if not CHROMIUM:
        print(WITHOUT, file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with _served() as address, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for picture in ALL:
            _draw(browser, address, picture, folder)
            print(f"  {picture.name}", flush=True)
    return 0


def _draw(browser: Browser, address: str, picture: Picture, folder: Path) -> None:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        locale="en-US",
        timezone_id="America/New_York",
    )
    page = context.new_page()
    page.goto(urljoin(address, f"/admin/login/?next={picture.path}"))
    page.locator("[name=username]").fill(picture.login)
    page.locator("[name=password]").fill("demo")
    page.locator("[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    picture.act(page)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / f"{picture.name}.png", animations="disabled")
    context.close()


@contextmanager
def _served() -> Iterator[str]:
    """A demo in a folder of its own, from nothing until it answers; everything is gone in the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        env = {**os.environ, "PORT": str(port), "DATA_DIR": folder}
        demo = subprocess.Popen(
            [sys.executable, "-m", "config.serve", "--demo"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
        )
        try:
            _wait_for(port, demo)
            yield f"http://127.0.0.1:{port}"
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait()


def _wait_for(port: int, demo: "subprocess.Popen[bytes]") -> None:
    for _ in range(_READY_SECONDS):
        if demo.poll() is not None:
            raise SystemExit("The demo could not be served.")
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                time.sleep(2)
                return
        time.sleep(1)
    raise SystemExit(f"The demo was not there after {_READY_SECONDS} seconds.")


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
