"""CPU of a document's PDF, against reportlab drawing the same table by itself.

Ours: HTML with head, table, sums and numbered pages through the renderer's own
code, in the process that a printer is forked from. Its floor, in the same run:
reportlab's table of the same texts and fonts on the same paper, with as little
as it takes. Figures are pages of paper a second of CPU time.
"""

import gc
import resource
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import _stage
import pypdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Table, TableStyle

from billhook_render_pdf import printing
from billhook_render_pdf.wire import Order, Outcome

HEAD = ("#", "Description", "Quantity", "Price", "VAT", "Net")
WIDTHS = (7, 45, 10, 13, 9, 16)  # percent
STYLE = """
@page { size: a4;
  @frame body { left: 20mm; top: 20mm; width: 170mm; height: 245mm; }
  @frame foot { -pdf-frame-content: foot; left: 20mm; top: 272mm; width: 170mm; height: 15mm; } }
body { font-family: "Noto Sans"; font-size: 9pt; }
table { width: 100%; }
td, th { padding: 3pt 4pt; vertical-align: top; }
th { border-bottom: 0.8pt solid #0f766e; }
td { border-bottom: 0.3pt solid #d1d5db; }
.n { text-align: right; white-space: nowrap; }
"""


def rows(count: int) -> list[tuple[str, ...]]:
    return [
        (
            str(n),
            f"Consulting, day {n}",
            "8",
            "112.50",
            "19 %",
            f"{n % 9 + 1},{n * 37 % 900 + 100}.00",
        )
        for n in range(1, count + 1)
    ]


def html(lines: list[tuple[str, ...]]) -> bytes:
    head = "".join(
        f'<th style="width: {width}%"{_side(place)}>{text}</th>'
        for place, (text, width) in enumerate(zip(HEAD, WIDTHS, strict=True))
    )
    body = "".join(
        "<tr>" + "".join(f"<td{_side(n)}>{text}</td>" for n, text in enumerate(line)) + "</tr>"
        for line in lines
    )
    return (
        f'<html lang="en"><head><style>{STYLE}</style></head><body>'
        '<div id="foot"><p>Page <pdf:pagenumber/> of <pdf:pagecount/></p></div>'
        "<h1>Invoice 2026-0001</h1><p>Łódź Sp. z o.o.<br/>ul. Piotrkowska 1<br/>90-001 Łódź</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        '<tfoot><tr><td colspan="5" class="n">Payable</td><td class="n">1,234.56</td></tr></tfoot>'
        "</table></body></html>"
    ).encode()


def _side(place: int) -> str:
    return "" if place == 1 else ' class="n"'


def ours(lines: list[tuple[str, ...]]) -> bytes:
    order = Order(html=html(lines), title="Invoice 2026-0001", author="ACME", language="en")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        answer = printing.print_order(order, Path(folder))
    if answer.outcome is not Outcome.PRINTED:
        raise SystemExit(f"The page was not printed: {answer.outcome} {answer.reason}")
    return answer.content


def floor(lines: list[tuple[str, ...]]) -> bytes:
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


def timed(
    make: Callable[[list[tuple[str, ...]]], bytes], lines: int, rounds: int
) -> tuple[float, int]:
    """Return the median CPU seconds of a document, and its pages."""
    texts, found = rows(lines), []
    content = b""
    for _round in range(rounds):
        gc.collect()
        began = time.process_time()
        content = make(texts)
        found.append(time.process_time() - began)
    return sorted(found)[rounds // 2], len(pypdf.PdfReader(BytesIO(content)).pages)


def measure(*, is_quick: bool) -> dict[str, object]:
    printing.warm()
    gc.freeze()
    gc.disable()  # as in a printer
    ours(rows(20))
    floor(rows(20))
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
