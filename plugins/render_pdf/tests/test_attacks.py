"""Markup that wants more than it was given gets nothing, takes little, and harms nobody."""

import struct
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

import pypdf
import pytest

from billhook.errors import Rejected
from billhook_render_pdf import bounds
from billhook_render_pdf.renderer import PdfRenderer

SECRET = "The combination is 4711"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">%s</svg>'


def picture(width: int, height: int) -> bytes:
    """Make a PNG of that size that is black and tiny."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


WAYS = [
    '<img src="{address}"/>',
    "<style>@import url({address});</style>",
    '<style>@import "{address}";</style>',
    '<link rel="stylesheet" href="{address}"/>',
    "<style>@font-face {{ font-family: x; src: url({address}) }} p {{ font-family: x }}</style>",
    "<style>p {{ background-image: url({address}) }}</style>",
    "<style>@page {{ background-image: url({address}) }}</style>",
    '<p style="background: url({address})">x</p>',
    "<style>li {{ list-style-image: url({address}) }}</style><ul><li>x</li></ul>",
    '<pdf:insertpdf src="{address}"/>',
    '<pdf:font name="x" src="{address}"/>',
    '<object data="{address}"></object><embed src="{address}"/><iframe src="{address}"></iframe>',
    '<input type="image" src="{address}"/><video poster="{address}" src="{address}"></video>',
    '<table background="{address}"><tr><td background="{address}">x</td></tr></table>',
    '<base href="{address}"/><img src="x.png"/>',
    '<meta http-equiv="refresh" content="0; url={address}"/>',
]


@pytest.fixture
def vault(tmp_path):
    """Keep a file for each reader to find a secret in."""
    places = {
        "secret.css": f'body:before {{ content: "{SECRET}" }}'.encode(),
        "secret.txt": SECRET.encode(),
        "secret.png": picture(8, 8),
        "secret.svg": SVG % f"<text>{SECRET}</text>".encode(),
    }
    for name, content in places.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in places]


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Serve a picture; yield the address and what was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(picture(8, 8))

        def log_message(self, *_arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", asked
        running.shutdown()
        thread.join()


def tried(rendered, html: str, resources=None) -> bytes:
    """Print a page that may be refused as a whole; return what came of it."""
    try:
        return rendered(f"<html><body>{html}<p>Harmless.</p></body></html>", resources).content
    except Rejected as refusal:
        return refusal.message.encode()


@pytest.mark.parametrize("way", WAYS)
def test_no_file_is_read(rendered, vault, way):
    for place in vault:
        for address in (str(place), f"file://{place}", f"../../..{place}", f"resource:{place}"):
            made = tried(rendered, way.format(address=address))
            assert b"/Subtype /Image" not in made
            assert not _tells(made)


def _tells(content: bytes) -> bool:
    if content[:4] != b"%PDF":
        return SECRET.encode() in content
    return any(SECRET in sheet.extract_text() for sheet in pypdf.PdfReader(BytesIO(content)).pages)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_fetched(rendered, server, way):
    address, asked = server
    for path in ("/a.png", "/a.css", "/a.ttf", "/a.pdf", "/a.svg"):
        tried(rendered, way.format(address=address + path))
        tried(rendered, way.format(address=(address + path).removeprefix("http:")))
    assert asked == []


@pytest.mark.parametrize(
    "inside",
    [
        b'<image xlink:href="%s" width="9" height="9"/>',
        b'<image href="%s" width="9" height="9"/>',
        b'<use xlink:href="%s#a"/>',
        b"<style>@import url(%s); text { font-family: x }</style><text>x</text>",
    ],
)
def test_a_picture_loads_nothing(rendered, server, vault, inside):
    address, asked = server
    for source in (f"{address}/a.png", str(vault[2]), f"file://{vault[3]}", "0.svg"):
        logo = SVG % (inside % source.encode())
        made = tried(rendered, '<img src="resource:logo.svg"/>', {"logo.svg": logo})
        assert b"/Subtype /Image" not in made
        assert not _tells(made)
    assert asked == []


def test_entities_of_a_picture_are_not_resolved(rendered, vault):
    entity = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file://{vault[1]}">]>'.encode()
    made = tried(
        rendered, '<img src="resource:a.svg"/>', {"a.svg": entity + SVG % b"<text>&x;</text>"}
    )
    assert not _tells(made)


def test_what_is_refused_is_named(rendered):
    (problem,) = rendered('<img src="http://evil.example/x.png"/><p>x</p>').problems
    assert problem.code == "render_pdf.address_refused"
    assert "http://evil.example/x.png" in problem.message


def test_a_resource_is_found_by_name_alone(rendered):
    resources = {"../../logo.png": picture(8, 8), "logo": picture(8, 8)}
    made = rendered('<img src="resource:../../logo.png"/><img src="resource:logo"/>', resources)
    assert made.content.count(b"/Subtype /Image") == 1  # the same picture twice
    assert not made.problems


def test_small_pictures_may_stand_in_the_markup(rendered):
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    assert not rendered(f'<img src="{dot}"/>').problems
    (problem,) = rendered(f'<img src="{dot + "A" * 2_000_000}"/>').problems
    assert problem.code == "render_pdf.address_refused"


BOMBS = {
    "elements within elements": "<div>" * 800 + "x",
    "tables within tables": "<table><tr><td>" * 80 + "x",
    "a hundred thousand cells": "<table>" + ("<tr>" + "<td>1</td>" * 100 + "</tr>") * 1000,
    "a cell of a billion columns": '<table><tr><td colspan="1000000000">x</td></tr></table>',
    "a cell of a billion rows": '<table><tr><td rowspan="1000000000">x</td></tr></table>',
    "letters of a kilometre": '<p style="font-size: 3000000pt">x y z</p>',
    "letters of nothing": '<p style="font-size: 0.0001pt">x y z</p>',
    "page after page": '<div style="page-break-after: always">x</div>' * 20_000,
    "pages without room": "<style>@page { size: 1pt 1pt; margin: 0 }</style><p>x</p>",
    "one long word": f"<p>{'x' * 3_000_000}</p>",
    "names that double": "<style>:root { --a0: x x; "
    + "".join(f"--a{n}: var(--a{n - 1}) var(--a{n - 1}); " for n in range(1, 40))
    + "} p { font-family: var(--a39) }</style><p>x</p>",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_ends_and_the_next_page_is_printed(rendered, page, short, bomb):
    with ThreadPoolExecutor() as pool:
        attack = pool.submit(tried, rendered, BOMBS[bomb])
        beside = [pool.submit(PdfRenderer(None).render, [page("<p>Good</p>")]) for _ in range(2)]
        assert all(each.result()[0].content[:4] == b"%PDF" for each in beside)
        made = attack.result()
    assert made[:4] == b"%PDF" or b"Send the lines as CSV" in made or b"The page" in made
    assert rendered("<p>Good</p>").content[:4] == b"%PDF"


def test_a_picture_that_unfolds_to_a_hundred_megabytes_is_left_out(rendered, private_keeper):
    private_keeper(MEMORY_BYTES=600 * bounds.MB)  # its own seconds: a busy machine needs them
    answer = rendered('<img src="resource:a.png"/><p>x</p>', {"a.png": picture(30_000, 30_000)})
    assert [problem.code for problem in answer.problems] == ["render_pdf.picture_unreadable"]


def test_a_bomb_s_message_says_what_to_do(rendered, short):
    with pytest.raises(Rejected, match="Send the lines as CSV or XLSX, or split the document"):
        rendered(BOMBS["a cell of a billion columns"])


def test_what_is_too_large_is_not_even_sent(rendered):
    with pytest.raises(Rejected, match="split the document"):
        rendered("x" * 5_000_000)
    with pytest.raises(Rejected, match="Use a smaller logo"):
        rendered("<p>x</p>", {"a.png": bytes(21 * 1024 * 1024)})


def test_nothing_of_one_page_is_in_the_next(rendered):
    rendered(f"<style>p:before {{ content: '{SECRET}' }}</style><p>x</p>", {"a.svg": SVG % b""})
    after = rendered('<p>y</p><img src="resource:a.svg"/>')
    assert [problem.code for problem in after.problems] == ["render_pdf.address_refused"]
    assert not _tells(after.content)
