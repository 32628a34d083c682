"""Each page of a client says in which room of the portal it is."""

import re

import pytest

from .conftest import EVE

_CURRENT = re.compile(r'<a [^>]*aria-current="page"[^>]*>(.*?)</a>', re.DOTALL)


def rooms_lit(html: str) -> list[str]:
    nav = html[html.index('class="rooms') : html.index("</nav>", html.index('class="rooms'))]
    return [re.sub(r"<[^>]*>", "", inner).strip() for inner in _CURRENT.findall(nav)]


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("/", "Overview"),
        ("/documents/", "Documents"),
        ("/archives/", "Documents"),
        ("/statement", "Statement"),
        ("/questions", "Questions"),
        ("/profile", "Profile"),
        ("/people", "Profile"),
        ("/people/new", "Profile"),
        ("/notices", "Profile"),
        ("/security", "Security"),
        ("/confirm", "Security"),
    ],
)
def test_a_page_lights_the_room_that_leads_to_it(office, path, room):
    page = office.at_portal(EVE).get(path, follow_redirects=True)
    assert page.status_code == 200
    assert rooms_lit(page.text) == [room]
