"""Take the pictures of the main screens from the demo as it is.

    ./bin/screenshots

Needs Chromium.
"""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from make import Image, demo_in, save, serving, window_of  # the module beside this one
from playwright.sync_api import Page

SIZE = {"width": 1360, "height": 900}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        demo_in(home)
        with serving() as address, window_of(address, home, **SIZE) as window:
            for name, show in SCREENS.items():
                show(window)
                window.locator(".htmx-request").first.wait_for(state="detached")
                picture = home / f"{name}.png"
                window.screenshot(path=picture)
                save(Image.open(picture), f"screen-{name}.png")


def page(path: str) -> Callable[[Page], None]:
    """Return what opens a page by its address."""
    return lambda window: _open(window, path)


def _open(window: Page, path: str) -> None:
    window.goto(path)


def _dashboard(window: Page) -> None:
    window.goto("/")
    window.locator(".tiles .tile").last.wait_for()


def _documents(window: Page) -> None:
    window.goto("/documents")
    window.locator(".list-sums table").wait_for()


def _document(window: Page) -> None:
    window.goto("/documents")
    window.get_by_role("link", name="INV-").last.click()
    window.get_by_role("heading", level=1, name=re.compile("INV-")).wait_for()


def _draft(window: Page) -> None:
    window.goto("/drafts")
    with window.expect_response(lambda answer: answer.url.endswith("/preview")):
        window.get_by_role("link", name="Elbe Logistik").click()
    window.wait_for_timeout(
        2500
    )  # the browser draws a PDF in a program of its own, which tells nobody


def _bill_run(window: Page) -> None:
    for customer, words, price in (
        ("elbe", "Schulung vor Ort", "1250"),
        ("lyon", "Assistance sur site", "480"),
        ("bath", "Migration of the archive", "315.50"),
        ("reno", "Extra API calls", "92.40"),
    ):
        window.goto("/charges/new")
        window.fill("[name=customer]", customer)
        window.fill("[name=description]", words)
        window.fill("[name=quantity]", "1")
        window.fill("[name=unit_price]", price)
        window.get_by_role("button", name="Add the charge").click()
    window.goto("/bill-runs/new")
    window.get_by_role("button", name="Look at what it would do").click()
    window.get_by_role("button", name=re.compile("^Issue .* document")).wait_for()


def _customer(window: Page) -> None:
    window.goto("/customers")
    window.get_by_role("link", name="Elbe Logistik").click()
    window.get_by_role("heading", level=1, name=re.compile("Elbe")).wait_for()


def _split(window: Page) -> None:
    window.goto("/drafts")
    window.get_by_role("link", name="Elbe Logistik").click()
    window.locator("main summary[aria-label=More]").click()
    window.get_by_role("link", name="Split").click()
    window.get_by_label("By percentage").check()
    window.fill("[name=percents]", "50 / 30 / 20")
    window.locator("#preview").get_by_role("rowheader", name=re.compile("^C")).wait_for()


def _brand(window: Page) -> None:
    window.goto("/brands")
    window.get_by_role("link", name="Nimbus Cloud").click()
    window.fill("[name=colour-accent]", "#0b7a5c")
    shown = window.frame_locator(".preview-sheet iframe:not([data-coming])")
    with window.expect_response(lambda answer: answer.url.endswith("/_preview")):
        window.fill("[name=sender_name]", "Nimbus Billing")
    shown.locator("body").wait_for()
    window.locator(".preview-sheet [data-coming]").wait_for(state="detached")


SCREENS: dict[str, Callable[[Page], None]] = {
    "dashboard": _dashboard,
    "documents": _documents,
    "document": _document,
    "draft": _draft,
    "bill-run": _bill_run,
    "customer": _customer,
    "split": _split,
    "trial-balance": page("/ledger/trial-balance"),
    "brand": _brand,
    "plugins": page("/plugins"),
}
"""Each screen, and how one comes to it."""

if __name__ == "__main__":
    main()
