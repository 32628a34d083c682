"""HTML to PDF by xhtml2pdf: what the fenced process does, and all that it does."""

import logging
import mimetypes
import tempfile
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import arabic_reshaper
import xhtml2pdf.tables
from reportlab.lib.fonts import tt2ps
from reportlab.pdfbase import ttfonts
from reportlab.platypus.doctemplate import BaseDocTemplate
from reportlab.platypus.paraparser import ParaFrag
from xhtml2pdf import default, document, parser, reportlab_paragraph
from xhtml2pdf.config.resources import RenderLimitError, ResourceAccessPolicy
from xhtml2pdf.context import pisaContext
from xhtml2pdf.document import pisaDocument
from xhtml2pdf.util import apply_text_transform
from xhtml2pdf.xhtml2pdf_reportlab import PmlPageTemplate

from billhook_render_pdf import bounds, cells, counting, fonts, lines, reading, tables
from billhook_render_pdf.wire import Answer, Order, Outcome

SCHEME = "resource:"
STYLE = (
    default.DEFAULT_CSS
    + """
    html { font-family: "Noto Sans"; }
    body { overflow-wrap: break-word; }
"""
)
_REASON = 300  # characters of what the library says
_BROKEN_PICTURE = ("Blocked by the resource policy", "Could not get image", "Error in handling")
"""How the library's warnings begin."""


class Page(pisaContext):
    """xhtml2pdf's state of one page, with our fonts in place of those of the reader's machine."""

    def __init__(self, path: str, *, language: str, capacity: int) -> None:
        super().__init__(path, capacity=capacity)
        self.lang_tag = language
        loaded = fonts.load()
        self.fontList = fonts.named(loaded, default.DEFAULT_FONT)
        self.asianFontList: dict[str, str] = {}
        self.missing: set[str] = set()
        self.uncomposed: set[str] = set()
        self._owes_space = False
        self._chains: dict[tuple[object, ...], list[str]] = {}

    def getFontNames(self, names: object) -> list[str]:
        """The families that a style names and we have, then those that stand in for them."""
        known = super().getFontNames(names) or [fonts.SANS.lower()]
        others = fonts.stand_ins(known[0], self.lang_tag or "")
        return list(dict.fromkeys([*known, *others]))

    def addFrag(self, text: object = "", frag: ParaFrag | None = None) -> None:
        """Add text; xhtml2pdf drops the space between two parts of a line that must not wrap."""
        is_text = isinstance(text, str)
        is_plain = is_text and text and not self.frag.super | self.frag.sub
        if is_plain and self.frag.whiteSpace == "nowrap":
            self._add_unwrapped(apply_text_transform(text, self.frag.textTransform))
            return
        if self._owes_space:
            self._owes_space = False
            self._appendPreservingSpaces(" ", self._plain_fragment())
        super().addFrag(text, frag)

    def _add_unwrapped(self, text: str) -> None:
        words = text.split()
        starts = self._owes_space or text[:1].isspace()
        self._owes_space = bool(self.fragList or words) and text[-1:].isspace()
        if words:
            line = " ".join(["", *words] if starts and self.fragList else words)
            self.text += line
            self._appendPreservingSpaces(line, self._plain_fragment())

    def _plain_fragment(self) -> ParaFrag:
        frag = self.frag.clone(splitLongWords=False, pageNumber=False, pageCount=False)
        frag.fontName = frag.bulletFontName = tt2ps(frag.fontName, frag.bold, frag.italic)
        return frag

    def addPageCount(self) -> None:
        """Ask for a second layout, but not for a number in a head or foot."""
        if not self.frag.insideStaticFrame:
            super().addPageCount()

    def clearFrag(self) -> None:
        super().clearFrag()
        self._owes_space = False

    def _byCoverage(self, frag: ParaFrag) -> list[ParaFrag]:
        """Cut a fragment into runs of one face; called for every fragment of text."""
        text = frag.text
        if not _is_text(frag) or text.isascii():
            return [frag]
        self.uncomposed.update(fonts.UNCOMPOSED.findall(text))
        if any("\u0600" <= char <= "\u06ff" for char in text):
            text = arabic_reshaper.reshape(text)
        parts = []
        for run, face in fonts.runs(text, self._chain(frag), self.missing):
            part = frag.clone()
            part.text = run
            part.fontName = part.bulletFontName = face
            parts.append(part)
        return parts

    def _chain(self, frag: ParaFrag) -> list[str]:
        key = (frag.fontName, frag.bold, frag.italic, *frag.fontFamilies)
        if key not in self._chains:
            families = frag.fontFamilies or self.getFontNames([])
            faces = [tt2ps(family, frag.bold, frag.italic) for family in families]
            self._chains[key] = list(dict.fromkeys([frag.fontName, *faces]))
        return self._chains[key]

    def addPara(self, *, force: bool = False) -> None:
        """Close a paragraph; one without spaces breaks its lines otherwise."""
        if any(lines.is_spaceless(frag.text) for frag in self.fragList if _is_text(frag)):
            self.fragBlock.wordWrap = "CJK"
        super().addPara(force=force)

    def _warn_missing_glyphs(self, text: str, candidates: object) -> None:
        """`missing` says it."""


