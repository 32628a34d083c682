"""Take the picture of the README's two invoices from the demo as it is; screens.py takes the screens.

    ./bin/screenshots

Needs Chromium, and pdftoppm of poppler-utils.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageFilter
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FONTS = ROOT / "plugins/render_pdf/billhook_render_pdf/static/fonts"
BILLHOOK = [sys.executable, "-m", "billhook"]
EMAIL, PASSWORD = "ada@billhook.example", "billhook-demo"
GROUND, SHADOW = (243, 246, 247), (150, 165, 172)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        demo_in(home)
        invoices(home)


def demo_in(home: Path) -> None:
    """Fill the demo in a folder, for what is run from now on."""
    os.environ["BILLHOOK_HOME"] = str(home / "var")
    run("demo", "--fill-only")


def run(*words: str) -> str:
    done = subprocess.run([*BILLHOOK, *words], check=True, capture_output=True, text=True)
    return done.stdout


@contextmanager
def serving() -> Iterator[str]:
    """Serve the filled demo on a free port; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([*BILLHOOK, "serve", "--port", str(port)])
    address = f"http://127.0.0.1:{port}"
    try:
        for _try in range(300):
            try:
                urllib.request.urlopen(f"{address}/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


@contextmanager
def window_of(address: str, home: Path, *, width: int, height: int) -> Iterator[Page]:
    """Log in in a window with fonts for all scripts, which most machines have and servers lack."""
    fonts = home / "fonts.conf"
    fonts.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<include>/etc/fonts/fonts.conf</include><dir>{FONTS}</dir>"
        f"<cachedir>{home / 'cache'}</cachedir></fontconfig>"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        window = browser.new_page(
            viewport={"width": width, "height": height},
            base_url=address,
        )
        log_in(window)
        yield window
        browser.close()


def log_in(window: Page) -> None:
    window.goto("/log-in")
    window.fill("input[name=email]", EMAIL)
    window.fill("input[name=password]", PASSWORD)
    window.click("main button")
    window.goto("/workplaces")
    window.click("button:has-text('nimbus')")
    window.locator("#navigation").wait_for()


def invoices(home: Path) -> None:
    """Lay an invoice of each company beside the other."""
    pages = [printed(home, "nimbus", "omega"), printed(home, "atelier", "museum")]
    gap = 48
    width = sum(page.width for page in pages) + 3 * gap
    sheet = Image.new("RGB", (width, pages[0].height + 2 * gap), GROUND)
    left = gap
    for page in pages:
        shade = Image.new("L", sheet.size)
        shade.paste(120, (left + 4, gap + 8, left + page.width + 4, gap + page.height + 8))
        sheet.paste(SHADOW, mask=shade.filter(ImageFilter.GaussianBlur(10)))
        sheet.paste(page, (left, gap))
        left += page.width + gap
    save(sheet, "invoices.png")


def printed(home: Path, tenant: str, customer: str) -> Image.Image:
    """Return the first page of a customer's first invoice."""
    told = run("documents", "list", "--customer", customer, "--tenant", tenant, "--json")
    number = json.loads(told)["documents"][-1]["number"]
    pdf = home / f"{tenant}.pdf"
    run("documents", "pdf", number, "--out", str(pdf), "--tenant", tenant)
    subprocess.run(
        ["pdftoppm", "-r", "96", "-png", "-singlefile", str(pdf), str(home / tenant)], check=True
    )
    return Image.open(home / f"{tenant}.png").convert("RGB")


def save(picture: Image.Image, name: str) -> None:
    """Save with as few colours as the eye needs."""
    few = picture.convert("RGB").quantize(colors=160, method=Image.Quantize.MEDIANCUT)
    few.save(HERE / name, optimize=True)


if __name__ == "__main__":
    main()
