"""CPU of a document's PDF, against reportlab drawing the same table by itself.

Ours: an invoice's texts, the default theme's markup and the renderer's own code, as
in a printer but for the fork. Its floor, in the same run: reportlab's table of the
same lines in the same fonts on the same paper, with as little as it takes. Rates are
pages of paper a second of CPU time, at 1,000 lines.
"""

import gc
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from uuid import UUID

import _stage
import pypdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Table, TableStyle

from billhook.domain.brands import Brand, Sender, Template
from billhook.domain.documents import BaseCurrency, Document, DocumentLine, PartySnapshot
from billhook.domain.parties import Address, Party
from billhook.domain.publications import Publication, Stage
from billhook.domain.states import DocumentType
from billhook.domain.tax import TaxComponent, TaxTreatment
from billhook.domain.totals import TaxGroup
from billhook.plugins.themes import Themes
from billhook.services.presenting import present
from billhook_render_pdf import printing
from billhook_render_pdf.wire import Order, Outcome

HEAD = ("Pos.", "Description", "Quantity", "Unit price", "Tax", "Amount (EUR)")
WIDTHS = (7, 43, 11, 14, 9, 16)  # percent
THEMES = Themes()
DAY = date(2026, 11, 20)
PRICE = Decimal("112.50")
VAT = TaxTreatment(
    components=(TaxComponent(tax="VAT", country="DE", rate=Decimal(19)),), category="S"
)
BRAND = Brand(
    id=UUID(int=6),
    code="default",
    name="ACME",
    theme="default",
    renderer="render_pdf.xhtml2pdf",
    sender=Sender(name="ACME", email="billing@acme.example"),
)


def publication(count: int) -> Publication:
    """Make an invoice of so many lines."""
    lines = tuple(
        DocumentLine(
            line_no=number,
            description=f"Consulting, day {number}",
            quantity=Decimal(number % 9 + 1),
            unit_price=PRICE,
            net=11250 * (number % 9 + 1),
            group_no=0,
            supplied_on=DAY,
        )
        for number in range(1, count + 1)
    )
    net = sum(line.net for line in lines)
    tax = net * 19 // 100
    document = Document(
        id=UUID(int=9),
        type=DocumentType.INVOICE,
        customer_id=UUID(int=8),
        payer_id=UUID(int=8),
        seller=_party("ACME GmbH"),
        buyer=_party("Łódź GmbH"),
        currency="EUR",
        issue_on=DAY,
        due_on=DAY,
        language="en",
        lines=lines,
        groups=(TaxGroup(treatment=VAT, net=net, tax=tax, component_taxes=(tax,)),),
        net=net,
        tax=tax,
        gross=net + tax,
        payable=net + tax,
        base=BaseCurrency(currency="EUR", rate=Decimal(1), rate_on=DAY, source=""),
    )
    template = Template(document_type=DocumentType.INVOICE)
    return Publication(
        document=document, number="INV-1", stage=Stage.ISSUED, brand=BRAND, template=template
    )


def _party(name: str) -> PartySnapshot:
    address = Address(country="DE", street="Hauptstr. 1", postal_code="10115", city="Berlin")
    return PartySnapshot(id=UUID(int=5), party=Party(name=name, address=address), salt=bytes(16))


def ours(published: Publication) -> bytes:
    view = present(published)
    theme = THEMES.get("default")
    resources = theme.resources()
    order = Order(
        html=theme.document_html(view, BRAND, resources).encode(),
        resources=resources,
        title=f"{view.title} {view.number}",
        author=view.seller.name,
        language=view.language,
    )
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        answer = printing.print_order(order, Path(folder))
    if answer.outcome is not Outcome.PRINTED:
        raise SystemExit(f"The page was not printed: {answer.outcome} {answer.reason}")
    return answer.content


def texts(published: Publication) -> list[tuple[str, ...]]:
    """Return what the same table says."""
    return [
        (
            str(line.line_no),
            line.description,
            str(line.quantity),
            str(line.unit_price),
            "19 %",
            f"{line.net / 100:,.2f}",
        )
        for line in published.document.lines
    ]


def floor(published: Publication) -> bytes:
    lines = texts(published)
    width, face = 170 * mm, "NotoSans_400Regular"
    style = [
        ("FONT", (0, 0), (-1, -1), face, 9, 11),
        ("FONT", (0, 0), (-1, 0), "NotoSans_700Bold", 9, 11),
        ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, "#d1d5db"),
    ]
    table = Table(
        [HEAD, *lines, ("", "", "", "", "Payable", "1,234.56")],
        colWidths=[width * share / 100 for share in WIDTHS],
        repeatRows=1,
        style=TableStyle(style),
    )
    file = BytesIO()
    SimpleDocTemplate(
        file, pagesize=A4, leftMargin=20 * mm, topMargin=20 * mm, bottomMargin=32 * mm
    ).build([table])
    return file.getvalue()


def timed(make: Callable[[Publication], bytes], lines: int, rounds: int) -> tuple[float, int]:
    """Return the median CPU seconds of a document, and its pages."""
    published, found, content = publication(lines), [], b""
    for _round in range(rounds):
        gc.collect()
        began = time.process_time()
        content = make(published)
        found.append(time.process_time() - began)
    return sorted(found)[rounds // 2], len(pypdf.PdfReader(BytesIO(content)).pages)


def measure(*, is_quick: bool) -> dict[str, object]:
    printing.warm()
    gc.freeze()
    gc.disable()  # as in a printer
    ours(publication(20))
    floor(publication(20))
    short, short_floor = timed(ours, 15, 9), timed(floor, 15, 9)
    long, long_floor = timed(ours, 1000, 3), timed(floor, 1000, 3)
    figures: dict[str, object] = {
        "ratio": round((long[1] / long[0]) / (long_floor[1] / long_floor[0]), 3),
        "rate": round(long[1] / long[0], 1),
        "floor_rate": round(long_floor[1] / long_floor[0], 1),
        "seconds_1000_lines": round(long[0], 2),
        "seconds_1000_lines_floor": round(long_floor[0], 2),
        "seconds_15_lines": round(short[0], 3),
        "seconds_15_lines_floor": round(short_floor[0], 3),
    }
    if not is_quick:
        figures["seconds_5000_lines"] = round(timed(ours, 5000, 1)[0], 2)
        figures["memory_5000_lines_mb"] = (
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        )
    return figures


if __name__ == "__main__":
    options = _stage.arguments(__doc__ or "")
    _stage.show(measure(is_quick=options.quick), as_json=options.json)
