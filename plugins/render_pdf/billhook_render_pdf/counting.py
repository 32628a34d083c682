"""“Page 1 of 3” without laying everything out twice.

How many pages there are is known once all are laid out. xhtml2pdf then begins
anew with what it learned; but in a head or foot the number moves nothing else.
So a frame that shows it is drawn last, into a form that its page already names.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reportlab.platypus.tables import Table
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc, PmlPageTemplate

_paint_now = PmlPageTemplate._paintStaticFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """A frame that is drawn when the pages are counted."""

    form: str
    page: int
    template: PmlPageTemplate
    frame: Any
    renumber: Callable[[object], None]


class CountedDocument(PmlBaseDoc):
    """Draws the postponed frames before it is saved."""

    postponed: list[Postponed]

    def beforeDocument(self) -> None:
        super().beforeDocument()
        self.postponed = []

    def _endBuild(self) -> None:
        saves, self._doSave = getattr(self, "_doSave", 1), 0
        super()._endBuild()
        self._page_count = len(self.canv._doc.Pages.pages)
        self.canv._doctemplate = self
        for each in self.postponed:
            self._draw(each)
        del self.canv._doctemplate
        if saves:
            self.canv.save()
        self._doSave = saves

    def _draw(self, postponed: Postponed) -> None:
        """Draw a frame; its links belong to the page, since a form has none."""
        canvas = self.canv
        width, height = postponed.template.pagesize
        canvas.beginForm(postponed.form, upperx=width, uppery=height)
        _paint_now(postponed.template, postponed.frame, canvas, postponed.renumber)
        links, canvas._annotationrefs = canvas._annotationrefs, []
        canvas.endForm()
        canvas._doc.Pages.pages[postponed.page - 1].Annots.extend(links)


def paint(template: PmlPageTemplate, frame: Any, canvas: Any, renumber: Any) -> None:
    """Draw a static frame, or postpone it; in place of xhtml2pdf's method."""
    document = canvas._doctemplate
    if not any(fragment.pageCount for fragment in _fragments(frame.pisaStaticStory)):
        _paint_now(template, frame, canvas, renumber)
        return
    form = f"frame-{len(document.postponed)}"
    canvas.doForm(form)
    document.postponed.append(
        Postponed(form=form, page=document.page, template=template, frame=frame, renumber=renumber)
    )


def _fragments(story: Iterable[Any]) -> Iterator[Any]:
    """Yield the fragments of text that xhtml2pdf would renumber."""
    for flowable in story:
        if isinstance(flowable, list | tuple):
            yield from _fragments(flowable)
        elif isinstance(flowable, Table):
            yield from _fragments(flowable._cellvalues)
        else:
            yield from getattr(flowable, "frags", ())