def _is_text(frag: ParaFrag) -> bool:
    return isinstance(frag.text, str)


def warm() -> None:
    """Load all that a rendering needs, so that forks need not."""
    log = logging.getLogger("xhtml2pdf")
    log.setLevel(logging.WARNING)
    log.propagate = False
    log.addHandler(logging.NullHandler())
    BaseDocTemplate._initArgs["creator"] = "Billhook"
    reportlab_paragraph.cjkFragSplit = lines.broken
    parser.pisaTagTABLE = tables.TableTag
    parser.pisaTagTBODY, parser.pisaTagTFOOT = tables.BodyTag, tables.FootTag
    xhtml2pdf.tables.PmlKeepInFrame = cells.Cell
    document.PmlBaseDoc = counting.CountedDocument
    PmlPageTemplate._paintStaticFrame = counting.paint
    xhtml2pdf.tables._mirror_columns = tables.mirrored
    ttfonts.makeToUnicodeCMap = reading.unicode_map
    mimetypes.init([])  # what Python itself knows; the system's tables are out of a page's reach
    fonts.load()


def print_order(order: Order, folder: Path) -> Answer:
    """Print a page with its resources, in a folder that nobody else uses."""
    places = _unpacked(order, folder)
    refused: dict[str, None] = {}
    pictures = _Pictures()
    logging.getLogger("xhtml2pdf").addHandler(pictures)
    try:
        page = _printed(order, folder, _finder(places, folder, refused))
    except (RenderLimitError, RecursionError) as error:
        is_late = "seconds" in str(error)  # the library has one error for all its limits
        return Answer(outcome=Outcome.TOO_LONG if is_late else Outcome.TOO_DEEP)
    except MemoryError:
        return Answer(outcome=Outcome.TOO_LARGE)
    except Exception as error:  # whatever a page brings the library to, its author is told
        reason = f"{type(error).__name__}: {error}"[:_REASON]
        return Answer(outcome=Outcome.UNPRINTABLE, reason=reason)
    return Answer(
        outcome=Outcome.PRINTED,
        content=page.dest.getvalue(),
        missing="".join(sorted(page.missing)),
        uncomposed="".join(sorted(page.uncomposed)),
        has_broken_picture=pictures.has_broken and not refused,
        refused=tuple(refused),
    )


class _Pictures(logging.Handler):
    """Notes that a picture is left out, which the library only logs."""

    has_broken = False

    def emit(self, record: logging.LogRecord) -> None:
        self.has_broken |= record.getMessage().startswith(_BROKEN_PICTURE)


def _printed(order: Order, folder: Path, find: Callable[[str, object], str]) -> Page:
    tempfile.tempdir = str(folder)
    document.pisaContext = partial(Page, language=order.language)
    policy = ResourceAccessPolicy.server(
        folder / "resources",
        allow_remote=False,
        max_local_bytes=bounds.RESOURCE_BYTES,
        max_image_pixels=bounds.PIXELS,
        max_document_bytes=bounds.HTML_BYTES,
        max_depth=bounds.DEPTH,
        max_render_seconds=bounds.LAYOUT.total_seconds(),
    )
    return pisaDocument(
        order.html,
        BytesIO(),
        path=str(folder / "resources" / "page.html"),
        link_callback=find,
        default_css=STYLE,
        encoding="utf-8",
        context_meta={"title": order.title, "author": order.author},
        resource_policy=policy,
    )


def _unpacked(order: Order, folder: Path) -> dict[str, Path]:
    """Write the resources under names of our own; theirs may be anything."""
    (folder / "resources").mkdir()
    places = {}
    for number, (name, content) in enumerate(order.resources.items()):
        suffix = Path(name).suffix
        place = folder / "resources" / f"{number}{suffix if suffix[1:].isalnum() else ''}"
        place.write_bytes(content)
        places[name] = place
    return places


def _finder(
    places: dict[str, Path], folder: Path, refused: dict[str, None]
) -> Callable[[str, object], str]:
    """Return what turns an address of the page into one that may be read: a resource's, or none."""

    def find(address: str, _base: object) -> str:
        if address.startswith("data:") and len(address) <= bounds.DATA_BYTES * 4 // 3:
            return address
        name = address.removeprefix(SCHEME)
        if name != address and name in places:
            return str(places[name])
        refused[address[:200]] = None
        return str(folder / "resources" / "refused")

    return find
