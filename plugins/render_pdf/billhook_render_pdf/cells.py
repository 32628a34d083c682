"""The cell of a table, laid out once: xhtml2pdf measures it, measures it again and draws it.

A table of a thousand lines is made of some ten thousand of them.
"""

from collections.abc import Iterator
from typing import Any

from xhtml2pdf.xhtml2pdf_reportlab import PmlKeepInFrame, PmlParagraph

_FUZZ = 1e-6  # points; the library's own tolerance
_UNBOUNDED = 0xFFFFFFF


class Cell(PmlKeepInFrame):
    """A cell that keeps its layout where it holds nothing but text, in place of xhtml2pdf's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._is_plain = all(map(_is_plain, self._content))
        self._laid_out: tuple[float, float, float, tuple[float, ...]] | None = None

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        """Measure; content that is wider or higher than the cell is left to the library to shrink."""
        if self._is_plain:
            if self._laid_out is None or self._laid_out[0] != availWidth:
                self._laid_out = self._layout(availWidth)
            _available, width, height, _tops = self._laid_out
            if width <= availWidth + _FUZZ and height <= availHeight + _FUZZ:
                self._scale = 1.0
                self.width, self.height = width - _FUZZ, height - _FUZZ
                return self.width, self.height
        self._laid_out = None
        wrapped: tuple[float, float] = super().wrap(availWidth, availHeight)
        return wrapped

    def drawOn(self, canv: Any, x: float, y: float, _sW: float = 0) -> None:
        if self._laid_out is None:
            super().drawOn(canv, x, y, _sW)
            return
        x = self._hAlignAdjust(x, _sW)
        for paragraph, bottom in zip(self._content, self._laid_out[3], strict=True):
            if bottom >= 0:
                paragraph.drawOn(canv, x, y + self.height - bottom)

    def _layout(self, width: float) -> tuple[float, float, float, tuple[float, ...]]:
        """Return the width on offer, that in use, the height, and each paragraph's lower edge."""
        used = depth = after = 0.0
        bottoms = []
        for paragraph, (wide, high) in self._measured(width):
            if high <= _FUZZ:
                bottoms.append(-1.0)
                continue
            if depth:
                depth += max(paragraph.getSpaceBefore(), after)
            depth += high
            after = paragraph.getSpaceAfter()
            used = max(used, min(wide, width))
            bottoms.append(depth)
        return width, used, depth, tuple(bottoms)

    def _measured(self, width: float) -> Iterator[tuple[Any, tuple[float, float]]]:
        for paragraph in self._content:
            yield paragraph, paragraph.wrapOn(self.canv, width, _UNBOUNDED)


def _is_plain(flowable: Any) -> bool:
    """Tell a paragraph of text: no picture, no box, and no number that depends on the page."""
    return type(flowable) is PmlParagraph and all(
        isinstance(fragment.text, str) and not hasattr(fragment, "cbDefn")
        for fragment in flowable.frags
    )
