"""The renderer: pages become orders, answers become files or problems."""

import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from os import cpu_count

from billhook.errors import Rejected, Retryable
from billhook.problems import Problem, Severity
from billhook.sdk.context import Context
from billhook.sdk.providers import Page, Rendered
from billhook_render_pdf import bounds, fonts, ordering
from billhook_render_pdf.texts import gettext as _
from billhook_render_pdf.wire import Answer, Gone, Order, Outcome

_NAMED = 20
"""How many characters or addresses a message names."""


class PdfRenderer:
    """Renders pages by xhtml2pdf, in a process that can do nothing else."""

    key = "render_pdf.xhtml2pdf"
    content_type = "application/pdf"
    extension = "pdf"

    def __init__(self, ctx: Context) -> None:
        pass

    def render(self, pages: Sequence[Page]) -> Sequence[Rendered]:
        """Raises Rejected where a page is over its bounds, Retryable where printing is not possible now."""
        if not fonts.is_installed():
            raise Retryable(_no_fonts(), after=timedelta(hours=1))
        orders = [_order(page) for page in pages]
        with ThreadPoolExecutor(max_workers=cpu_count()) as pool:
            return [_rendered(answer) for answer in pool.map(_answer, orders)]


def _order(page: Page) -> Order:
    """Raises Rejected."""
    html = page.html.encode()
    if len(html) > bounds.HTML_BYTES:
        raise Rejected([_too_large()])
    if sum(map(len, page.resources.values())) > bounds.RESOURCE_BYTES:
        raise Rejected([_resources_too_large()])
    return Order(
        html=html,
        resources=page.resources,
        title=f"{page.view.title} {page.view.number}".strip(),
        author=page.view.seller.name,
        language=page.view.language,
    )


def _answer(order: Order) -> Answer:
    """Raises Retryable."""
    try:
        return ordering.printed(order)
    except (Gone, TimeoutError) as error:
        raise Retryable(_("The process that makes PDFs was ended. It is tried again.")) from error
    except ordering.NoKeeper as error:
        text = _("The process that makes PDFs cannot be started: %(reason)s", reason=str(error))
        raise Retryable(text) from error


def _rendered(answer: Answer) -> Rendered:
    """Raises Rejected."""
    match answer.outcome:
        case Outcome.PRINTED:
            return Rendered(content=answer.content, problems=tuple(_imperfections(answer)))
        case Outcome.TOO_LONG | Outcome.TOO_LARGE:
            raise Rejected([_too_large()])
        case Outcome.TOO_DEEP:
            raise Rejected([_too_deep()])
        case Outcome.UNPRINTABLE:
            raise Rejected([_unprintable(answer.reason)])


def _imperfections(answer: Answer) -> list[Problem]:
    found = []
    if answer.missing:
        found.append(_missing(answer.missing))
    if answer.uncomposed:
        found.append(_uncomposed(answer.uncomposed))
    if answer.refused:
        found.append(_refused(answer.refused))
    if answer.has_broken_picture:
        found.append(_broken_picture())
    return found


def _missing(characters: str) -> Problem:
    return Problem(
        code="render_pdf.characters_missing",
        severity=Severity.WARNING,
        message=_(
            "The PDF shows a box in place of %(count)s characters that its fonts do not have: "
            "%(characters)s. Write them in another script.",
            count=len(characters),
            characters=_named(characters),
        ),
    )


def _uncomposed(characters: str) -> Problem:
    return Problem(
        code="render_pdf.characters_uncomposed",
        severity=Severity.WARNING,
        message=_(
            "The PDF shows letters side by side that their script joins: %(characters)s. "
            "Have a reader of the script look at it, or write them in another one.",
            characters=_named(characters),
        ),
    )


def _named(characters: str) -> str:
    named = [
        f"{char} (U+{ord(char):04X} {unicodedata.name(char, 'unnamed')})"
        for char in characters[:_NAMED]
    ]
    return _listed(named, len(characters))


def _broken_picture() -> Problem:
    return Problem(
        code="render_pdf.picture_unreadable",
        severity=Severity.WARNING,
        message=_(
            "A picture of the page cannot be read, and the PDF is without it. "
            "Use PNG, JPEG or SVG, of at most %(megapixels)s megapixels.",
            megapixels=bounds.PIXELS // 1_000_000,
        ),
    )


def _refused(addresses: tuple[str, ...]) -> Problem:
    return Problem(
        code="render_pdf.address_refused",
        severity=Severity.WARNING,
        message=_(
            "The page names what it may not load, and the PDF is without it: %(addresses)s. "
            "Give it to the theme as a file, and name it as “resource:…”.",
            addresses=_listed(list(addresses[:_NAMED]), len(addresses)),
        ),
    )


def _listed(named: list[str], count: int) -> str:
    return ", ".join(named) + (", …" if count > len(named) else "")


def _too_large() -> Problem:
    return Problem(
        code="render_pdf.page_too_large",
        message=_(
            "The PDF would take more than the %(seconds)s seconds or %(megabytes)s MB that one "
            "may take. Send the lines as CSV or XLSX, or split the document.",
            seconds=int(bounds.CPU.total_seconds()),
            megabytes=bounds.MEMORY_BYTES // bounds.MB,
        ),
    )


def _resources_too_large() -> Problem:
    return Problem(
        code="render_pdf.resources_too_large",
        message=_(
            "The pictures of the page take more than %(megabytes)s MB together. Use a smaller logo.",
            megabytes=bounds.RESOURCE_BYTES // bounds.MB,
        ),
    )


def _too_deep() -> Problem:
    return Problem(
        code="render_pdf.page_too_deep",
        message=_(
            "The page has elements within elements, more than %(depth)s deep. Simplify the theme.",
            depth=bounds.DEPTH,
        ),
    )


def _unprintable(reason: str) -> Problem:
    return Problem(
        code="render_pdf.page_unprintable",
        message=_(
            "The page cannot be laid out: %(reason)s. Choose another theme or template, or "
            "correct the theme's markup.",
            reason=reason or _("no reason was given"),
        ),
    )


def _no_fonts() -> str:
    return _(
        "The fonts for PDFs are not installed. Run bin/demo or bin/billhook with access to npm's "
        "packages, so that the set-up fetches them into %(folder)s.",
        folder=str(fonts.FOLDER),
    )
