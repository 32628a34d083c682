"""Somebody at the portal in Chromium, whose pages are looked at as wide as phones and desks are."""

import re

from playwright.sync_api import ConsoleMessage, Page, Request

from billhook.testing.walking import Walker

ROOT = "/portal/nimbus"
PHONE, DESK, TINY = 390, 1360, 320
FITS = """
([language, isPhone]) => {
  const root = document.documentElement;
  const shown = (one) => one.checkVisibility({ visibilityProperty: true })
    && one.getBoundingClientRect().width > 1;
  const named = (one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return `${one.outerHTML.slice(0, 150)} at ${x | 0},${y | 0}: ${width | 0} x ${height | 0}`;
  };
  const inLine = (one) => getComputedStyle(one).display === "inline";
  const all = (what) => [...document.querySelectorAll(what)].filter(shown);
  const box = (one) => (one.matches("[type=checkbox], [type=radio]") && one.closest("label") || one)
    .getBoundingClientRect();
  const below = (least) => (one) => box(one).height < least - 0.5 || box(one).width < 23.5;
  const typed = "input:not([type=checkbox], [type=radio]), select";
  const outside = (one) => {
    const card = one.closest(".card").getBoundingClientRect();
    const own = one.getBoundingClientRect();
    return own.right > card.right + 1 || own.left < card.left - 1;
  };
  return {
    "runs off the side": root.scrollWidth - root.clientWidth,
    "first headings beside one": all("h1").length - 1,
    "wrong language": root.lang.split("-")[0] === language ? "" : root.lang,
    "too small": all("a, button, input, select, textarea, summary")
      .filter((one) => !inLine(one)).filter(below(24)).map(named),
    "too low for a thumb": all(isPhone ? `nav .rooms a, button, .button, ${typed}` : "none")
      .filter(below(44)).map(named),
    "outside of its card": all(".card *").filter(
      (one) => !one.closest(".scroll, .visually-hidden, thead, option, svg") && outside(one)).map(named),
    "rooms beyond the side": all(innerWidth < 390 ? "none" : ".rooms a")
      .filter((one) => one.getBoundingClientRect().right > innerWidth).map(named),
    "cut": all("button, .button, .badge, .rooms a").filter(
      (one) => !inLine(one) && one.scrollWidth > one.clientWidth + 1).map(named),
  };
}
"""


class Reader(Walker):
    """A client, or a stranger, in a window; `read` opens a page and looks at it."""

    def __init__(self, page: Page, language: str = "en") -> None:
        super().__init__(page)
        self.language = language
        self.elsewhere: list[str] = []
        """What pages asked other hosts for."""
        self._refusals: set[int] = set()
        self.complaints: list[str] = []
        """What is wrong with the pages that were looked at."""
        page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        url = request.url
        if not re.match(r"http://127\.0\.0\.1:\d+/portal/|data:", url):
            self.elsewhere.append(url)

    def expects(self, *statuses: int) -> None:
        """Take it that pages are refused, which browsers tell of as errors."""
        self._refusals.update(statuses)

    def _heard(self, message: ConsoleMessage) -> None:
        if not any(f"status of {status}" in message.text for status in self._refusals):
            super()._heard(message)

    def log_in(self, email: str, password: str) -> None:
        """Log in; who has a second factor is asked for it next."""
        self.page.goto(f"{ROOT}/log-in")
        self.fill(email=email, password=password)
        self.page.locator("main button").click()

    def read(self, path: str, *widths: int, status: int = 200, with_axe: bool = False) -> None:
        """Open a page in the reader's language, and look at it at each width."""
        joint = "&" if "?" in path else "?"
        answer = self.page.goto(f"{ROOT}{path}{joint}language={self.language}")
        assert answer is not None
        assert answer.status == status, (path, answer.status)
        self.look_at(*widths, with_axe=with_axe)

    def look_at(self, *widths: int, with_axe: bool = False) -> None:
        """Look at the page as it is; axe at the last width. What is wrong is kept in `complaints`."""
        self.looked_at.append(self.page.url)
        for width in widths:
            if self.page.viewport_size != {"width": width, "height": 900}:
                self.page.set_viewport_size({"width": width, "height": 900})
            found = self.page.evaluate(FITS, [self.language, width < 600])
            self._complain(f"at {width}", {name: what for name, what in found.items() if what})
        if with_axe:
            self._complain("axe", self._seen()["violations"])
        self._complain("console", self._troubles)
        self._complain("other hosts", self.elsewhere)

    def _complain(self, about: str, what: object) -> None:
        if what:
            self.complaints.append(f"{self.page.url} {about}: {what}")
