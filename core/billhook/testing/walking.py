"""Somebody who walks through the pages in a real browser, and looks at each as its users do."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Locator, Page

AXE = Path(sys.prefix) / "share" / "axe.min.js"
LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")  # WCAG 2.2, levels A and AA
PATIENCE = 20_000  # milliseconds; machines that test are busy
expect.set_options(timeout=PATIENCE)
LOOK = """
(async () => {
  // Else the bar at the top covers a part of what scrolls below it; at once, for it would glide there.
  scrollTo({ top: 0, left: 0, behavior: "instant" });
  const found = await axe.run(document, {
    runOnly: LEVELS, resultTypes: ["violations"], iframes: false,
  });
  const root = document.documentElement;
  return {
    over: root.scrollWidth - root.clientWidth,
    headings: [...document.querySelectorAll("h1")].filter(
      (one) => one.checkVisibility() && !one.closest("dialog")).length,
    violations: found.violations.map((one) => `${one.id}: ` + one.nodes.slice(0, 3).map(
      (node) => `${node.html.slice(0, 200)} (${node.failureSummary})`).join("; ")),
  };
})()
""".replace("LEVELS", json.dumps(LEVELS))


class Walker:
    """A person in a window. `look` after each step: it fails where a page is not fit for people."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.looked_at: list[str] = []
        self._troubles: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._troubles.append(f"error: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        """Keep errors: those of scripts, and what the Content-Security-Policy refuses."""
        is_refused_form = any(f"status of {status}" in message.text for status in (401, 422))
        if message.type == "error" and not is_refused_form:
            self._troubles.append(f"{message.text} ({message.location.get('url')})")

    def log_in(self, email: str, password: str) -> None:
        """Log in; who has a second factor is asked for it next."""
        self.page.goto("/log-in")
        self.fill(email=email, password=password)
        self.press("Log in")

    def open(self, path: str) -> None:
        """Open a page by its address, and look at it."""
        self.page.goto(path)
        self.look()

    def room(self, name: str) -> None:
        """Open a page from the navigation, which a phone shows behind a button."""
        navigation = self.page.locator("#navigation")
        # Else a page that still loads is asked whether it shows the button, and answers that it does not.
        expect(navigation).to_be_attached()
        menu = self.page.get_by_role("button", name="Menu", exact=True)
        if menu.is_visible():
            menu.click()
        navigation.get_by_role("link", name=name, exact=True).click()
        self.sees(self.page.locator("h1"))
        self.look()

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press the button of that name."""
        (within or self.page).get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str, within: Locator | None = None) -> None:
        """Follow the link of that name."""
        (within or self.page).get_by_role("link", name=name).first.click()

    def fill(self, **fields: str) -> None:
        """Type into inputs, by their names."""
        for name, value in fields.items():
            self.page.locator(f'main [name="{name}"]').fill(value)

    def heading(self, text: str) -> None:
        """Wait for the page with that heading, and look at it."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(text)
        self.look()

    def sees(self, what: Locator | str | re.Pattern[str]) -> None:
        """Wait until something is seen: a text in the page's content, or an element."""
        if isinstance(what, str | re.Pattern):
            what = self.page.locator("main").get_by_text(what)
        expect(what.first).to_be_visible()

    def lacks(self, what: Locator) -> None:
        """Check that nothing of it is there."""
        expect(what).to_have_count(0)

    def downloads(self, act: Callable[[], None]) -> bytes:
        """Return what the act loads down."""
        with self.page.expect_download(timeout=PATIENCE) as loading:
            act()
        return Path(loading.value.path()).read_bytes()

    def look(self) -> None:
        """Check what holds for every page: nothing is broken, nothing runs off, all can read it."""
        self.page.wait_for_load_state("load")
        expect(self.page.locator(".htmx-request")).to_have_count(0)
        where = self.page.url
        self.looked_at.append(where)
        seen = self._seen()
        assert not self._troubles, (where, self._troubles)
        assert seen["over"] <= 0, (where, f"{seen['over']} pixels run off the side")
        assert seen["headings"] == 1, (where, f"{seen['headings']} first headings")
        assert not seen["violations"], (where, "\n".join(seen["violations"]))

    def _seen(self) -> dict[str, Any]:
        """Run axe in the page by the protocol, so that its Content-Security-Policy stays on."""
        channel = self.page.context.new_cdp_session(self.page)
        try:
            channel.send("Runtime.evaluate", {"expression": _axe()})
            wanted = {"expression": LOOK, "awaitPromise": True, "returnByValue": True}
            answer = channel.send("Runtime.evaluate", wanted)
        finally:
            channel.detach()
        assert "exceptionDetails" not in answer, answer
        found: dict[str, Any] = answer["result"]["value"]
        return found


@cache
def _axe() -> str:
    return AXE.read_text()
