"""Heads repeat, feet have company, pages are counted, and a thousand lines are no trouble."""

from io import BytesIO

import pypdf
import pytest

STYLE = """<style>
@page { size: a4;
  @frame body { left: 20mm; top: 20mm; width: 170mm; height: 245mm; }
  @frame foot { -pdf-frame-content: foot; left: 20mm; top: 272mm; width: 170mm; height: 15mm; } }
table { width: 100%; } td { padding: 3pt; border-bottom: 0.3pt solid #ccc; }
</style>"""
FOOT = (
    '<div id="foot"><p>Page <pdf:pagenumber/> of <pdf:pagecount/>'
    ' <a href="https://acme.example">acme</a></p></div>'
)


def invoice(count: int, *, before: str = "") -> str:
    rows = "".join(f"<tr><td>Line {n:05d}</td><td>{n}.00</td></tr>" for n in range(1, count + 1))
    return (
        f"{STYLE}{FOOT}{before}<table><thead><tr><th>Description</th><th>Net</th></tr></thead>"
        f"<tbody>{rows}</tbody><tfoot><tr><td>Net</td><td>1.00</td></tr>"
        "<tr><td>Payable</td><td>1.20</td></tr></tfoot></table>"
    )


@pytest.mark.parametrize("count", [1, 2, 3, *range(30, 42), 75, 76, 77, 78])
def test_totals_are_never_alone_on_a_page(texts, count):
    pages = texts(invoice(count))
    last = pages[-1]
    assert "Payable" in last
    assert "Net\n1.00" in last
    assert all(f"Line {n:05d}" in last for n in range(max(count - 1, 1), count + 1))
    assert all("Description" in page for page in pages)


@pytest.mark.parametrize("count", [40, 200])
def test_every_line_is_printed_once_and_in_order(texts, count):
    text = "\n".join(texts(invoice(count)))
    assert [int(word) for word in text.split() if len(word) == 5 and word.isdigit()] == list(
        range(1, count + 1)
    )


def test_pages_are_counted(texts):
    pages = texts(invoice(200))
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page


def test_links_of_a_foot_are_on_its_own_page(rendered):
    sheets = pypdf.PdfReader(BytesIO(rendered(invoice(100)).content)).pages
    assert [len(sheet.get("/Annots", [])) for sheet in sheets] == [1] * len(sheets)


def test_the_number_of_pages_may_stand_in_the_text_itself(texts):
    pages = texts(invoice(100, before="<p>This invoice has <pdf:pagecount/> pages.</p>"))
    assert f"This invoice has {len(pages)} pages." in pages[0]


@pytest.mark.parametrize("count", range(33, 38))
def test_rows_that_belong_together_are_on_one_page(texts, count):
    rows = "".join(f"<tr><td>Line {n}</td></tr>" for n in range(count))
    together = '<tbody class="together"><tr><td>Section</td></tr><tr><td>First</td></tr></tbody>'
    pages = texts(
        f"{STYLE}<table><tbody>{rows}</tbody>{together}<tfoot><tr><td>Sum</td></tr></tfoot></table>"
    )
    (page,) = [page for page in pages if "Section" in page]
    assert "First" in page


def test_a_row_higher_than_a_page_goes_on_on_the_next(texts):
    words = " ".join(f"w{n}" for n in range(4000))
    pages = texts(
        f"{STYLE}<table><thead><tr><th>Head</th></tr></thead><tbody><tr><td>{words}</td></tr></tbody>"
        "<tfoot><tr><td>Sum</td></tr></tfoot></table>"
    )
    read = " ".join(pages).split()
    assert [word for word in read if word[0] == "w"] == words.split()
    assert "Sum" in pages[-1]


def test_a_thousand_lines_are_printed(texts):
    pages = texts(invoice(1000))
    assert "Line 00001" in pages[0]
    assert "Line 01000" in pages[-1]


def test_a_mark_is_on_every_page(texts):
    mark = '<div style="position: fixed; z-index: -1; top: 110mm; left: 0">DRAFT</div>'
    pages = texts(mark + invoice(100))
    assert all("DRAFT" in page for page in pages)


def test_what_does_not_wrap_breaks_where_it_is_told_to(texts):
    cell = '<td style="white-space: nowrap">5 %<br/>9.975 %</td>'
    (page,) = texts(f"{STYLE}<table><tr>{cell}</tr></table>")
    assert "5 %\n9.975 %" in page
