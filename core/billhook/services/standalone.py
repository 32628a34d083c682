"""Pages for browsers: what they show stands in the page itself, so that they load nothing."""

import mimetypes
from base64 import b64encode

from billhook.sdk.providers import Page

SCHEME = "resource:"


def standalone(page: Page) -> str:
    """Return a page's markup with its resources as data: addresses (RFC 2397)."""
    html = page.html
    for name, content in page.resources.items():
        html = html.replace(f'"{SCHEME}{name}"', f'"{_address(name, content)}"')
    return html


def _address(name: str, content: bytes) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{b64encode(content).decode()}"
