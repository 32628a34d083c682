"""Pages in a real browser, without scripts: nothing runs off a phone's side, numbers line up."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from billhook.testing import chromium
from billhook.testing.members import PASSWORD


@pytest.fixture(scope="module")
def program() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture
def address(office) -> Iterator[str]:
    """Serve the office's pages; return where."""
    with chromium.serving(office.app) as address:
        yield address


@pytest.fixture
def visit(program, address, office):
    """Return a way to open a window of a width, in which the administrator has logged in."""
    contexts = []

    def open_window(width: int, height: int = 800):
        context = program.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=False,
            base_url=address,
        )
        contexts.append(context)
        window = context.new_page()
        window.goto("/log-in")
        window.fill("input[name=email]", office.admin.email)
        window.fill("input[name=password]", PASSWORD)
        window.click("main button")
        return window

    yield open_window
    for context in contexts:
        context.close()


def test_nothing_runs_off_the_side(visit, office):
    paths = (
        *("/", "/documents", "/documents?search=nobody", "/drafts", "/outbox"),
        *("/jobs?state=waiting", f"/documents/{office.invoice}", f"/documents/{office.note}"),
        f"/outbox/{office.delivery}",
    )
    for width in (320, 390, 768, 1360):  # 320 is what WCAG 1.4.10 asks for
        window = visit(width)
        for path in paths:
            window.goto(path)
            wide = window.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (path, width)


def test_amounts_end_at_one_edge_and_stay_on_one_line(visit):
    window = visit(1360)
    window.goto("/documents")
    boxes = window.evaluate(
        """[...document.querySelectorAll('.listed tbody td.k-money')].map(cell => {
            const range = document.createRange()
            range.selectNodeContents(cell.firstChild)
            const {right, height} = range.getBoundingClientRect()
            return [Math.round(right), Math.round(height)]
        })"""
    )
    assert len(boxes) == 4
    assert len(set(map(tuple, boxes))) == 1, boxes


def test_a_message_stands_in_its_frame(visit, office):
    window = visit(1360)
    window.goto(f"/outbox/{office.delivery}")
    frame = window.frame_locator("iframe.message")
    assert "1,481.40" in frame.locator("body").inner_text()


def test_a_document_is_sent_without_scripts(visit, office):
    window = visit(390)
    window.goto(f"/documents/{office.note}")
    window.get_by_role("link", name="Send", exact=True).click()
    window.fill("input[name=to]", "somebody@x.example")
    window.click("form[action$='/send'] button")
    assert "/outbox/" in window.url
    assert "somebody@x.example" in window.inner_text("main")
