"""A browser for tests: it fills in forms as a person does, with the token that stands in them."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from billhook.testing.members import PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')

_SIGNED = re.compile(r"[\w-]{40,}\.[\w-]{6}\.[\w-]{27}")
"""What it protects, when it was made, and the proof, as itsdangerous writes them."""


def without_tokens(html: str) -> str:
    """Take out what a page says to itself: a token that each second makes anew, wherever it stands."""
    return _SIGNED.sub("", html)


class Browser:
    """Loads pages, and sends the forms on them."""

    def __init__(self, client: FlaskClient, *, address: str = "127.0.0.1") -> None:
        self.client = client
        self.address = address

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, environ_overrides=self._environment, buffered=True, **options)

    def post(
        self, path: str, data: Mapping[str, str] | None = None, **options: Any
    ) -> TestResponse:
        """Send something that no page of ours made."""
        return self.client.post(
            path,
            data=data or {},
            environ_overrides=self._environment,
            buffered=True,
            **options,
        )

    def send(
        self, path: str, data: Mapping[str, str] | None = None, *, page: str | None = None
    ) -> TestResponse:
        """Load the page that the form stands on, fill it in, and send it."""
        return self.post(path, {**(data or {}), "csrf_token": self.token(page or path)})

    def token(self, page: str = "/log-in") -> str:
        """Return the token of the forms on a page."""
        found = _TOKEN.search(self.get(page).text)
        assert found, f"no form on {page}"
        return found[1]

    def log_in(self, email: str, password: str = PASSWORD, *, wanted: str = "") -> TestResponse:
        path = f"/log-in?next={wanted}" if wanted else "/log-in"
        return self.send(path, {"email": email, "password": password})

    @property
    def _environment(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address}


class Page(HTMLParser):
    """What stands on a page: its elements with their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of a tag."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join(word for word in self.words if word)
