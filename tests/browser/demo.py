"""A demo of its own, served from nothing in a folder that is gone afterwards, and people of its roles before it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext

ROOT = Path(__file__).resolve().parent.parent.parent
_READY_SECONDS = 600


@contextmanager
def served() -> Iterator[str]:
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


def sign_in(browser: Browser, address: str, login: str, *, size: tuple[int, int], is_dark: bool) -> BrowserContext:
    """Return a window of this size, light or dark, in which somebody is signed in, on their home."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if is_dark else "light",
        locale="en-US",
        timezone_id="America/New_York",
    )
    page = context.new_page()
    page.goto(urljoin(address, "/admin/login/?next=/admin/"))
    page.locator("[name=username]").fill(login)
    page.locator("[name=password]").fill("demo")
    page.locator("[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    return context
