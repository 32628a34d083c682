"""What a page of the portal costs to load, and how it is used by keyboard alone."""

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response

from .clients import MANON
from .reading import DESK, PHONE, ROOT

pytestmark = pytest.mark.slow

MOST = 100_000  # bytes, gzipped, of all that a first page asks for beside fonts
WHERE = """
() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const onTop = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: one === document.body ? "" : (one.labels?.[0] ?? one).textContent.trim().replace(/\\s+/g, " ") || one.querySelector("img")?.alt,
    isMarked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isHidden: !(onTop && (one.contains(onTop) || onTop.contains(one))),
  };
}
"""


def _weight(page: Page, open_page: Callable[[], object]) -> int:
    """Return how many bytes come over the wire, gzipped, beside fonts."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    open_page()
    page.wait_for_load_state("networkidle")
    loaded = [one for one in answers if one.request.resource_type != "font" and one.status == 200]
    assert len(loaded) >= 2
    return sum(len(gzip.compress(one.body(), 6)) for one in loaded)


def test_a_first_page_is_light_and_asks_no_other_host(reader):
    stranger = reader()
    entrance = _weight(stranger.page, lambda: stranger.page.goto(f"{ROOT}/log-in"))
    manon = reader(MANON)
    manon.page.wait_for_url("**/portal/nimbus/")
    manon.page.wait_for_load_state("networkidle")
    overview = _weight(manon.page, lambda: manon.page.goto(f"{ROOT}/"))
    assert entrance < MOST
    assert overview < MOST
    assert not [*stranger.elsewhere, *manon.elsewhere]


def _stops(page: Page, most: int) -> list[str]:
    """Press the tabulator again and again; return what has the focus, each time seen."""
    names = []
    for _number in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(WHERE)
        if not stop["name"]:
            break
        assert stop["isMarked"], stop
        assert not stop["isHidden"], stop
        names.append(stop["name"])
    return names


@pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_are_used_by_keyboard_alone(reader, beginning, width):
    size = {"width": width, "height": 844}
    stranger = reader()
    stranger.page.set_viewport_size(size)
    stranger.page.goto(f"{ROOT}/log-in")
    stops = _stops(stranger.page, 30)
    assert stops[0] == "Skip to the content"
    fields = ["E-mail address *", "Password *", "Log in", "Forgot your password?"]
    assert [name for name in stops if name in fields] == fields

    manon = reader(MANON)
    manon.page.set_viewport_size(size)
    manon.page.goto(f"{ROOT}/documents/{beginning.told.invoice}")
    stops = _stops(manon.page, 80)
    rooms = ["Overview", "Documents", "Statement", "Profile"]
    order = [
        "Skip to the content",
        *rooms,
        "Download PDF",
        "Ask about it",
        "Why this amount",
        "PDF",
        "Something is wrong with it",
    ]
    places = [stops.index(name) for name in order]
    assert places == sorted(places)
    manon.page.goto(f"{ROOT}/documents/{beginning.told.invoice}")
    manon.page.keyboard.press("Tab")
    manon.page.keyboard.press("Enter")
    manon.page.keyboard.press("Tab")
    assert manon.page.evaluate(WHERE)["name"] == "All documents"


def test_on_a_phone_the_profile_is_lit_where_security_has_no_place(reader):
    manon = reader(MANON)
    manon.page.set_viewport_size({"width": PHONE, "height": 844})

    def weight(room: str) -> str:
        style = f"getComputedStyle(document.querySelector('.room-{room}')).fontWeight"
        return manon.page.evaluate(style)

    manon.page.goto(f"{ROOT}/security")
    assert not manon.page.locator(".room-security").is_visible()
    assert weight("profile") == "600"
    manon.page.goto(f"{ROOT}/statement")
    assert (weight("profile"), weight("statement")) == ("400", "600")
